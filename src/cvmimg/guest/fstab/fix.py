"""The fix: take lines and units out before the image is made, and put everything back after it.

Each operation may be repeated after any doubt: it first looks at what is there.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from cvmimg.errors import PreconditionFailed, TaskFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.answer import run_script
from cvmimg.guest.errors import GuestUnreachable
from cvmimg.guest.facts import FSTAB, GuestFacts, Mount, parse_mounts, parse_swaps
from cvmimg.guest.fstab.lines import comment_out, parse
from cvmimg.guest.fstab.rules import Level
from cvmimg.guest.fstab.units import NAME, read_units
from cvmimg.guest.fstab.verdict import Verdict
from cvmimg.guest.read import GuestUnreadable, read_guest
from cvmimg.guest.script import load
from cvmimg.guest.text import shown

_VITAL = frozenset(("/", "/usr", "/boot", "/boot/efi", "/efi"))
"""Mount points whose line is never taken out: the system itself needs them."""
_MOUNT_SECONDS = 180


@dataclass(frozen=True)
class UnitFix:
    """A unit to mask: the path of its file, and the file's SHA-256."""

    path: str
    sha256: str


@dataclass(frozen=True)
class FixPlan:
    """What the fix changes, and how to know that it was undone. Holds no content of files.

    Attributes:
        operation: names the backups; letters, digits and hyphens.
        lines: numbers of the lines of /etc/fstab to comment out; may be empty.
        before: SHA-256 of the original file.
        after: SHA-256 of the file with these lines commented out.
        units: units to mask.
        mounts: mount points that are there now and have to be there again.
        swaps: how many swap spaces are active now.
    """

    operation: str
    lines: tuple[int, ...]
    before: str
    after: str
    units: tuple[UnitFix, ...] = ()
    mounts: tuple[str, ...] = ()
    swaps: int = 0

    @property
    def backup(self) -> str:
        """The path of the original in the guest while the fix is in force."""
        return f"{FSTAB}.cvmimg-{self.operation}"

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FixPlan:
        """A plan that ``to_json`` gave."""
        plain = dict(data)
        plain["lines"] = tuple(data["lines"])
        plain["units"] = tuple(UnitFix(**unit) for unit in data["units"])
        plain["mounts"] = tuple(data["mounts"])
        return cls(**plain)


@dataclass(frozen=True)
class RestoreOutcome:
    """How putting back ended.

    Attributes:
        state: "restored"; "changed" if somebody changed a file meanwhile, so that nothing was
            overwritten; "lost" if somebody removed the original.
        detail: in words, with the paths of both versions where there are two.
    """

    state: Literal["restored", "changed", "lost"]
    detail: str = ""


@dataclass(frozen=True)
class RemountOutcome:
    """What is mounted after all was put back.

    Attributes:
        missing: mount points of the plan that are not there.
        swaps_missing: how many swap spaces fewer are active.
        messages: what mount and systemctl said.
    """

    missing: tuple[str, ...]
    swaps_missing: int
    messages: str

    @property
    def complete(self) -> bool:
        """Whether everything is there again."""
        return not self.missing and not self.swaps_missing


def plan_fix(facts: GuestFacts, verdicts: Sequence[Verdict], operation: str) -> FixPlan | None:
    """Plan to take out exactly what failed; None if nothing did.

    Args:
        facts: what was seen inside.
        verdicts: what ``judge`` said of the same facts.
        operation: the name of the undertaking, such as "op-20261123-4f2a9c".

    Raises:
        PreconditionFailed: a line failed that the system itself needs.
    """
    failing = [verdict for verdict in verdicts if verdict.level is Level.FAIL]
    _refuse_vital(facts, failing)
    lines = tuple(verdict.line for verdict in failing if verdict.line)
    masked = {verdict.unit for verdict in failing if verdict.unit}
    if not lines and not masked:
        return None
    original = facts.fstab or b""
    return FixPlan(
        operation,
        lines,
        _sha256(original),
        _sha256(comment_out(original, frozenset(lines))),
        tuple(UnitFix(u.path, u.sha256) for u in facts.units if u.path in masked),
        _mounts(facts),
        len(facts.swaps),
    )


def apply_fix(access: GuestAccess, plan: FixPlan) -> None:
    """Take the plan's lines and units out; done already is done.

    Raises:
        PreconditionFailed: a file is another one than was looked at; nothing was overwritten.
        TaskFailed: the guest could not do it; ``restore`` puts back what was done.
        GuestUnreachable: it is not known whether it was done.
    """
    if plan.lines:
        parameters = {**_versions(plan), "lines": ",".join(map(str, plan.lines))}
        _require(run_script(access, load("comment_out"), parameters))
    if plan.units:
        _require(run_script(access, load("mask_units"), _units(plan)))


def is_applied(facts: GuestFacts, plan: FixPlan) -> bool:
    """Return whether the plan's lines are commented out; False where units are masked as well."""
    return not plan.units and _sha256(facts.fstab or b"") == plan.after


