"""What the two output streams can show."""

from __future__ import annotations

import os
from typing import TextIO


def colored(stream: TextIO, *, no_color: bool = False) -> bool:
    """Whether to color what is written to ``stream``.

    ``--no-color`` and NO_COLOR beat FORCE_COLOR, which beats what the stream is.
    """
    if no_color or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream)


def is_terminal(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal that can do more than print lines."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def is_watched(stream: TextIO, *, no_progress: bool = False) -> bool:
    """Whether a bar that moves makes sense on ``stream``: a terminal, and not in CI."""
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    return is_terminal(stream) and not no_progress and not in_ci


def terminal_columns(stream: TextIO) -> int:
    """Return how wide the terminal of ``stream`` is; COLUMNS takes precedence."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno()).columns or _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS


_COLUMNS = 80
_CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36}


def styled(text: str, style: str) -> str:
    """Return ``text`` in a style, such as "bold red"; unchanged if the style is empty."""
    if not style or not text.strip():
        return text
    codes = ";".join(str(_CODES[word]) for word in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m"


_MARKS = {
    "ok": ("✔", "+"),
    "failed": ("✘", "x"),
    "warning": ("!", "!"),
    "skipped": ("·", "-"),
    "stopped": ("■", "#"),
    "hint": ("→", "->"),
    "full": ("█", "#"),
    "empty": ("░", "."),
    "ellipsis": ("…", "..."),
    "spinner": ("dots", "line"),
}


def marks(encoding: str | None) -> dict[str, str]:
    """Return the signs that a stream of ``encoding`` can show; the spinner by rich's name."""
    fancy = (encoding or "utf").lower().startswith("utf")
    return {name: rich if fancy else plain for name, (rich, plain) in _MARKS.items()}
