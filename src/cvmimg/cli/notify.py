"""Notify the user that a long wait has ended: a bell, and a notification of the desktop."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

from cvmimg.cli.messages import text
from cvmimg.cli.terminal import is_terminal
from cvmimg.cli.text import printable
from cvmimg.message import Message

LONG_SECONDS = 10.0
"""After a shorter command, the user is probably still watching."""
_SHOW_SECONDS = 5
_APPLE_SCRIPT = """\
on run words
  display notification (item 1 of words) with title "cvmimg"
end run"""
_BELL, _ESCAPE = "\a", "\x1b"


def notify(command: str, exit_code: int, seconds: float, environment: Mapping[str, str]) -> None:
    """Ring the terminal's bell and show a notification; failures are ignored.

    Args:
        command: what has ended, such as "create".
        exit_code: how it ended.
        seconds: how long it took; after a short time there is no notification.
        environment: names the desktop.
    """
    if seconds < LONG_SECONDS:
        return
    code = "notify.done" if exit_code == 0 else "notify.failed"
    body = printable(text(Message(code, command=command, exit_code=exit_code, seconds=seconds)))
    if is_terminal(sys.stderr):
        # OSC 9 is a notification in iTerm2, kitty, WezTerm, Ghostty and Windows Terminal.
        sys.stderr.write(f"{_ESCAPE}]9;{body}{_BELL}{_BELL}")
        sys.stderr.flush()
    words = _desktop_command(body, environment)
    if words:
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run(words, timeout=_SHOW_SECONDS, capture_output=True, check=False)


def _desktop_command(body: str, environment: Mapping[str, str]) -> list[str]:
    """Return the desktop's own command for a notification; empty if there is no desktop."""
    path = environment.get("PATH", os.defpath)
    if sys.platform == "darwin" and shutil.which("osascript", path=path):
        return ["osascript", "-e", _APPLE_SCRIPT, body]
    has_desktop = environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    if has_desktop and (program := shutil.which("notify-send", path=path)):
        return [program, "--app-name=cvmimg", "--", "cvmimg", body]
    return []
