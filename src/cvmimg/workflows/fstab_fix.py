"""The fix of fstab as a durable step: taken out before the image is made, put back after it."""

from __future__ import annotations

from typing import Any

from cvmimg.errors import CvmimgError
from cvmimg.guest.channel import Channel
from cvmimg.guest.fix import FixPlan, apply_fix, remount, restore
from cvmimg.workflows.session import Session
from cvmimg.workflows.stage import Stage, stage
from cvmimg.workflows.steps import Outcome, Step


class FstabFix:
    """The fix of one operation.

    Args:
        session: whom to tell.
        channel: the way into the instance.
        plan: as ``FixPlan.to_json`` gave it.
    """

    def __init__(self, session: Session, channel: Channel, plan: dict[str, Any]) -> None:
        self._session = session
        self._channel = channel
        self._plan = FixPlan.from_json(plan)

    def as_step(self) -> Step:
        """The fix as a durable step."""
        # Applying it again is harmless, so after doubt it is applied again without a look.
        return Step("fstab", do=self._apply, look=lambda: None, undo=self._restore)

    def _apply(self) -> Outcome:
        with stage(self._session.observer, "fstab", "taking data disks out of fstab"):
            apply_fix(self._channel, self._plan)
        return {}

    def _restore(self, _: Outcome) -> None:
        with stage(self._session.observer, "restore", "putting fstab back") as under_way:
            outcome = restore(self._channel, self._plan)
            if outcome.state != "restored":
                self._session.observer.notice(f"fstab was not put back: {outcome.detail}")
                return
            self._remount(under_way)

    def _remount(self, under_way: Stage) -> None:
        try:
            outcome = remount(self._channel, self._plan)
        except CvmimgError as error:
            under_way.notice(f"fstab is as it was, but mounting failed: {error.message}")
            return
        if outcome.missing or outcome.swaps_missing:
            missing = ", ".join(outcome.missing) or "swap"
            under_way.notice(
                f"fstab is as it was, but not mounted: {missing}; {outcome.messages}".strip("; ")
            )
