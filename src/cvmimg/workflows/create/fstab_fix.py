"""The fix of fstab as a durable step: taken out before the image is made, put back after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cvmimg.durable.session import Session
from cvmimg.durable.steps import Outcome, Step
from cvmimg.errors import TaskFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.fstab.fix import FixPlan, apply_fix, remount, restore

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
        session: whom to tell.
        access: runs scripts in the instance.
        plan: as ``FixPlan.to_json`` gave it.
    """

    def __init__(self, session: Session, access: GuestAccess, plan: dict[str, Any]) -> None:
        self._session = session
        self._access = access
        self._plan = FixPlan.from_json(plan)
        self._trouble = ""

    def as_step(self) -> Step:
        """The fix as a durable step."""
        # Applying it again is harmless, so after doubt it is applied again without a look.
        return Step(STEP, do=self._apply, look=lambda: None, undo=self._restore)

    def report(self, *, put_back: bool) -> FstabReport:
        """What was changed, and whether it was put back without trouble."""
        return FstabReport(
            lines=self._plan.lines,
            units=tuple(unit.path for unit in self._plan.units),
            restored=put_back and not self._trouble,
            detail=self._trouble,
        )

    def _apply(self) -> Outcome:
        apply_fix(self._access, self._plan)
        return {}

    def _restore(self, _: Outcome) -> None:
        outcome = restore(self._access, self._plan)
        if outcome.state != "restored":
            self._tell(f"fstab was not put back: {outcome.detail}")
            return
        try:
            self._mount_again()
        except TaskFailed as error:
            self._tell(f"fstab is as it was, but mounting failed: {error.message}")

    def _mount_again(self) -> None:
        outcome = remount(self._access, self._plan)
        missing = [*outcome.missing, *(["swap"] if outcome.swaps_missing else [])]
        if missing:
            self._tell(
                f"fstab is as it was, but not mounted: {', '.join(missing)}; {outcome.messages}"
            )

    def _tell(self, trouble: str) -> None:
        self._trouble = trouble
        self._session.observer.notice(trouble)
