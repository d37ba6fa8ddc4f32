"""Lay out a table as lines of styled text that fit a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.text import printable, shortened, width, wrapped

_GAP = 2
_NARROWEST_TEXT = 8
_INDENT = 4
_ARROW = "→ "

Line = list[tuple[str, str]]
"""Pieces of text, each with its style."""


def lines(result: Result, limit: int | None) -> Iterator[Line]:
    """Lay the table out.

    Args:
        result: what to show.
        limit: the columns of the terminal; None where nothing has to fit, as in a pipe.
    """
    if result.details:
        for position, row in enumerate(result.rows):
            yield from [[]] if position else []
            yield from _details(result, row, limit)
    else:
        yield from _table(result, limit)


def _table(result: Result, limit: int | None) -> Iterator[Line]:
    columns, widths = _fitting(result, limit)
    if result.header:
        titles = [column.title for column in columns]
        yield from _row(columns, widths, titles, ["bold"] * len(columns))
    for row in result.rows:
        cells = [_cell(column, row) for column in columns]
        yield from _row(columns, widths, cells, [column.style_of(row) for column in columns])
        for note in result.notes(row) if result.notes else ():
            yield from _note(note, limit)


def _fitting(result: Result, limit: int | None) -> tuple[list[Column], list[int]]:
    """Choose the columns and their widths: drop the least important, then shorten texts."""
    columns = list(result.columns)
    natural = [_natural_width(column, result) for column in columns]
    if limit is None:
        return columns, natural
    while _total(natural) > limit:
        least = max(range(len(columns)), key=lambda n: columns[n].rank)
        if not columns[least].rank:
            widths = list(map(_smallest_width, columns, natural))
            _widen(widths, natural, limit)
            return columns, widths
        del columns[least], natural[least]
    return columns, natural


def _smallest_width(column: Column, natural: int) -> int:
    if column.fit == "whole":
        return natural
    return min(natural, max(_NARROWEST_TEXT, width(column.title)))


def _widen(widths: list[int], natural: Sequence[int], limit: int) -> None:
    """Share out the room that is left among the texts that were shortened, evenly."""
    room = limit - _total(widths)
    while room > 0:
        short = [n for n, wide in enumerate(widths) if wide < natural[n]]
        if not short:
            return
        narrowest = min(short, key=lambda n: widths[n])
        widths[narrowest] += 1
        room -= 1


def _natural_width(column: Column, result: Result) -> int:
    cells = [width(_cell(column, row)) for row in result.rows]
    return max([width(column.title) if result.header else 0, *cells])


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _row(
    columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str], styles: Sequence[str]
) -> Iterator[Line]:
    last = len(columns) - 1
    line: Line = []
    for position, (column, wide, cell) in enumerate(zip(columns, widths, cells, strict=True)):
        if position == last and column.fit == "wrap":
            first, *rest = wrapped(cell, wide) or [""]
            yield [*line, (first, styles[position])]
            indent = " " * (_total(widths) - wide)
            yield from ([(f"{indent}{text}", styles[position])] for text in rest)
            return
        shown = cell if column.fit == "whole" else shortened(cell, wide)
        text = _pad(shown, wide, right=column.right)
        text = text.rstrip() if position == last else f"{text}{' ' * _GAP}"
        line.append((text, styles[position]))
    yield line


def _note(note: str, limit: int | None) -> Iterator[Line]:
    text, style = printable(note), "cyan" if note.startswith(_ARROW) else "dim"
    for part in [text] if limit is None else wrapped(text, limit - _INDENT):
        yield [(f"{' ' * _INDENT}{part}", style)]


def _details(result: Result, row: Row, limit: int | None) -> Iterator[Line]:
    widest = max(width(column.title) for column in result.columns) + _GAP
    for column in result.columns:
        style, title = column.style_of(row), _pad(column.title, widest)
        for text in _texts(column, row):
            parts = [text] if limit is None else wrapped(text, max(20, limit - widest))
            for part in parts:
                yield [(title, "dim"), (part, style)]
                title = " " * widest


def _cell(column: Column, row: Row) -> str:
    """Return what a column shows of a row, on one line."""
    return ", ".join(_texts(column, row))


def _texts(column: Column, row: Row) -> list[str]:
    shown = column.cell(row)
    texts = [shown] if isinstance(shown, str) else shown
    return [printable(text) for text in texts if text] or ["-"]


def _pad(text: str, wide: int, *, right: bool = False) -> str:
    space = " " * (wide - width(text))
    return f"{space}{text}" if right else f"{text}{space}"
