"""What ``explain`` prints."""

from __future__ import annotations

from dataclasses import asdict

from cvmimg.cli.explanation import Explanation
from cvmimg.cli.messages import text
from cvmimg.cli.render import Column, Result, Row
from cvmimg.message import Message


def explained(explanation: Explanation) -> Result:
    """Return what a code means."""
    row = asdict(explanation)
    columns = [column for column in _COLUMNS if column.cell(row)]
    return Result(
        document=row, rows=[row], columns=columns, keys=tuple(row), details=True, has_ids=False
    )


def _kind(row: Row) -> str:
    return text(Message(f"explain.{row['kind']}"))


def _exit_code(row: Row) -> str:
    return "" if row["exit_code"] is None else str(row["exit_code"])


_COLUMNS = (
    Column("code", "code", style="bold"),
    Column("is", text=_kind),
    Column("says", text=lambda row: row["says"].splitlines()),
    Column("means", "meaning"),
    Column("what to do", "remedy", style="cyan"),
    Column("exit code", text=_exit_code),
    Column("results", "results"),
    Column("docs", "page", style="dim"),
)
