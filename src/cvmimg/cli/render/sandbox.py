"""The state of the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.text import iso


def sandbox_status(status: Mapping[str, Any]) -> Result:
    """Its time, and how many things of each kind it holds."""
    now = iso(datetime.fromtimestamp(status["now"], timezone.utc))
    row = {"id": "sandbox", **status, "now": now}
    return Result(
        document=row, rows=[row], columns=COLUMNS, keys=("now", "speed", "documents"), details=True
    )


def _documents(row: Row) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in row["documents"].items())


COLUMNS = (
    Column("time there", lambda row: row["now"]),
    Column("speed", lambda row: f"{row['speed']:g} times"),
    Column("holds", _documents),
)
