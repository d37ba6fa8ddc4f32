"""The fix of fstab as a durable step: taken out before the image is made, put back after it."""

from __future__ import annotations

from typing import Any

from cvmimg.errors import CvmimgError
from cvmimg.guest.channel import Channel
from cvmimg.guest.fix import FixPlan, apply_fix, remount, restore
from cvmimg.workflows.session import Session
from cvmimg.workflows.steps import Outcome, Step

STEP = "fstab"


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
        return Step(STEP, do=self._apply, look=lambda: None, undo=self._restore)

    def _apply(self) -> Outcome:
        apply_fix(self._channel, self._plan)
        return {}

    def _restore(self, _: Outcome) -> None:
        outcome = restore(self._channel, self._plan)
        if outcome.state != "restored":
            self._session.observer.notice(f"fstab was not put back: {outcome.detail}")
            return
        try:
            self._mount_again()
        except CvmimgError as error:
            self._session.observer.notice(
                f"fstab is as it was, but mounting failed: {error.message}"
            )

    def _mount_again(self) -> None:
        outcome = remount(self._channel, self._plan)
        missing = [*outcome.missing, *(["swap"] if outcome.swaps_missing else [])]
        if missing:
            self._session.observer.notice(
                f"fstab is as it was, but not mounted: {', '.join(missing)}; {outcome.messages}"
            )
