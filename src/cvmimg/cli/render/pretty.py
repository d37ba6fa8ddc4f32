"""Tables on a terminal."""

from __future__ import annotations

from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cvmimg.cli.render import Result, Row
from cvmimg.cli.render.table import cell


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
    if result.details:
        for position, row in enumerate(result.rows):
            if position:
                console.print()
            console.print(_details(result, row))
    else:
        console.print(_grid(result))


def _grid(result: Result) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", padding=(0, 1))
    for column in result.columns:
        table.add_column(
            Text(column.title), justify="right" if column.right else "left", overflow="fold"
        )
    for row in result.rows:
        table.add_row(*(Text(cell(each, row), style=each.style(row)) for each in result.columns))
    return table


def _details(result: Result, row: Row) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for column in result.columns:
        table.add_row(Text(column.title), Text(cell(column, row), style=column.style(row)))
    return table
