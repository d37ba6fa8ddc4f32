"""One result, five formats. What a result looks like is data; see the modules beside this one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from cvmimg.cli.settings import Settings
from cvmimg.cli.streams import OutputFailed, ReaderGone, discard
from cvmimg.cli.text import minute
from cvmimg.message import Message

Row = Mapping[str, Any]
Fit = Literal["whole", "shorten", "wrap"]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading; in lower case in details.
        key: the key of a row that it shows, for --columns; empty for none.
        text: from a row to what is shown, where that is not just the value; several texts are lines
            of their own in details.
        right: whether it is aligned to the right.
        style: of its cells: always the same, by value, or by row.
        fit: on a narrow terminal, leave it whole (ids, dates, states, numbers), shorten it, or
            wrap it at spaces (the last column alone).
        moment: whether it shows a time, which a terminal shows as a relative time.
        rank: a narrow terminal drops the column with the highest rank first; 0 is never dropped.
    """

    title: str
    key: str = ""
    text: Callable[[Row], str | Sequence[str]] | None = None
    right: bool = False
    style: str | Mapping[str, str] | Callable[[Row], str] = ""
    fit: Fit = "whole"
    moment: bool = False
    rank: int = 0

    def cell(self, row: Row) -> str | Sequence[str]:
        """Return what it shows of a row."""
        if self.text is not None:
            return self.text(row)
        value = row[self.key]
        if self.moment and not self.title.islower():
            return minute(value)
        if isinstance(value, (str, list, tuple)):
            return value
        return "" if value is None else str(value)

    def style_of(self, row: Row) -> str:
        """Return the style of a row's cell; empty for none."""
        if isinstance(self.style, str):
            return self.style
        if isinstance(self.style, Mapping):
            return self.style.get(row[self.key], "")
        return self.style(row)


ID = Column("ID", "id", style="cyan")
NAME = Column("NAME", "name", style="bold", fit="shorten")
REGION = Column("REGION", "region")


@dataclass(frozen=True)
class Result:
    """What a command prints.

    Attributes:
        document: the JSON document: the rows themselves, or an object that holds them.
        rows: its parts as JSON objects: the lines of jsonl and csv, each with an ``id``.
        columns: the table.
        keys: the columns of csv, known even where there is no row.
        details: show each row as a list of its columns' values, one below the other.
        notes: lines below a row of the table, such as a remedy; commands (after "→ ") stay whole.
        empty: what to say to a person where there is no row.
        footer: lines below the table.
        header: whether the table and csv begin with the titles.
        table_rows: the rows of the table, where they differ from ``rows``.
        has_ids: whether the ids of the rows name things in the cloud, for ``-o id``.
    """

    document: Any
    rows: Sequence[Row]
    columns: Sequence[Column]
    keys: Sequence[str]
    details: bool = False
    notes: Callable[[Row], Sequence[str]] | None = None
    empty: Message | str = ""
    footer: Message | str = ""
    header: bool = True
    table_rows: Sequence[Row] | None = None
    has_ids: bool = True

    def with_rows(self, rows: Sequence[Row]) -> Result:
        """Return the same result with other rows, in the document too."""
        document: Any = rows
        if isinstance(self.document, Mapping):
            document = {
                key: rows if value is self.rows else value for key, value in self.document.items()
            }
        return replace(self, document=document, rows=rows)


def emit(result: Result, settings: Settings, *, after_change: bool = False) -> None:
    """Print ``result`` to stdout, in the format of ``--output``.

    Args:
        result: what to print.
        settings: the format.
        after_change: something was changed in the cloud, so that a full disk or a closed pipe
            is only noted: the exit code is that of the change.

    Raises:
        OutputFailed: stdout cannot be written.
        ReaderGone: nobody reads stdout any more.
    """
    try:
        _write(result, settings)
    except ReaderGone:
        if not after_change:
            raise
        discard(sys.stdout)
    except OutputFailed as error:
        if not after_change:
            raise
        discard(sys.stdout)
        _note_unwritten(error)


def say(message: Message, settings: Settings) -> None:
    """Write to stderr what was done, where a command has no result; nothing with --quiet."""
    from cvmimg.cli.render.table import aside

    aside(message, settings)


def _write(result: Result, settings: Settings) -> None:
    if settings.output == "table":
        from cvmimg.cli.render.table import write_table

        write_table(result, settings)
    else:
        from cvmimg.cli.render import data

        sys.stdout.writelines(data.FORMATS[settings.output](result))
    sys.stdout.flush()


def _note_unwritten(error: OutputFailed) -> None:
    from cvmimg.cli.messages import text

    sys.stderr.write(f"note: {text(error.message)}\n")
