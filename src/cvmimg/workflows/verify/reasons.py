"""Why a new instance fails, as far as the instance that the image was created from shows it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cvmimg.checks.facts import CheckRequest
from cvmimg.checks.registry import CHECKS
from cvmimg.checks.result import Status
from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import SOURCE_TAG
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, Interrupted
from cvmimg.guest.read import GuestUnreadable
from cvmimg.message import Message
from cvmimg.workflows.check import check
from cvmimg.workflows.launch.data_disks import image_disks
from cvmimg.workflows.verify.probes import ProbeResult
from cvmimg.workflows.verify.request import BOOTING

_EXPLAINS = {
    **dict.fromkeys((*BOOTING, "fstab"), ("fstab", "boot")),
    **dict.fromkeys(("cloud-init", "identity"), ("identity",)),
}
"""By probe, the checks and groups of checks that explain its failure."""
_CHECK_SECONDS = 300.0


def likely_reasons(session: Session, image: Image, probes: Sequence[ProbeResult]) -> list[Message]:
    """Return what the checks of the source find wrong that explains the probes that failed.

    Calls what ``check`` calls. Empty where the source is not known or cannot be checked.

    Raises:
        Interrupted: a stop was requested.
    """
    failed = [probe.id for probe in probes if probe.failed]
    wanted = {name for probe in failed for name in _EXPLAINS.get(probe, ())}
    source_id = image.tag_map.get(SOURCE_TAG, "")
    if not source_id or not wanted:
        return []
    try:
        return _check(session, image, source_id, wanted)
    except CvmimgError as error:
        if isinstance(error, Interrupted) or locked_out(error.code):
            raise
        return []


def _check(
    session: Session, image: Image, source_id: str, wanted: Collection[str]
) -> list[Message]:
    included = tuple(disk.disk_id for disk in image_disks(session.cloud, image) if disk.disk_id)
    request = CheckRequest(source_id, data_disk_ids=included, command_line=session.command_line)
    skip = [each.id for each in CHECKS if not each.is_in(wanted)]
    deadline = Deadline(session.clock, _CHECK_SECONDS)
    facts, results = check(session, request, skip=skip, deadline=deadline)
    if isinstance(facts.guest, GuestUnreadable):
        return []
    found = sorted(
        (one for one in results if one.status in (Status.FAIL, Status.WARN) or one.is_notice),
        key=lambda one: one.status is not Status.FAIL,
    )
    return [
        Message("check.summary", check=one.id, summary=line)
        for one in found
        for line in (one.summary, *one.details)
    ]
