"""Operations of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.text import iso

if TYPE_CHECKING:
    from cvmimg.durable.journal.record import OperationRecord
    from cvmimg.workflows.resume import Resumed

KEYS = ("id", "kind", "status", "region", "created_at", "instance_ids", "result", "error")


def operation_json(record: OperationRecord) -> dict[str, Any]:
    """An operation as JSON."""
    return {
        "id": record.id,
        "kind": record.kind,
        "status": record.status,
        "region": record.region,
        "created_at": iso(record.created),
        "instance_ids": list(record.instance_ids),
        "sandbox": record.origin.sandbox,
        "endpoint": record.origin.endpoint,
        "profile": record.origin.profile,
        "steps": [
            {"name": step.name, "status": step.status, "at": iso(step.at), "outcome": step.outcome}
            for step in record.steps
        ],
        "result": record.result,
        "error": record.error,
    }


def operation_list(records: Sequence[OperationRecord]) -> Result:
    """A list of operations."""
    rows = [operation_json(record) for record in records]
    return Result(
        document=rows, rows=rows, columns=LIST_COLUMNS, keys=KEYS, empty="no such operation"
    )


def one_operation(record: OperationRecord) -> Result:
    """One operation with its steps."""
    row = operation_json(record)
    return Result(document=row, rows=[row], columns=DETAIL_COLUMNS, keys=KEYS, details=True)


def resumed(finished: Sequence[Resumed]) -> Result:
    """What ``resume`` has finished or put back."""
    rows = [operation_json(one.operation) | {"remains": one.remains} for one in finished]
    return Result(
        document=rows,
        rows=rows,
        columns=[*LIST_COLUMNS, Column("REMAINS", lambda row: row["remains"])],
        keys=(*KEYS, "remains"),
        empty="nothing is unfinished",
    )


def _steps(row: Row) -> str:
    return ", ".join(f"{step['name']} {step['status']}" for step in row["steps"])


def _result(row: Row) -> str:
    return ", ".join(f"{key}={value}" for key, value in row["result"].items())


LIST_COLUMNS = (
    Column("ID", lambda row: row["id"], style=lambda _: "cyan"),
    Column("KIND", lambda row: row["kind"]),
    Column("STATUS", lambda row: row["status"]),
    Column("REGION", lambda row: row["region"]),
    Column("INSTANCES", lambda row: ", ".join(row["instance_ids"])),
    Column("BEGUN (UTC)", lambda row: row["created_at"][:16].replace("T", " ")),
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
