"""Tables on a terminal."""

from __future__ import annotations

from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cvmimg.cli.render import Result
from cvmimg.cli.render.layout import cell, lines


def write_pretty(result: Result, stream: TextIO, *, color: bool) -> None:
    """Write the table of ``result`` to ``stream``.

    Args:
        result: what to write; every text of it is data, so no markup is read in it.
        stream: a terminal, or what is to be coloured as one.
        color: whether with colours.
    """
    console = Console(
        file=stream,
        no_color=not color,
        force_terminal=True if color else None,
        highlight=False,
        emoji=False,
    )
    if not result.as_lines and stream.isatty():
        console.print(_grid(result))
        return
    # The terminal wraps: a command that was wrapped here could not be pasted.
    for line in lines(result):
        console.print(Text.assemble(*line), soft_wrap=True)


def _grid(result: Result) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for column in result.columns:
        table.add_column(
            Text(column.title),
            justify="right" if column.right else "left",
            overflow="fold",
            no_wrap=column is result.columns[0],  # an id is for copying
        )
    for row in result.rows:
        table.add_row(*(Text(cell(each, row), style=each.style(row)) for each in result.columns))
    return table
