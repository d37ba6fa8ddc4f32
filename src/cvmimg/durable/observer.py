"""Receives what a workflow does; the workflow itself prints nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from cvmimg.checks.result import CheckResult
from cvmimg.cloud.progress import Progress
from cvmimg.message import Message

StageOutcome = Literal["done", "failed", "interrupted", "timed_out"]


class Observer(Protocol):
    """Receives progress events; called from the workflow's thread alone."""

    def stage_started(self, stage: str, title: Message | str) -> None:
        """Receive that a stage begins; ``stage`` is its id."""

    def stage_progressed(self, stage: str, progress: Progress) -> None:
        """Receive how far a stage is, after every poll."""

    def stage_finished(self, stage: str, outcome: StageOutcome, detail: str = "") -> None:
        """Receive how a stage ended; ``detail`` is a few words, such as the image's id."""

    def checks_finished(self, checks: Sequence[CheckResult]) -> None:
        """Receive the results of all checks."""

    def notice(self, text: Message | str) -> None:
        """Receive something the user should know that is not an error."""
