"""Tables: with rich on a terminal, as aligned plain text anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.settings import Settings
from cvmimg.cli.terminal import colored, is_terminal
from cvmimg.cli.text import printable, width

_GAP = "  "


def write(result: Result, settings: Settings, *, stream: TextIO | None = None) -> None:
    """Write the table to ``stream`` (stdout); what is to be said beside it goes to stderr."""
    stream = stream or sys.stdout
    color = colored(stream, no_color=settings.no_color)
    if not result.rows:
        if result.empty and not settings.quiet:
            sys.stderr.write(f"{printable(result.empty)}\n")
    elif color or is_terminal(stream):
        from cvmimg.cli.render.pretty import write_pretty

        write_pretty(result, stream, color=color)
    else:
        stream.writelines(f"{line}\n" for line in _lines(result))
    if result.footer and result.rows and not settings.quiet:
        sys.stderr.write(f"{printable(result.footer)}\n")


def cell(column: Column, row: Row) -> str:
    """What a column shows of a row, on one line."""
    return printable(column.text(row)) or "-"


def _lines(result: Result) -> Iterator[str]:
    if result.details:
        for position, row in enumerate(result.rows):
            yield from [""] if position else []
            yield from _detail_lines(result.columns, row)
        return
    cells = [[column.title for column in result.columns]]
    cells += [[cell(column, row) for column in result.columns] for row in result.rows]
    widths = [max(map(width, texts)) for texts in zip(*cells, strict=True)]
    for texts in cells:
        padded = [
            _pad(text, wide, right=column.right)
            for text, wide, column in zip(texts, widths, result.columns, strict=True)
        ]
        yield _GAP.join(padded).rstrip()


def _detail_lines(columns: Sequence[Column], row: Row) -> Iterator[str]:
    widest = max(width(column.title) for column in columns)
    for column in columns:
        yield f"{_pad(column.title, widest)}{_GAP}{cell(column, row)}"


def _pad(text: str, wide: int, *, right: bool = False) -> str:
    space = " " * (wide - width(text))
    return f"{space}{text}" if right else f"{text}{space}"
