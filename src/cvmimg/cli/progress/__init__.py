"""Progress on stderr: live bars on a terminal, lines in a script, nothing with --quiet."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from cvmimg.cli.settings import Settings
from cvmimg.cli.terminal import colored, is_watched
from cvmimg.clock import Clock
from cvmimg.durable.progress import ProgressReporter

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self


class Display(ProgressReporter, Protocol):
    """A progress reporter that shares stderr with other lines."""

    def line(self, text: str) -> None:
        """Write a line that is not progress, such as the request log's; from any thread."""

    def separate(self) -> None:
        """Leave an empty line before a result, on a terminal that shows finished stages."""

    def stopping(self) -> None:
        """Show that a stop was requested; called from a signal handler, so nothing is buffered."""

    def abandon(self) -> None:
        """Restore the terminal before an immediate exit; called from a signal handler."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""


def display_for(
    settings: Settings, clock: Clock, *, show_checks: bool = True, in_github: bool = False
) -> Display:
    """Return the display that fits stderr, the settings and the CI system."""
    if settings.quiet:
        from cvmimg.cli.progress.quiet import QuietDisplay

        return QuietDisplay(sys.stderr)
    if is_watched(sys.stderr, no_progress=settings.no_progress):
        from cvmimg.cli.progress.live import LiveDisplay

        color = colored(sys.stderr, no_color=settings.no_color)
        return LiveDisplay(sys.stderr, clock=clock, color=color, show_checks=show_checks)
    if in_github:
        from cvmimg.cli.progress.github import GitHubDisplay

        return GitHubDisplay(sys.stderr, clock=clock, show_checks=show_checks)
    from cvmimg.cli.progress.plain import PlainDisplay

    return PlainDisplay(sys.stderr, clock=clock, show_checks=show_checks)
