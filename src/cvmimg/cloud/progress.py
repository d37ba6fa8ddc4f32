"""The progress of a task in the cloud, and who receives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cvmimg.message import Message


@dataclass(frozen=True)
class Progress:
    """How far a task is.

    Attributes:
        percent: 0 to 100; None when nothing is known.
        estimated: whether ``percent`` comes from experience, not from the cloud.
        remaining_seconds: until the end; None when nothing is known.
        detail: a few words, such as the state in the cloud ("CREATING").
    """

    percent: float | None = None
    estimated: bool = False
    remaining_seconds: float | None = None
    detail: str = ""


class ProgressListener(Protocol):
    """Receives the progress of one task."""

    def advance(self, progress: Progress) -> None:
        """Receive the current progress."""

    def notice(self, message: Message | str) -> None:
        """Receive something unusual, once."""


class NoListener:
    """Discards all progress."""

    def advance(self, progress: Progress) -> None:
        """Discard it."""

    def notice(self, message: Message | str) -> None:
        """Discard it."""
