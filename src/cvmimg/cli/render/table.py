"""Tables: the same on a terminal and in a pipe, but for colours and what has to fit."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TextIO

from cvmimg.cli.render import Result
from cvmimg.cli.render.layout import lines
from cvmimg.cli.settings import Settings
from cvmimg.cli.terminal import colored, is_terminal, styled, terminal_columns
from cvmimg.cli.text import printable


def write_table(result: Result, settings: Settings, *, stream: TextIO | None = None) -> None:
    """Write the table to ``stream`` (stdout); its footer goes to stderr."""
    stream = stream or sys.stdout
    if result.table_rows is not None:
        result = replace(result, rows=result.table_rows)
    if not result.rows:
        _aside(result.empty, settings)
        return
    color = colored(stream, no_color=settings.no_color)
    limit = terminal_columns(stream) if is_terminal(stream) else None
    for line in lines(result, limit):
        shown = "".join(styled(text, style) if color else text for text, style in line)
        stream.write(f"{shown.rstrip()}\n")
    stream.flush()
    _aside(result.footer, settings)


def _aside(text: str, settings: Settings) -> None:
    if text and not settings.quiet:
        sys.stderr.write(f"{printable(text, keep=chr(10))}\n")
        sys.stderr.flush()
