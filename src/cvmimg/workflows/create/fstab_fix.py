"""The fstab fix as a durable step: applied before the image is created, restored after it."""

from __future__ import annotations

from dataclasses import dataclass

from cvmimg.durable.operation import Execution, Part
from cvmimg.durable.step_check import Outcome, StepCheck, Unknown, happened
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.errors import CvmimgError
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.fstab.fix import FixPlan, apply_fix, fix_state, restore
from cvmimg.message import Message

STEP = "fstab"


@dataclass(frozen=True)
class FstabReport:
    """What a fix has changed inside the instance, and how it was reverted.

    Attributes:
        lines: numbers of the lines of /etc/fstab that were commented out for the image.
        units: paths of the unit files that were masked for it.
        suspended: paths of files whose setting was suspended for it.
        restored: whether all is as it was, byte for byte.
        detail: what is not; None if everything is.
    """

    lines: tuple[int, ...]
    units: tuple[str, ...]
    restored: bool
    detail: Message | None = None
    suspended: tuple[str, ...] = ()


class FstabFix(Part):
    """The fix of one operation.

    Args:
        execution: what the operation runs with.
        access: runs scripts in the instance.
        instance_id: which instance.
        plan: what is changed.
    """

    def __init__(
        self, execution: Execution, access: GuestAccess, instance_id: str, plan: FixPlan
    ) -> None:
        super().__init__(execution)
        self._access = access
        self._instance_id = instance_id
        self._plan = plan
        self._problem: Message | None = None
        in_fstab = bool(plan.lines or plan.units)
        self.step = Step(
            STEP,
            self._apply,
            self._check,
            self._restore,
            temporary=True,
            stage=StageTitle("fstab" if in_fstab else "suspend", instance_id),
            revert_stage=StageTitle("restore" if in_fstab else "reinstate", instance_id),
        )

    def report(self, *, restored: bool) -> FstabReport:
        """Return what was changed, and whether it was restored without a problem."""
        return FstabReport(
            lines=self._plan.lines,
            units=tuple(unit.path for unit in self._plan.units),
            restored=restored and self._problem is None,
            detail=self._problem,
            suspended=self._plan.suspended,
        )

    def _apply(self) -> None:
        attempt = self._plan.attempts_before + self.log.attempts(STEP)
        apply_fix(self._access, self._plan, attempt=attempt)

    def _check(self) -> StepCheck:
        try:
            state = fix_state(self._access, self._plan)
        except CvmimgError as error:
            return Unknown(error)
        # Applying the fix again is harmless: it completes a part, and refuses foreign changes.
        return happened(state == "applied")

    def _restore(self, _: Outcome) -> None:
        self.restore(attempt=self.log.attempts(STEP))

    def restore(self, *, attempt: int) -> None:
        """Restore what the fix has changed, and mount again what was mounted.

        Args:
            attempt: the highest number, in this run, with which the fix may have been applied.

        Raises:
            TaskFailed: the guest could not do it.
            GuestUnreachable: it is not known whether it was done.
        """
        outcome = restore(self._access, self._plan, attempt=self._plan.attempts_before + attempt)
        mounts = outcome.mounts
        missing = [*mounts.missing, *(["swap"] if mounts.swaps_missing else [])]
        if outcome.detail is not None:
            self._report(
                Message("FstabNotRestored", instance=self._instance_id, detail=outcome.detail)
            )
        elif missing:
            detail = Message("fstab.unmounted", mounts=missing, output=mounts.output)
            self._report(Message("RemountFailed", instance=self._instance_id, detail=detail))

    def _report(self, problem: Message) -> None:
        self._problem = problem
        self.session.progress.notice(problem)
