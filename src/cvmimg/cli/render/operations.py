"""Operations of the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from cvmimg.cli.messages import text
from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.text import iso
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.durable.journal.journal import Scan
    from cvmimg.durable.journal.record import OperationRecord
    from cvmimg.durable.operation import Resumed

KEYS = ("id", "kind", "status", "region", "created_at", "instance_ids", "result", "error")


def operation_json(record: OperationRecord) -> dict[str, Any]:
    """An operation as JSON."""
    return {
        "id": record.id,
        "kind": record.kind,
        "status": record.status,
        "region": record.region,
        "created_at": iso(record.created),
        "ended_at": iso(record.ended),
        "account": record.account.id,
        "instance_ids": list(record.instance_ids),
        "sandbox": record.origin.sandbox,
        "endpoint": record.origin.endpoint,
        "profile": record.origin.profile,
        "steps": [
            {"name": step.name, "status": step.status, "at": iso(step.at), "outcome": step.outcome}
            for step in record.steps
        ],
        "result": record.result,
        "error": _error(record),
    }


def _error(record: OperationRecord) -> str:
    return text(Message.from_json(record.failure.message)) if record.failure else ""


def operation_list(scan: Scan, is_running: Callable[[str], bool]) -> Result:
    """A list of operations; an open one that a process works on is shown as running."""
    rows = [operation_json(record) for record in scan.records]
    for row in rows:
        if row["status"] == "open" and is_running(row["id"]):
            row["status"] = "running"
    return Result(
        document=rows,
        rows=rows,
        columns=LIST_COLUMNS,
        keys=KEYS,
        empty=text(Message("NoOperations")),
        footer="\n".join(
            text(Message("JournalFileSkipped", error=file.error.message))
            for file in scan.unreadable
        ),
    )


def one_operation(record: OperationRecord) -> Result:
    """One operation with its steps."""
    row = operation_json(record)
    return Result(document=row, rows=[row], columns=DETAIL_COLUMNS, keys=KEYS, details=True)


def resumed(finished: Sequence[Resumed]) -> Result:
    """What ``resume`` has finished or rolled back."""
    rows = [
        operation_json(one.operation) | {"remains": " ".join(map(text, one.remains))}
        for one in finished
    ]
    return Result(
        document=rows,
        rows=rows,
        columns=[*LIST_COLUMNS, Column("REMAINS", lambda row: row["remains"])],
        keys=(*KEYS, "remains"),
        empty="no unfinished operations",
    )


def _steps(row: Row) -> str:
    return ", ".join(f"{step['name']} {step['status']}" for step in row["steps"])


def _result(row: Row) -> str:
    return ", ".join(f"{key}={value}" for key, value in row["result"].items())


LIST_COLUMNS = (
    Column("ID", lambda row: row["id"], "id", style=lambda _: "cyan"),
    Column("KIND", lambda row: row["kind"], "kind"),
    Column("STATUS", lambda row: row["status"], "status"),
    Column("REGION", lambda row: row["region"], "region", rank=2),
    Column("INSTANCES", lambda row: row["instance_ids"], "instance_ids", rank=1),
    Column("BEGUN (UTC)", lambda row: row["created_at"][:16].replace("T", " "), "created_at"),
)
DETAIL_COLUMNS = (
    Column("id", lambda row: row["id"], style=lambda _: "cyan"),
    Column("kind", lambda row: row["kind"]),
    Column("status", lambda row: row["status"]),
    Column("region", lambda row: row["region"]),
    Column("instances", lambda row: ", ".join(row["instance_ids"])),
    Column("begun", lambda row: row["created_at"]),
    Column("cloud", lambda row: "sandbox" if row["sandbox"] else row["endpoint"]),
    Column("profile", lambda row: row["profile"]),
    Column("steps", _steps),
    Column("result", _result),
    Column("error", lambda row: row["error"]),
)
