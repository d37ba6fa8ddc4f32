"""Whom a workflow tells how it goes. The workflow itself prints nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from cvmimg.checks.result import CheckResult

StageOutcome = Literal["done", "failed", "skipped", "interrupted"]


@dataclass(frozen=True)
class Progress:
    """How far a stage is.

    Attributes:
        percent: 0 to 100; None when nothing is known.
        estimated: whether ``percent`` is a guess from size and experience, not the cloud's word.
        remaining_seconds: until the end, if that can be said.
        detail: a few words, such as the state in the cloud ("CREATING").
    """

    percent: float | None = None
    estimated: bool = False
    remaining_seconds: float | None = None
    detail: str = ""


class Observer(Protocol):
    """Told of everything worth showing; may be called from the workflow's thread alone."""

    def stage_started(self, stage: str, title: str) -> None:
        """A stage begins; ``stage`` is its id, ``title`` is for people."""

    def stage_progressed(self, stage: str, progress: Progress) -> None:
        """A stage goes on; called after every look at the cloud."""

    def stage_finished(self, stage: str, outcome: StageOutcome, detail: str = "") -> None:
        """A stage is over; ``detail`` is a few words, such as the image's id."""

    def checks_finished(self, checks: Sequence[CheckResult]) -> None:
        """All preconditions have been looked at."""

    def notice(self, text: str) -> None:
        """Something the user should know, that is no error."""
