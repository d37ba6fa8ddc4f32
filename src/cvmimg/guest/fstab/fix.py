"""Comment out fstab lines and mask units before an image is made; restore them afterwards.

Every function may be repeated when it is not known whether it was carried out.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal, cast, get_args

from cvmimg.errors import PreconditionFailed, TaskFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.answer import reason, run_script, run_sequence, text_of
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab.assessment import Assessment
from cvmimg.guest.fstab.lines import comment_out, parse
from cvmimg.guest.fstab.rules import Level
from cvmimg.guest.fstab.units import NAME, read_units
from cvmimg.guest.packing import digest, encode
from cvmimg.guest.script import PARAMETER_LENGTH, load
from cvmimg.guest.text import shown
from cvmimg.message import Message

_VITAL = frozenset(("/", "/usr", "/boot", "/boot/efi", "/efi"))
"""Mount points that the system itself needs: their lines are never commented out."""
_MOUNT_SECONDS = 180
_ATTEMPT = re.compile(r"[0-9]{1,9}")
_ESCAPED = re.compile(r"[ \t\n\\]")
"""What the kernel writes as octal digits in a mount point."""

FixState = Literal["applied", "absent", "partial", "foreign"]
"""What a guest shows of a fix.

"applied": it is in place. "absent": nothing of it is there. "partial": it was started and not
finished; applying it completes it, and restoring reverts it. "foreign": somebody else changed a
file, so neither is possible."""


@dataclass(frozen=True)
class UnitFix:
    """A unit to mask: the path of its file, and the file's SHA-256."""

    path: str
    sha256: str


@dataclass(frozen=True)
class FixPlan:
    """What the fix changes, and how to verify that it was reverted. Contains no file content.

    Attributes:
        operation: the operation's id, which names the backups.
        lines: the numbers of the lines of /etc/fstab to comment out; may be empty.
        before: SHA-256 of the original file.
        after: SHA-256 of the file with these lines commented out.
        units: units to mask.
        mounts: the current mount points, which must be mounted again afterwards.
        swaps: how many swap spaces are active now.
        found: the plan was made from what is left of the fix in the guest, which may be a part.
        suspended: paths of account files that are immutable, and of a pending relabel's mark;
            neither goes into the image.
        attempts_before: the guest ignores attempts of earlier runs of the operation up to this
            one, which may still be delivered; those of this run are counted from here.
    """

    operation: str
    lines: tuple[int, ...]
    before: str
    after: str
    units: tuple[UnitFix, ...] = ()
    mounts: tuple[str, ...] = ()
    swaps: int = 0
    found: bool = False
    suspended: tuple[str, ...] = ()
    attempts_before: int = 0


@dataclass(frozen=True)
class MountOutcome:
    """What is mounted after a restore.

    Attributes:
        missing: mount points of the plan that are not mounted.
        swaps_missing: how many fewer swap spaces are active.
        output: what mount and systemctl printed.
    """

    missing: tuple[str, ...] = ()
    swaps_missing: int = 0
    output: str = ""


@dataclass(frozen=True)
class RestoreOutcome:
    """How a restore ended.

    Attributes:
        state: "restored"; "changed" if somebody changed a file meanwhile, so that nothing was
            overwritten; "lost" if somebody removed the original.
        detail: what happened, with the paths of both versions where there are two; None if all
            was restored.
        mounts: what is mounted now.
    """

    state: Literal["restored", "changed", "lost"]
    detail: Message | None = None
    mounts: MountOutcome = field(default_factory=MountOutcome)


