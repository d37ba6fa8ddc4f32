"""Read a guest: its facts, or why they could not be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cvmimg.guest.access import GuestAccess
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.facts import GuestFacts, read_answer
from cvmimg.guest.packing import Garbled, unpacked
from cvmimg.guest.script import load
from cvmimg.guest.text import shown

_HEADER = re.compile(rb"cvmimg-part (\d{1,9}) (\d{1,10}) (\d{1,9})\r?\n([^\r\n]*)\r?\ncvmimg-end")
_PATIENCE = 3
"""How often to begin again when the guest changes while its answer is fetched in parts."""


@dataclass(frozen=True)
class GuestUnreadable:
    """Why a guest could not be read.

    Attributes:
        reason: which case it is.
        why: the same in words.
    """

    reason: Reason
    why: str


def read_guest(access: GuestAccess) -> GuestFacts | GuestUnreadable:
    """Run ``inspect.sh`` and read what it gathered.

    Raises:
        CvmimgError: the cloud could not be asked at all.
    """
    try:
        return read_answer(_fetch(access))
    except GuestUnreachable as error:
        return GuestUnreadable(error.reason, error.message)
    except Garbled as error:
        return GuestUnreadable(Reason.GARBLED, str(error))


def _fetch(access: GuestAccess) -> bytes:
    for _ in range(_PATIENCE):
        whole = _fetch_once(access)
        if whole is not None:
            return unpacked(whole)
    raise GuestUnreachable("the guest changes faster than it can be looked at", Reason.GARBLED)


def _fetch_once(access: GuestAccess) -> bytes | None:
    """All parts of one answer; None if the guest changed meanwhile."""
    fetched = b""
    mark: tuple[bytes, bytes] | None = None
    while mark is None or len(fetched) < int(mark[0]):
        total, checksum, part = _fetch_part(access, len(fetched))
        if mark not in (None, (total, checksum)) or not part:
            return None
        mark = (total, checksum)
        fetched += part
    return fetched if len(fetched) == int(mark[0]) else None


def _fetch_part(access: GuestAccess, offset: int) -> tuple[bytes, bytes, bytes]:
    result = access.run(load("inspect"), {"offset": str(offset)})
    match = _HEADER.search(result.output)
    if match is None or int(match[3]) != offset:
        raise GuestUnreachable(
            f"the guest answered something else (exit code {result.exit_code}):"
            f" {shown(result.output[:200])}",
            Reason.GARBLED,
        )
    return match[1], match[2], match[4]
