"""Tables: the same on a terminal and in a pipe, except for colors and width."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TextIO

from cvmimg.cli.messages import text
from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.render.layout import lines
from cvmimg.cli.settings import Invocation, Settings
from cvmimg.cli.terminal import colored, is_terminal, styled, terminal_columns
from cvmimg.cli.text import ago, printable, wrapped
from cvmimg.message import Message


def write_table(result: Result, settings: Settings, *, stream: TextIO | None = None) -> None:
    """Write the table to ``stream`` (stdout); its footer goes to stderr."""
    stream = stream or sys.stdout
    if result.table_rows is not None:
        result = replace(result, rows=result.table_rows)
    if not result.rows:
        aside(result.empty, settings)
        return
    if is_terminal(stream) and (display := Invocation.current.display):
        display.separate()
    stream.writelines(f"{line}\n" for line in table_lines(result, settings, stream))
    stream.flush()
    aside(result.footer, settings)


def table_lines(result: Result, settings: Settings, stream: TextIO) -> Iterator[str]:
    """Return the lines of the table as ``stream`` can show them."""
    color = colored(stream, no_color=settings.no_color)
    limit = terminal_columns(stream) if is_terminal(stream) else None
    if limit is not None:
        result = replace(result, columns=[_for_people(column) for column in result.columns])
    for line in lines(result, limit):
        yield "".join(styled(piece, style) if color else piece for piece, style in line).rstrip()


def _for_people(column: Column) -> Column:
    """Return a column of times as a column of relative times."""
    if not column.moment:
        return column
    now = Invocation.current.now()

    def relative_time(row: Row) -> str:
        moment = row[column.key]
        relative = ago(moment, now)
        return f"{moment} ({relative})" if relative and column.title.islower() else relative

    def shown(row: Row) -> str | Sequence[str]:
        return relative_time(row) or column.cell(row)

    return replace(column, title=column.title.removesuffix(" (UTC)"), text=shown)


def aside(message: Message | str, settings: Settings) -> None:
    """Write lines to stderr, wrapped at spaces on a terminal; after "→ " is what to do next."""
    if not message or settings.quiet:
        return
    limit = terminal_columns(sys.stderr) if is_terminal(sys.stderr) else None
    color = colored(sys.stderr, no_color=settings.no_color)
    for line in printable(text(message), keep="\n").splitlines():
        style = "cyan" if color and line.startswith("→ ") else ""
        for part in [line] if limit is None else wrapped(line, limit):
            sys.stderr.write(f"{styled(part, style)}\n")
    sys.stderr.flush()
