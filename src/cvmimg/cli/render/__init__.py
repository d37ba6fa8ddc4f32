"""One result, five formats. What a result looks like is data; see the modules beside this one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cvmimg.cli.settings import Settings
from cvmimg.cli.streams import OutputFailed, ReaderGone, discard

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading.
        text: from a row to what is shown.
        right: whether it is aligned to the right.
        style: from a row to rich's style of the cell; none by default.
    """

    title: str
    text: Callable[[Row], str]
    right: bool = False
    style: Callable[[Row], str] = field(default=lambda _: "")


@dataclass(frozen=True)
class Result:
    """What a command has to say.

    Attributes:
        document: the JSON document.
        rows: its parts, as JSON objects: the lines of jsonl and csv, each with an ``id``.
        columns: the table.
        details: show each row as a list of its columns' values, one below the other.
        keys: the columns of csv, known even where there is no row.
        notes: lines below a row of the table, such as a remedy; those with → can be pasted.
        empty: what to say to a person where there is no row.
        footer: a line below the table.
    """

    document: Any
    rows: Sequence[Row]
    columns: Sequence[Column]
    keys: Sequence[str]
    details: bool = False
    notes: Callable[[Row], Sequence[str]] | None = None
    empty: str = ""
    footer: str = ""

    @property
    def as_lines(self) -> bool:
        """Whether it is shown line by line rather than in a grid."""
        return self.details or self.notes is not None


def emit(result: Result, settings: Settings, *, after_change: bool = False) -> None:
    """Print ``result`` to stdout, in the format of ``--output``.

    Args:
        result: what to print.
        settings: the format.
        after_change: something was changed in the cloud, so that a full disk or a closed pipe
            is only noted: the exit code tells how the change went.

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
