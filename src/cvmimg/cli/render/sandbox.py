"""The state of the sandbox, its faults and its calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.text import iso
from cvmimg.message import Message


def sandbox_status(status: Mapping[str, Any]) -> Result:
    """Its time, and how many things of each kind it holds."""
    now = _moment(status["now"])
    row = {"id": "sandbox", **status, "now": now}
    return Result(
        document=row, rows=[row], columns=COLUMNS, keys=("now", "speed", "documents"), details=True
    )


FAULT_KEYS = ("fault", "met", "used_up")
CALL_KEYS = (
    "now",
    "service",
    "action",
    "region",
    "account",
    "code",
    "request_id",
    "dry_run",
    "faults",
    "milliseconds",
    "params",
)


def fault_list(faults: Sequence[Mapping[str, Any]]) -> Result:
    """Return a list of faults."""
    rows = [{"id": fault["fault"], **fault} for fault in faults]
    return Result(rows, rows, _FAULTS, FAULT_KEYS, empty=Message("NoFaults"), has_ids=False)


def call_list(calls: Sequence[Mapping[str, Any]]) -> Result:
    """Return a list of API calls, newest first."""
    rows = [
        {**call, "id": call["request_id"], "now": _moment(call["now"])} for call in reversed(calls)
    ]
    return Result(rows, rows, _CALLS, CALL_KEYS, empty=Message("NoCalls"), has_ids=False)


def _moment(seconds: float) -> str | None:
    return iso(datetime.fromtimestamp(seconds, timezone.utc))


def _documents(row: Row) -> list[str]:
    return [_counted(count, kind) for kind, count in row["documents"].items()]


def _counted(count: int, kind: str) -> str:
    """Return a number of resources, such as "2 launch templates" or "1 snapshot policy"."""
    name = kind.replace("-", " ")
    plural = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    return f"{count} {name if count == 1 else plural}"


def _faults(row: Row) -> list[str]:
    return [fault["fault"] for fault in row["faults"]]


COLUMNS = (
    Column("time", "now"),
    Column("speed", text=lambda row: f"{row['speed']:g} times real time"),
    Column("resources", text=_documents),
    Column("faults", text=_faults),
)
_FAULTS = (
    Column("FAULT", "fault"),
    Column("CALLS AFFECTED", "met", right=True),
    Column("USED UP", "used_up", lambda row: "yes" if row["used_up"] else ""),
)
_CALLS = (
    Column("TIME", "now", style="cyan"),
    Column("SERVICE", "service", rank=2),
    Column("ACTION", "action", style="bold"),
    Column("REGION", "region", rank=3),
    Column("CODE", "code", lambda row: row["code"] or "ok", fit="shorten"),
    Column("MS", "milliseconds", lambda row: f"{row['milliseconds']:g}", right=True, rank=4),
)