def plan_fix(
    facts: GuestFacts,
    assessments: Sequence[Assessment],
    operation: str,
    suspended: Sequence[str] = (),
) -> FixPlan | None:
    """Plan to comment out and mask exactly what failed; None if nothing did.

    Args:
        facts: what was read from the guest.
        assessments: the assessment of these facts.
        operation: the operation's id, such as "op-20261123-4f2a9c".
        suspended: settings that do not go into the image either.

    Raises:
        PreconditionFailed: a line failed that the system itself needs.
    """
    failing = [each for each in assessments if each.level is Level.FAIL]
    _refuse_vital(facts, failing)
    lines = tuple(each.line for each in failing if each.line)
    masked = {each.unit for each in failing if each.unit}
    if not lines and not masked and not suspended:
        return None
    original = facts.fstab or b""
    return FixPlan(
        operation,
        lines,
        digest(original),
        digest(comment_out(original, frozenset(lines))),
        tuple(UnitFix(u.path, u.sha256) for u in facts.units if u.path in masked),
        _mounts(facts),
        len(facts.swaps),
        suspended=tuple(suspended),
        attempts_before=attempt_number(facts.seen("restored").get(operation, "")),
    )


def attempt_number(text: str) -> int:
    """Return the number of an attempt as a guest has recorded it; 0 if it has recorded none."""
    return int(text) if _ATTEMPT.fullmatch(text) else 0


def apply_fix(access: GuestAccess, plan: FixPlan, *, attempt: int = 1) -> None:
    """Comment out the plan's lines and mask its units; does nothing if that is done already.

    Args:
        access: runs scripts in the guest.
        plan: what to change.
        attempt: grows with each attempt to apply the plan. Once ``restore`` has run, a script
            with this number or a lower one that is delivered late does nothing.

    Raises:
        PreconditionFailed: a file differs from what was read; nothing was overwritten.
        TaskFailed: the guest could not do it, or this attempt was restored already; ``restore``
            reverts what was done.
        GuestUnreachable: it is not known whether it was done.
    """
    scripts = {}
    if plan.lines:
        lines = ",".join(map(str, plan.lines))
        scripts["comment_out"] = {**_file_parameters(plan), "lines": lines}
    if plan.units:
        scripts["mask_units"] = _unit_parameters(plan)
    if plan.suspended:
        paths = ",".join(plan.suspended)
        scripts["suspend"] = {"operation": plan.operation, "paths": paths}
    for name, parameters in scripts.items():
        answer = run_script(access, load(name), {**parameters, "attempt": str(attempt)})
        _require_applied(answer)


def fix_state(access: GuestAccess, plan: FixPlan) -> FixState:
    """Find out whether the plan's changes are in place; changes nothing.

    Raises:
        TaskFailed: the guest could not find out.
        GuestUnreachable: the guest could not be queried.
    """
    scripts = {}
    if plan.lines:
        scripts["fstab_status"] = _file_parameters(plan)
    if plan.units:
        scripts["unit_status"] = _unit_parameters(plan)
    if plan.suspended:
        scripts["suspend_status"] = {"operation": plan.operation}
    states = {_state(run_script(access, load(name), words)) for name, words in scripts.items()}
    if "foreign" in states:
        return "foreign"
    return states.pop() if len(states) == 1 else "partial"


def restore(access: GuestAccess, plan: FixPlan, *, attempt: int = 1) -> RestoreOutcome:
    """Restore the originals, byte for byte, and mount again what was mounted.

    Where somebody changed a file, it is not touched.

    Args:
        access: runs scripts in the guest.
        plan: what was changed.
        attempt: the highest number that ``apply_fix`` was called with.

    Raises:
        TaskFailed: the guest could not do it.
        GuestUnreachable: it is not known whether it was done.
    """
    mounts = _mounts_by_word(plan)
    units = [posixpath.basename(unit.path) for unit in plan.units]
    parameters = {
        "operation": plan.operation,
        "attempt": str(attempt),
        "mounts": ",".join(mounts) or "-",
        "swaps": str(plan.swaps),
        "start": ",".join(map(encode, units)) or "-",
    }
    scripts = []
    if plan.suspended or plan.found:
        scripts.append("reinstate")
    if plan.units:
        scripts.append("unmask_units")
        parameters |= _unit_parameters(plan)
    if plan.lines or plan.found:
        scripts.append("restore")
        parameters |= _file_parameters(plan)
    *answers, mounted = run_sequence(
        access, [*scripts, "remount"], parameters, timeout_seconds=_MOUNT_SECONDS
    )
    outcomes = [_outcome(answer) for answer in answers]
    restored = RestoreOutcome("restored", mounts=_mount_outcome(plan, mounts, mounted))
    return next((one for one in outcomes if one.state != "restored"), restored)


