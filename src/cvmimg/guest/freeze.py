"""Freezing file systems for the moment in which snapshots are started."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence

from cvmimg.errors import PreconditionFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.answer import run_script
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab.devices import CloudDisk, Devices
from cvmimg.guest.script import load
from cvmimg.guest.text import shown

_THAWS_BY_ITSELF_SECONDS = 120


def mount_points_on(facts: GuestFacts, cloud_disks: Iterable[CloudDisk]) -> tuple[str, ...]:
    """Where file systems on the data disks among ``cloud_disks`` are mounted now.

    The system disk's are left out: a guest with a frozen root cannot thaw itself.
    """
    disks = list(cloud_disks)
    devices = Devices(facts, disks)
    found = []
    for target, names in devices.data_mounts():
        lying_on = [devices.cloud_disk(name) for name in names]
        if lying_on and all(disk is not None and not disk.is_system for disk in lying_on):
            found.append(target)
    return tuple(dict.fromkeys(found))


def freeze(access: GuestAccess, targets: Sequence[str], owner: str) -> None:  # noqa: ARG001
    """Write out and freeze the file systems at ``targets``; harmless if they are frozen.

    Raises:
        PreconditionFailed: one cannot be frozen; all are thawed again.
        GuestUnreachable: the guest could not be asked.
    """
    parameters = {"targets": _words(targets), "seconds": str(_THAWS_BY_ITSELF_SECONDS)}
    answer = run_script(access, load("freeze"), parameters)
    if answer.get("state") != b"frozen":
        why = shown(answer.get("why", b"it gave no reason"))
        raise PreconditionFailed(
            f"the file systems could not be frozen: {why}",
            code="FreezeRefused",
            hint="leave --freeze out, or stop what writes there first",
        )


def thaw(access: GuestAccess, targets: Sequence[str], owner: str) -> bool:  # noqa: ARG001
    """Thaw the file systems at ``targets``; return whether all were still frozen.

    Raises:
        GuestUnreachable: the guest could not be asked; they thaw by themselves after a while.
    """
    answer = run_script(access, load("thaw"), {"targets": _words(targets)})
    return answer.get("held") == b"yes"


def _words(targets: Sequence[str]) -> str:
    return ",".join(
        base64.b64encode(target.encode("utf-8", "surrogateescape")).decode() for target in targets
    )
