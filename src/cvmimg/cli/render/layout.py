"""What a table shows, as lines of styled text."""

from __future__ import annotations

from collections.abc import Iterator

from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.text import printable, width

_GAP = "  "

Line = list[tuple[str, str]]
"""Pieces of text, each with its style in rich's words."""


def cell(column: Column, row: Row) -> str:
    """What a column shows of a row, on one line."""
    return printable(column.text(row)) or "-"


def lines(result: Result) -> Iterator[Line]:
    """The table as lines of aligned columns."""
    if result.details:
        for position, row in enumerate(result.rows):
            yield from [[]] if position else []
            yield from _details(result, row)
        return
    cells = [[cell(column, row) for column in result.columns] for row in result.rows]
    titles = [column.title for column in result.columns]
    widths = [max(map(width, texts)) for texts in zip(titles, *cells, strict=True)]
    yield _line(result, titles, widths, ["bold"] * len(titles))
    for row, texts in zip(result.rows, cells, strict=True):
        yield _line(result, texts, widths, [column.style(row) for column in result.columns])
        for note in result.notes(row) if result.notes else ():
            yield [(f"    {printable(note)}", "cyan" if note.startswith("→") else "dim")]


def _line(result: Result, texts: list[str], widths: list[int], styles: list[str]) -> Line:
    padded = [
        _pad(text, wide, right=column.right)
        for text, wide, column in zip(texts, widths, result.columns, strict=True)
    ]
    return [(f"{text}{_GAP}", style) for text, style in zip(padded, styles, strict=True)]


def _details(result: Result, row: Row) -> Iterator[Line]:
    widest = max(width(column.title) for column in result.columns)
    for column in result.columns:
        title = f"{_pad(column.title, widest)}{_GAP}"
        yield [(title, "dim"), (cell(column, row), column.style(row))]


def _pad(text: str, wide: int, *, right: bool = False) -> str:
    space = " " * (wide - width(text))
    return f"{space}{text}" if right else f"{text}{space}"
