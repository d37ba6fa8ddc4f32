"""Looking into a guest: the facts, or why they cannot be had."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cvmimg.guest.access import Channel, GuestUnreachable, Reason
from cvmimg.guest.facts import GuestFacts, read_answer
from cvmimg.guest.packing import Garbled, unpacked
from cvmimg.guest.script import load
from cvmimg.guest.text import shown

_HEADER = re.compile(rb"cvmimg-part (\d{1,9}) (\d{1,10}) (\d{1,9})\r?\n([^\r\n]*)\r?\ncvmimg-end")
_PATIENCE = 3
"""How often to begin again when the guest changes while its answer is fetched in parts."""


@dataclass(frozen=True)
class NotSeen:
    """Why a guest could not be looked into.

    Attributes:
        reason: which case it is.
        why: the same in words.
    """

    reason: Reason
    why: str


def look(channel: Channel) -> GuestFacts | NotSeen:
    """Run ``inspect.sh`` and read what it gathered.

    Raises:
        CvmimgError: the cloud could not be asked at all.
    """
    try:
        return read_answer(_fetch(channel))
    except GuestUnreachable as error:
        return NotSeen(error.reason, error.message)
    except Garbled as error:
        return NotSeen(Reason.GARBLED, str(error))


def _fetch(channel: Channel) -> bytes:
    for _ in range(_PATIENCE):
        whole = _fetch_once(channel)
        if whole is not None:
            return unpacked(whole)
    raise GuestUnreachable("the guest changes faster than it can be looked at", Reason.GARBLED)


def _fetch_once(channel: Channel) -> bytes | None:
    """All parts of one answer; None if the guest changed meanwhile."""
    fetched = b""
    mark: tuple[bytes, bytes] | None = None
    while mark is None or len(fetched) < int(mark[0]):
        total, checksum, part = _fetch_part(channel, len(fetched))
        if mark not in (None, (total, checksum)) or not part:
            return None
        mark = (total, checksum)
        fetched += part
    return fetched if len(fetched) == int(mark[0]) else None


def _fetch_part(channel: Channel, offset: int) -> tuple[bytes, bytes, bytes]:
    result = channel.run(load("inspect"), {"offset": str(offset)})
    match = _HEADER.search(result.output)
    if match is None or int(match[3]) != offset:
        raise GuestUnreachable(
            f"the guest answered something else (exit code {result.exit_code}):"
            f" {shown(result.output[:200])}",
            Reason.GARBLED,
        )
    return match[1], match[2], match[4]
