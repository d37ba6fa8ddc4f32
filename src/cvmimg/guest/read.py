"""Read a guest: its facts, or why they could not be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cvmimg.cloud.client import Cloud
from cvmimg.cloud.limits import PAGE_SIZE
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.facts import GuestFacts, parse_facts
from cvmimg.guest.packing import Garbled, unpack
from cvmimg.guest.script import WINDOWS_SCRIPT, ScriptOutput, load
from cvmimg.guest.tat import run_in_all
from cvmimg.guest.text import shown
from cvmimg.message import Message

_PART = re.compile(rb"cvmimg-part (\d{1,9}) (\d{1,10}) (\d{1,9})\r?\n([^\r\n]*)")
_SIZES = (20_000, 10_000, 5_000)
"""Characters of a part: the first fits the agent's output, the others leave room for noise."""
_WINDOWS_SECONDS = 120
"""PowerShell alone takes seconds to start."""
_ATTEMPTS = 3
"""How often to start over when the guest changes while its answer is fetched in parts."""


@dataclass(frozen=True)
class GuestUnreadable:
    """Why a guest could not be read.

    Attributes:
        reason: which case it is.
        message: the details.
    """

    reason: Reason
    message: Message


def read_first_parts(cloud: Cloud, instance_ids: Sequence[str]) -> dict[str, ScriptOutput]:
    """Run ``inspect.sh`` in several guests with one call, for ``read_guest``; as ``run_in_all``."""
    outputs: dict[str, ScriptOutput] = {}
    for start in range(0, len(instance_ids), PAGE_SIZE):
        ids = instance_ids[start : start + PAGE_SIZE]
        outputs |= run_in_all(cloud, ids, load("inspect"), _part_parameters(0, _SIZES[0]))
    return outputs


def read_guest(
    access: GuestAccess, first: ScriptOutput | None = None
) -> GuestFacts | GuestUnreadable:
    """Run ``inspect.sh`` in the guest and parse what it gathered.

    Args:
        access: runs the script.
        first: the output of its first run, if ``read_first_parts`` has run it.

    Raises:
        CvmimgError: the cloud could not be queried at all.
    """
    try:
        return parse_facts(_fetch(access, first))
    except GuestUnreachable as error:
        return GuestUnreadable(error.reason, error.message)
    except Garbled:
        return GuestUnreadable(Reason.GARBLED, Message("GuestAnswerMalformed"))


def read_windows(access: GuestAccess, services: Sequence[str]) -> GuestFacts | GuestUnreadable:
    """Run ``windows.ps1`` in a guest that runs Windows and parse what it gathered.

    Args:
        access: runs scripts in the guest.
        services: the names of the services to read; every Windows has some of them.

    Raises:
        CvmimgError: the cloud could not be queried at all.
    """
    parameters = {"services": ",".join(services)}
    try:
        output = access.run(load(WINDOWS_SCRIPT), parameters, timeout_seconds=_WINDOWS_SECONDS)
        if output.answer is None:
            raise _unusable(output)
        facts = parse_facts(unpack(output.answer.strip()))
        if not facts.seen("service"):  # the registry could not be read
            raise _unusable(output)
        return facts
    except GuestUnreachable as error:
        return GuestUnreadable(error.reason, error.message)
    except Garbled:
        return GuestUnreadable(Reason.GARBLED, Message("GuestAnswerMalformed"))


def _fetch(access: GuestAccess, first: ScriptOutput | None) -> bytes:
    """Fetch the whole answer, which has a length and a checksum, in parts."""
    part = _Parts(access, first)
    for _ in range(_ATTEMPTS):
        whole = part.fetch()
        if whole is not None:
            return unpack(whole)
    raise GuestUnreachable(Message("GuestKeepsChanging"), Reason.GARBLED)


class _Parts:
    """Fetches an answer in parts, of a size that arrives complete."""

    def __init__(self, access: GuestAccess, first: ScriptOutput | None) -> None:
        self._access = access
        self._first = first
        self._sizes = iter(_SIZES)
        self._size = next(self._sizes)

    def fetch(self) -> bytes | None:
        """Return all parts of one answer; None if the guest changed meanwhile."""
        fetched = b""
        identity: tuple[bytes, bytes] | None = None
        while identity is None or len(fetched) < int(identity[0]):
            total, checksum, part = self._fetch_part(len(fetched))
            if identity not in (None, (total, checksum)) or not part:
                return None
            identity = (total, checksum)
            fetched += part
        return fetched if len(fetched) == int(identity[0]) else None

    def _fetch_part(self, offset: int) -> tuple[bytes, bytes, bytes]:
        while True:
            output, self._first = self._first or self._run(offset), None
            match = _PART.search(output.answer or b"")
            if match is not None and int(match[3]) == offset:
                return match[1], match[2], match[4]
            self._size = next(self._sizes, 0) if output.is_truncated else 0
            if not self._size:
                raise _unusable(output)

    def _run(self, offset: int) -> ScriptOutput:
        return self._access.run(load("inspect"), _part_parameters(offset, self._size))


def _part_parameters(offset: int, size: int) -> dict[str, str]:
    return {"offset": str(offset), "size": str(size)}


def _unusable(output: ScriptOutput) -> GuestUnreachable:
    if output.is_truncated:
        message = Message("GuestAnswerIncomplete", script="inspect", dropped=output.dropped)
    else:
        message = Message(
            "GuestAnsweredOtherwise",
            exit_code=output.exit_code,
            output=shown(output.output[:200]),
        )
    return GuestUnreachable(message, Reason.GARBLED)