def restore(access: GuestAccess, plan: FixPlan) -> RestoreOutcome:
    """Put the originals back, byte for byte; where somebody changed a file, touch nothing.

    Raises:
        TaskFailed: the guest could not do it.
        GuestUnreachable: it is not known whether it was done.
    """
    outcomes = []
    if plan.units:
        outcomes.append(_outcome(run_script(access, load("unmask_units"), _units(plan))))
    if plan.lines:
        outcomes.append(_outcome(run_script(access, load("restore"), _versions(plan))))
    return next(
        (outcome for outcome in outcomes if outcome.state != "restored"),
        RestoreOutcome("restored"),
    )


def remount(access: GuestAccess, plan: FixPlan) -> RemountOutcome:
    """See to it that everything that was mounted before is mounted; touch nothing if it is.

    Raises:
        TaskFailed: the guest could not do it.
        GuestUnreachable: it is not known whether it was done.
    """
    seen = read_guest(access)
    if isinstance(seen, GuestUnreadable):
        raise GuestUnreachable(seen.why, seen.reason)
    outcome = _compared(plan, seen.mounts, seen.swaps, b"")
    return outcome if outcome.complete else _mount_all(access, plan)


def _mount_all(access: GuestAccess, plan: FixPlan) -> RemountOutcome:
    names = (posixpath.basename(unit.path) for unit in plan.units)
    parameters = {"units": ",".join(_base64(name) for name in names) or "-"}
    answer = run_script(access, load("mount_all"), parameters, timeout_seconds=_MOUNT_SECONDS)
    mounts = parse_mounts(answer.get("mounts", b""))
    swaps = parse_swaps(answer.get("swaps", b""))
    return _compared(plan, mounts, swaps, answer.get("why", b""))


def _compared(
    plan: FixPlan, mounts: Sequence[Mount], swaps: Sequence[str], messages: bytes
) -> RemountOutcome:
    mounted = {mount.target for mount in mounts}
    return RemountOutcome(
        tuple(target for target in plan.mounts if target not in mounted),
        max(0, plan.swaps - len(swaps)),
        shown(messages.strip()),
    )


def _refuse_vital(facts: GuestFacts, failing: Sequence[Verdict]) -> None:
    entries = {line.number: line.entry for line in parse(facts.fstab or b"")}
    for verdict in failing:
        entry = entries.get(verdict.line)
        if entry is not None and entry.target in _VITAL:
            raise PreconditionFailed(
                f"{verdict.where} mounts {entry.target}, which the system itself needs:"
                f" {verdict.why}",
                code="FstabNotFixable",
                hint="mend this line by hand; --fix-fstab only takes lines out",
            )
        if verdict.unit and not NAME.fullmatch(posixpath.basename(verdict.unit)):
            raise PreconditionFailed(
                f"{verdict.where} has no name that systemd knows", code="FstabNotFixable"
            )


def _mounts(facts: GuestFacts) -> tuple[str, ...]:
    """Mount points on devices, and those that fstab or a unit asks for, as far as mounted now."""
    numbers = {device.number for device in facts.devices.values()}
    entries = [line.entry for line in parse(facts.fstab or b"")]
    entries += [unit.entry for unit in read_units(facts)]
    asked = {posixpath.normpath(entry.target) for entry in entries if entry}
    there = {m.target for m in facts.mounts if m.number in numbers or m.target in asked}
    return tuple(sorted(there))


def _versions(plan: FixPlan) -> dict[str, str]:
    return {"operation": plan.operation, "before": plan.before, "after": plan.after}


def _units(plan: FixPlan) -> dict[str, str]:
    units = ",".join(f"{_base64(unit.path)}:{unit.sha256}" for unit in plan.units)
    return {"operation": plan.operation, "units": units}


def _require(answer: Mapping[str, bytes]) -> None:
    """Raise unless the script says that the fix is in force."""
    state = answer.get("state", b"")
    if state in (b"applied", b"already"):
        return
    why = shown(answer.get("why", b"") or b"the guest gave no answer")
    if state == b"changed":
        raise PreconditionFailed(f"in the guest: {why}", code="GuestFileChanged", hint="try again")
    raise TaskFailed(f"the fix could not be applied: {why}", code="GuestFixFailed")


def _outcome(answer: Mapping[str, bytes]) -> RestoreOutcome:
    state = answer.get("state", b"").decode("ascii", "replace")
    why = shown(answer.get("why", b""))
    if state in ("restored", "already"):
        return RestoreOutcome("restored")
    if state not in ("changed", "lost"):
        raise TaskFailed(
            f"the original could not be put back: {why or 'the guest gave no answer'}",
            code="GuestRestoreFailed",
        )
    paths = [shown(answer[key]) for key in ("file", "backup") if key in answer]
    detail = f"{why}: {' and '.join(paths)}" if paths else why
    return RestoreOutcome("changed" if state == "changed" else "lost", detail)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
