"""An observer that passes on to a display; goes away with the last workflow that needs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cvmimg.checks.result import CheckResult
from cvmimg.cloud.progress import Progress
from cvmimg.durable.observer import StageOutcome
from cvmimg.message import Message


class DisplayObserver:
    """Shows on a display what it observes."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._open: dict[str, Any] = {}

    def stage_started(self, stage: str, title: Message | str) -> None:
        """Begin a stage."""
        if hasattr(self._display, "begin"):
            self._open[stage] = self._display.begin(stage, "", title)

    def stage_progressed(self, stage: str, progress: Progress) -> None:
        """Advance a stage."""
        if stage in self._open:
            self._open[stage].advance(progress)

    def stage_finished(self, stage: str, outcome: StageOutcome, detail: str = "") -> None:
        """End a stage."""
        if stage in self._open:
            self._open.pop(stage).finish(outcome, detail)

    def checks_finished(self, checks: Sequence[CheckResult]) -> None:
        """Show the results of checks."""
        self._display.checks(checks)

    def notice(self, text: Message | str) -> None:
        """Show a notice."""
        self._display.notice(text)
