"""Operations of the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cvmimg.cli.messages import text
from cvmimg.cli.render import ID, REGION, Column, Result, Row
from cvmimg.cli.text import duration, iso, minute
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.durable.journal.journal import Scan
    from cvmimg.durable.journal.record import OperationRecord
    from cvmimg.durable.operation import Resumed
    from cvmimg.workflows.recovery.find import Unfinished

KEYS = (
    "id",
    "kind",
    "status",
    "region",
    "created_at",
    "ended_at",
    "instance_ids",
    "result",
    "error",
)
_STYLES = {"open": "yellow", "running": "cyan", "done": "green", "failed": "red"}
_RESULT_IDS = ("image_id", "image_ids", "instance_ids", "snapshot_id", "snapshot_ids")
"""The parts of a result that are ids."""


def operation_json(record: OperationRecord, *, running: bool = False) -> dict[str, Any]:
    """Return an operation as JSON; an open one that a process works on is "running"."""
    return {
        "id": record.id,
        "kind": record.kind,
        "status": "running" if running and record.status == "open" else record.status,
        "region": record.region,
        "created_at": iso(record.created),
        "ended_at": iso(record.ended),
        "account": record.account.id,
        "host": record.actor.host,
        "user": record.actor.user,
        "run_url": record.actor.run_url,
        "instance_ids": list(record.instance_ids),
        "sandbox": record.origin.sandbox,
        "endpoint": record.origin.endpoint,
        "profile": record.origin.profile,
        "steps": [
            {
                "name": step.name,
                "status": step.status,
                "at": iso(step.at),
                "outcome": step.outcome,
                "request_ids": list(step.request_ids),
            }
            for step in record.steps
        ],
        "result": record.result,
        "error": _error(record),
    }


def _error(record: OperationRecord) -> str:
    return text(Message.from_json(record.failure.message)) if record.failure else ""


def operation_list(scan: Scan, is_running: Callable[[str], bool]) -> Result:
    """Return a list of operations, and the files of the journal that could not be read."""
    rows = [operation_json(record, running=is_running(record.id)) for record in scan.records]
    skipped = [Message("JournalFileSkipped", error=file.error.message) for file in scan.unreadable]
    return Result(
        rows,
        rows,
        LIST_COLUMNS,
        KEYS,
        empty=Message("NoOperations"),
        footer="\n".join(map(text, skipped)),
    )


def exported(records: Sequence[OperationRecord], is_running: Callable[[str], bool]) -> Result:
    """Return operations for an audit log: with the ids of their requests, oldest first."""
    rows = [
        operation_json(record, running=is_running(record.id))
        | {"request_ids": [one for step in record.steps for one in step.request_ids]}
        for record in records
    ]
    return Result(rows, rows, LIST_COLUMNS, (*KEYS, "request_ids"))


def one_operation(record: OperationRecord, is_running: Callable[[str], bool]) -> Result:
    """Return one operation with its steps, and what to do if it is unfinished."""
    row = operation_json(record, running=is_running(record.id))
    resume = Message("operation.resume", operation=record.id)
    return Result(
        document=row,
        rows=[row],
        columns=DETAIL_COLUMNS,
        keys=KEYS,
        details=True,
        footer=text(resume) if row["status"] == "open" else "",
    )


def removed_operations(records: Sequence[OperationRecord]) -> Result:
    """Return the operations that were removed from the history."""
    rows = [operation_json(record) for record in records]
    return Result(rows, rows, LIST_COLUMNS, KEYS, empty=Message("NoOldOperations"))


def resumed(finished: Sequence[Resumed]) -> Result:
    """Return what ``resume`` has finished or rolled back."""
    rows = [
        operation_json(one.operation) | {"remains": " ".join(map(text, one.remains))}
        for one in finished
    ]
    remains = {one.operation.id: list(map(text, one.remains)) for one in finished}
    return Result(
        document=rows,
        rows=rows,
        columns=LIST_COLUMNS,
        notes=lambda row: remains[row["id"]],
        keys=(*KEYS, "remains"),
        empty=Message("NothingUnfinished"),
    )


def found_in_cloud(
    found: Sequence[Unfinished], is_open: Callable[[str], bool], *, all_regions: bool
) -> Result:
    """Return the operations that ``resume --from-cloud`` has found; ``is_open``: in the journal."""
    region = (REGION,) if all_regions else ()
    rows = [_found_json(one, here=is_open(one.holder)) for one in found]
    return Result(
        document=rows,
        rows=rows,
        columns=[*FOUND_COLUMNS[:1], *region, *FOUND_COLUMNS[1:]],
        keys=tuple(rows[0]) if rows else (),
        empty=Message("NothingUnfinishedInCloud"),
    )


def _found_json(found: Unfinished, *, here: bool) -> dict[str, Any]:
    tag, image = found.tag, found.image
    return {
        "id": found.holder,
        "operation_id": found.operation_id,
        "region": found.region,
        "instance_id": found.instance_id,
        "instance_state": found.instance_state,
        "changes": list(found.changes),
        "since": iso(tag.since) if tag else None,
        "host": tag.host if tag else "",
        "user": tag.user if tag else "",
        "run_url": tag.run_url if tag else "",
        "tagged": tag is not None,
        "in_journal": here,
        "image_id": image.image_id if image else None,
        "image_state": image.image_state if image else None,
    }


def _ids(result: Any) -> list[str]:
    """Return the ids in a result or a step's outcome."""
    ids: list[str] = []
    for key in _RESULT_IDS:
        value = result.get(key, ())
        ids += [value] if isinstance(value, str) else value
    return ids


