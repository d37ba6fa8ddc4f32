"""Progress on stderr: live bars on a terminal, lines in a script, nothing with --quiet."""

from __future__ import annotations

import sys

from cvmimg.cli.progress.display import Display
from cvmimg.cli.settings import Settings
from cvmimg.cli.terminal import colored, is_watched
from cvmimg.clock import Clock


def display_for(
    settings: Settings, clock: Clock, *, show_checks: bool = True, in_github: bool = False
) -> Display:
    """Return the display that fits stderr, the settings and the CI system."""
    if settings.quiet:
        return Display(sys.stderr, clock=clock)
    if is_watched(sys.stderr, no_progress=settings.no_progress):
        from cvmimg.cli.progress.live import LiveDisplay

        color = colored(sys.stderr, no_color=settings.no_color)
        return LiveDisplay(sys.stderr, clock=clock, color=color, show_checks=show_checks)
    if in_github:
        from cvmimg.cli.progress.github import GitHubDisplay

        return GitHubDisplay(sys.stderr, clock=clock, show_checks=show_checks)
    from cvmimg.cli.progress.plain import PlainDisplay

    return PlainDisplay(sys.stderr, clock=clock, show_checks=show_checks)