def _mounts_by_word(plan: FixPlan) -> dict[str, str]:
    """Return the plan's mount points by what stands for them in a parameter.

    Thousands do not fit into one. The longest, such as those of containers, are left out first;
    what mounts containers mounts them by itself.
    """
    words: dict[str, str] = {}
    for target in sorted(plan.mounts, key=len):
        word = _ESCAPED.sub(lambda match: f"\\{ord(match[0]):03o}", target)
        words[word.encode("utf-8", "surrogateescape").hex()] = target
    lengths = accumulate(len(word) + 1 for word in words)
    return {
        word: target
        for (word, target), length in zip(words.items(), lengths, strict=True)
        if length <= PARAMETER_LENGTH
    }


def _mount_outcome(
    plan: FixPlan, mounts: Mapping[str, str], answer: Mapping[str, bytes]
) -> MountOutcome:
    missing = text_of(answer, "missing").split()
    swaps = answer.get("swaps", b"")
    return MountOutcome(
        tuple(mounts[word] for word in missing if word in mounts),
        max(0, plan.swaps - (int(swaps) if swaps.isdigit() else 0)),
        shown(answer.get("output", b"").strip()),
    )


def _refuse_vital(facts: GuestFacts, failing: Sequence[Assessment]) -> None:
    entries = {line.number: line.entry for line in parse(facts.fstab or b"")}
    for each in failing:
        entry = entries.get(each.line)
        if entry is not None and entry.target in _VITAL:
            raise PreconditionFailed(
                Message(
                    "FstabNotFixable",
                    where=each.where,
                    target=entry.target,
                    why=each.finding.why,
                )
            )
        if each.unit and not NAME.fullmatch(posixpath.basename(each.unit)):
            raise PreconditionFailed(
                Message("UnitNotFixable", path=each.path), code="FstabNotFixable"
            )


def _mounts(facts: GuestFacts) -> tuple[str, ...]:
    """Return the mount points on devices, and those of fstab and units that are mounted now."""
    numbers = {device.number for device in facts.devices.values()}
    entries = [line.entry for line in parse(facts.fstab or b"")]
    entries += [unit.entry for unit in read_units(facts)]
    defined = {facts.real_path(entry.target) for entry in entries if entry}
    present = {m.target for m in facts.mounts if m.number in numbers or m.target in defined}
    return tuple(sorted(present))


def _file_parameters(plan: FixPlan) -> dict[str, str]:
    return {"operation": plan.operation, "before": plan.before, "after": plan.after}


def _unit_parameters(plan: FixPlan) -> dict[str, str]:
    units = ",".join(f"{encode(unit.path)}:{unit.sha256}" for unit in plan.units)
    return {"operation": plan.operation, "units": units}


def _require_applied(answer: Mapping[str, bytes]) -> None:
    """Raise unless the fix is applied."""
    state = answer.get("state")
    if state in (b"applied", b"already"):
        return
    if state == b"changed":
        raise PreconditionFailed(Message("GuestFileChanged", reason=reason(answer)))
    if state == b"superseded":
        raise TaskFailed(Message("GuestFixSuperseded"))
    raise TaskFailed(Message("GuestFixFailed", reason=reason(answer)))


def _state(answer: Mapping[str, bytes]) -> FixState:
    state = text_of(answer, "state")
    if state not in get_args(FixState):
        raise TaskFailed(Message("GuestFixStateUnknown", reason=reason(answer)))
    return cast(FixState, state)


def _outcome(answer: Mapping[str, bytes]) -> RestoreOutcome:
    state = answer.get("state", b"")
    if state in (b"restored", b"already"):
        return RestoreOutcome("restored")
    if state not in (b"changed", b"lost"):
        raise TaskFailed(Message("GuestRestoreFailed", reason=reason(answer)))
    detail = reason(answer)
    if "backup" in answer:
        detail = Message("guest.two-versions", reason=detail, original=shown(answer["backup"]))
    return RestoreOutcome("changed" if state == b"changed" else "lost", detail)
