"""The fstab fix as a durable step: applied before the image is created, restored after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cvmimg.durable.session import Session
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck, Unknown
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.errors import TaskFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.errors import GuestUnreachable
from cvmimg.guest.fstab.fix import FixPlan, apply_fix, is_applied, remount, restore
from cvmimg.guest.read import GuestUnreadable, read_guest
from cvmimg.message import Message

STEP = "fstab"


@dataclass(frozen=True)
class FstabReport:
    """What a fix has changed inside the instance, and how it was put back.

    Attributes:
        lines: numbers of the lines of /etc/fstab that were commented out for the image.
        units: paths of the unit files that were masked for it.
        restored: whether all is as it was, byte for byte.
        detail: what is not, in words.
    """

    lines: tuple[int, ...]
    units: tuple[str, ...]
    restored: bool
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "lines": list(self.lines),
            "units": list(self.units),
            "restored": self.restored,
            "detail": self.detail,
        }


class FstabFix:
    """The fix of one operation.

    Args:
        session: the progress.
        access: runs scripts in the instance.
        instance_id: which instance.
        plan: as ``FixPlan.to_json`` returned it.
    """

    def __init__(
        self, session: Session, access: GuestAccess, instance_id: str, plan: dict[str, Any]
    ) -> None:
        self._session = session
        self._access = access
        self._instance_id = instance_id
        self._plan = FixPlan.from_json(plan)
        self._problem = ""
        self.step = Step(
            STEP,
            self._apply,
            self._check,
            self._restore,
            temporary=True,
            stage=StageTitle("fstab", instance_id),
            revert_stage=StageTitle("restore", instance_id),
        )

    def report(self, *, restored: bool) -> FstabReport:
        """Return what was changed, and whether it was restored without a problem."""
        return FstabReport(
            lines=self._plan.lines,
            units=tuple(unit.path for unit in self._plan.units),
            restored=restored and not self._problem,
            detail=self._problem,
        )

    def _apply(self) -> Outcome:
        apply_fix(self._access, self._plan)
        return {}

    def _check(self) -> StepCheck:
        seen = read_guest(self._access)
        if isinstance(seen, GuestUnreadable):
            return Unknown(GuestUnreachable(seen.why, seen.reason))
        # Applying the fix again is harmless, so a part of it counts as nothing.
        in_force = is_applied(seen, self._plan)
        return Happened() if in_force else DidNotHappen()

    def _restore(self, _: Outcome) -> None:
        outcome = restore(self._access, self._plan)
        if outcome.state != "restored":
            self._report("FstabNotRestored", outcome.detail)
            return
        try:
            self._mount_again()
        except TaskFailed as error:
            self._report("RemountFailed", str(error.message))

    def _mount_again(self) -> None:
        outcome = remount(self._access, self._plan)
        missing = [*outcome.missing, *(["swap"] if outcome.swaps_missing else [])]
        if missing:
            self._report("RemountFailed", f"{', '.join(missing)} {outcome.messages}".strip())

    def _report(self, code: str, detail: str) -> None:
        self._problem = detail
        message = Message(code, instance=self._instance_id, detail=detail)
        self._session.progress.notice(message)