def _results(row: Row) -> list[str]:
    """Return the ids that came of an operation, also while it is open; else why it failed."""
    steps = [each for step in row["steps"] for each in _ids(step["outcome"])]
    ids = _ids(row["result"]) or steps
    return list(dict.fromkeys(ids)) or [row["error"]]


def _steps(row: Row) -> list[str]:
    return [
        f"{minute(step['at'])}  {step['name']} {step['status']}"
        f" {', '.join(_ids(step['outcome']))}".rstrip()
        for step in row["steps"]
    ]


def _took(row: Row) -> str:
    if not row["ended_at"]:
        return ""
    began, ended = (
        datetime.fromisoformat(row[key].replace("Z", "+00:00"))
        for key in ("created_at", "ended_at")
    )
    return duration((ended - began).total_seconds(), tenths=False)


def _cloud(row: Row) -> str:
    return "sandbox" if row["sandbox"] else row["endpoint"] or "tencentcloud"


LIST_COLUMNS = (
    ID,
    Column("KIND", "kind"),
    Column("STATUS", "status", style=_STYLES),
    Column("REGION", "region", rank=3),
    Column("INSTANCES", "instance_ids", rank=2),
    Column("STARTED (UTC)", "created_at", moment=True, rank=1),
    Column("RESULT", "result", _results, fit="shorten"),
)
DETAIL_COLUMNS = (
    Column("id", "id", style="cyan"),
    Column("kind", "kind"),
    Column("status", "status", style=_STYLES),
    Column("region", "region"),
    Column("instances", "instance_ids"),
    Column("started", "created_at", moment=True),
    Column("ended", "ended_at"),
    Column("took", text=_took),
    Column("cloud", text=_cloud),
    Column("account", "account"),
    Column("profile", "profile"),
    Column("host", "host"),
    Column("user", "user"),
    Column("run", "run_url"),
    Column("steps", text=_steps),
    Column("result", text=lambda row: _ids(row["result"])),
    Column("error", "error"),
)

FOUND_COLUMNS = (
    ID,
    Column("INSTANCE", "instance_id"),
    Column("STATE", "instance_state"),
    Column("CHANGES", "changes"),
    Column("SINCE (UTC)", "since", lambda row: minute(row["since"]), rank=1),
    Column("HOST", "host", rank=2),
    Column("IMAGE", "image_id"),
    Column("RUN", "run_url", fit="shorten", rank=3),
)
