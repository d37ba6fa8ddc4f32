"""What the two output streams can show."""

from __future__ import annotations

import os
from typing import TextIO


def colored(stream: TextIO, *, no_color: bool = False) -> bool:
    """Whether to colour what is written to ``stream``.

    ``--no-color`` and NO_COLOR beat FORCE_COLOR, which beats what the stream is.
    """
    if no_color or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream)


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at ``stream`` through a terminal that knows more than lines."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def is_watched(stream: TextIO, *, no_progress: bool = False) -> bool:
    """Whether a bar that moves makes sense on ``stream``: a terminal, and not in CI."""
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    return is_terminal(stream) and not no_progress and not in_ci


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
