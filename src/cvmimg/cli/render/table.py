"""Tables: with rich on a terminal, as aligned plain text anywhere else."""

from __future__ import annotations

import sys
from typing import TextIO

from cvmimg.cli.render import Result
from cvmimg.cli.render.layout import lines
from cvmimg.cli.settings import Settings
from cvmimg.cli.terminal import colored, is_terminal
from cvmimg.cli.text import printable


def write_table(result: Result, settings: Settings, *, stream: TextIO | None = None) -> None:
    """Write the table to ``stream`` (stdout); its footer goes to stderr."""
    stream = stream or sys.stdout
    color = colored(stream, no_color=settings.no_color)
    if not result.rows:
        _aside(result.empty, settings)
        return
    if color or is_terminal(stream):
        from cvmimg.cli.render.pretty import write_pretty

        write_pretty(result, stream, color=color)
    else:
        plain = ("".join(text for text, _ in line).rstrip() for line in lines(result))
        stream.writelines(f"{text}\n" for text in plain)
    stream.flush()
    _aside(result.footer, settings)


def _aside(text: str, settings: Settings) -> None:
    if text and not settings.quiet:
        sys.stderr.write(f"{printable(text)}\n")
