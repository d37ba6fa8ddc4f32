"""Show a list again and again, in place, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from cvmimg.cli.messages import text
from cvmimg.cli.options import refuse
from cvmimg.cli.render import Result
from cvmimg.cli.render.table import table_lines
from cvmimg.cli.settings import Settings
from cvmimg.cli.terminal import is_terminal
from cvmimg.cli.text import shortened
from cvmimg.clock import Clock
from cvmimg.message import Message

INTERVAL_SECONDS = 5.0
_ERASE_BELOW = "\x1b[J"


def require_watchable(settings: Settings) -> None:
    """Refuse to watch where nobody looks, or in a format for programs.

    Raises:
        UsageError: stdout is not a terminal, or the format is not a table.
    """
    if settings.output != "table" or not is_terminal(sys.stdout):
        refuse(Message("WatchNeedsTerminal"))


def watch(read: Callable[[], Result], settings: Settings, clock: Clock) -> None:
    """Read and show a list every few seconds, until Ctrl-C: that is how a watch ends.

    Args:
        read: asks the cloud.
        settings: the colors.
        clock: for the pauses.

    Raises:
        CvmimgError: the list could not be read.
    """
    # Also where whoever started the program has it ignore Ctrl-C, as a shell's background does.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        _show_again_and_again(read, settings, clock)
    sys.stdout.write("\n")  # ends the line with the terminal's ^C


def _show_again_and_again(read: Callable[[], Result], settings: Settings, clock: Clock) -> NoReturn:
    shown = 0
    while True:
        lines = _lines(read(), settings)
        above = f"\x1b[{shown}F" if shown else ""
        sys.stdout.write(above + _ERASE_BELOW + "".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
        shown = len(lines)
        clock.sleep(INTERVAL_SECONDS)


def _lines(result: Result, settings: Settings) -> list[str]:
    """Return as many lines as the terminal can hold, and one about the watch itself."""
    size = os.get_terminal_size(sys.stdout.fileno())
    lines = list(table_lines(result, settings, sys.stdout)) if result.rows else [text(result.empty)]
    note = text(Message("watch.note", seconds=INTERVAL_SECONDS))
    return [*lines[: max(1, size.lines - 2)], shortened(note, size.columns)]
