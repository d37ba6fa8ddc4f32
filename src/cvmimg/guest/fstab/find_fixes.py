"""Find what operations have left in a guest, for a machine that does not have their journal."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cvmimg.errors import TaskFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.answer import run_script, text_of
from cvmimg.guest.fstab.fix import FixPlan, UnitFix, attempt_number
from cvmimg.guest.fstab.lines import MARK, Entry, comment_out, parse
from cvmimg.guest.packing import digest
from cvmimg.guest.script import load
from cvmimg.guest.text import decoded
from cvmimg.message import Message

LAST_ATTEMPT = 999_999
"""An attempt that is higher than that of any script of the same run that may be delivered yet."""
_ANY = "any"
_ORIGINAL = "original:"
_UNIT = re.compile(r"([a-z0-9-]+) ([A-Za-z0-9+/=]+) ([0-9a-f]{64})")


@dataclass(frozen=True)
class GuestTraces:
    """What operations have left in a guest.

    Attributes:
        fixes: by operation, what it has changed of fstab, units and settings; may be incomplete.
        frozen_by: the operation whose freeze is in force; empty if there is none.
    """

    fixes: dict[str, FixPlan]
    frozen_by: str = ""


def find_traces(access: GuestAccess, operation: str = "") -> GuestTraces:
    """Read what operations have left in a guest; changes nothing.

    Args:
        access: runs scripts in the guest.
        operation: the id of the only one of interest; it is then found even if nothing is left.

    Raises:
        TaskFailed: the guest could not find out.
        GuestUnreachable: the guest could not be queried.
    """
    answer = run_script(access, load("find_fixes"), {"operation": operation or _ANY})
    units = _units(answer)
    originals = {
        key.removeprefix(_ORIGINAL): content
        for key, content in answer.items()
        if key.startswith(_ORIGINAL)
    }
    current = answer.get("fstab")
    suspended = text_of(answer, "suspended").split()
    restored = attempt_number(text_of(answer, "restored"))
    wanted = {*originals, *units, *suspended, *filter(None, [operation])}
    return GuestTraces(
        {
            one: replace(
                _plan(one, current, originals.get(one), units.get(one, ())),
                attempts_before=_attempts_before(restored),
            )
            for one in sorted(wanted)
        },
        text_of(answer, "frozen"),
    )


def _attempts_before(restored: int) -> int:
    """Return the number that ``LAST_ATTEMPT`` is added to, so that all attempts so far are below.

    A later run of the operation counts its attempts from there.

    Args:
        restored: the last attempt that the guest has restored; 0 if there is none.
    """
    length = LAST_ATTEMPT + 1
    return (restored + 1) // length * length


def _plan(
    operation: str, current: bytes | None, original: bytes | None, units: tuple[UnitFix, ...]
) -> FixPlan:
    has_fstab, current = current is not None, current or b""
    before = current if original is None else original
    lines = _commented_out(before, current)
    if original is None:
        # Restored already, but maybe not mounted again: whatever a boot waits for has to be.
        entries = [
            line.entry for line in parse(before) if line.entry and not line.entry.may_be_missing
        ]
    else:
        entries = [line.entry for line in parse(before) if line.number in lines and line.entry]
    return FixPlan(
        operation,
        tuple(sorted(lines)),
        digest(before),
        # Differs from the current file where somebody else has changed it, too.
        digest(comment_out(before, lines)),
        units,
        tuple(entry.target for entry in entries if _is_mounted(entry)),
        sum(entry.fs_type == "swap" for entry in entries),
        found=has_fstab,
    )


def _commented_out(before: bytes, after: bytes) -> frozenset[int]:
    """Return the numbers of the lines that are comments of this program in ``after`` alone."""
    pairs = zip(before.split(b"\n"), after.split(b"\n"), strict=False)
    return frozenset(
        number for number, (old, new) in enumerate(pairs, 1) if new == MARK + old and new != old
    )


def _is_mounted(entry: Entry) -> bool:
    return entry.target.startswith("/") and "noauto" not in entry.options


def _units(answer: Mapping[str, bytes]) -> dict[str, tuple[UnitFix, ...]]:
    found: dict[str, tuple[UnitFix, ...]] = {}
    for line in text_of(answer, "units").splitlines():
        match = _UNIT.fullmatch(line)
        if match is None:
            raise TaskFailed(Message("GuestTracesUnreadable"))
        try:
            path = decoded(base64.b64decode(match[2], validate=True))
        except binascii.Error as error:
            raise TaskFailed(Message("GuestTracesUnreadable")) from error
        found[match[1]] = (*found.get(match[1], ()), UnitFix(path, match[3]))
    return found
