"""How work goes, on stderr: one interface, a live face for terminals, a plain one for scripts."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from cvmimg.cli.settings import Settings
from cvmimg.cli.terminal import colored, is_watched
from cvmimg.clock import Clock
from cvmimg.durable.observer import Observer

if TYPE_CHECKING:
    from typing_extensions import Self


class Progress(Observer, Protocol):
    """An observer that shows what it is told, and shares stderr with other lines."""

    def line(self, text: str) -> None:
        """Write a line that is no progress, such as the request log's; from any thread."""

    def stopping(self) -> None:
        """Say that a stop was asked for; called from a signal handler, so nothing is buffered."""

    def leaving(self) -> None:
        """Make the terminal usable before the process ends at once; likewise."""

    def close(self) -> None:
        """Leave the terminal as it was."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End, whatever happened."""


def progress_for(settings: Settings, clock: Clock) -> Progress:
    """The face that fits stderr and the settings."""
    if not settings.quiet and is_watched(sys.stderr, no_progress=settings.no_progress):
        from cvmimg.cli.progress.live import LiveProgress

        return LiveProgress(
            sys.stderr, clock=clock, color=colored(sys.stderr, no_color=settings.no_color)
        )
    from cvmimg.cli.progress.plain import PlainProgress

    return PlainProgress(sys.stderr, clock=clock, quiet=settings.quiet)
