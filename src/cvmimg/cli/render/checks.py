"""The results of checks, and the list of all checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cvmimg.checks.registry import CHECKS, GROUPS, by_group, failed
from cvmimg.checks.result import CheckResult
from cvmimg.cli.messages import text
from cvmimg.cli.render import Column, Result, Row
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message

CHECK_KEYS = ("id", "status", "summary", "detail", "remedy")
STATUS_STYLES = {"pass": "green", "warn": "yellow", "fail": "bold red", "skip": "dim"}


def check_json(result: CheckResult) -> dict[str, Any]:
    """Return the contract's JSON object of a check's result: words, code and parameters."""
    return {
        "id": result.id,
        "status": result.status.value,
        "summary": text(result.summary),
        "detail": "\n".join(map(text, result.details)),
        "remedy": "\n".join(map(text, result.remedies)),
        **result.summary.as_json(),
    }


def check_list(instance_id: str, checks: Sequence[CheckResult]) -> Result:
    """Return the results of all checks, as the contract has them."""
    document = list(map(check_json, checks))
    return Result(
        document={"instance_id": instance_id, "passed": not failed(checks), "checks": document},
        rows=document,
        table_rows=list(map(check_json, by_group(checks))),
        has_ids=False,
        columns=CHECK_COLUMNS,
        keys=CHECK_KEYS,
        notes=check_notes,
    )


def all_checks() -> Result:
    """Return the list of all checks, with what each is for."""
    rows = [
        {
            "id": check.id,
            "group": check.group,
            "needs_guest": check.needs_guest,
            "purpose": text(check.why),
        }
        for check in CHECKS
    ]
    return Result(
        document=rows,
        rows=rows,
        columns=_LIST_COLUMNS,
        keys=("id", "group", "needs_guest", "purpose"),
    )


def require_passed(checks: Sequence[CheckResult]) -> None:
    """End with exit code 3 if a check failed.

    Raises:
        PreconditionFailed: names those that failed.
    """
    bad = [result.id for result in failed(checks)]
    if bad:
        message = Message("check.failed", failed=bad, count=len(bad), total=len(checks))
        raise PreconditionFailed(message, code="ChecksFailed")


def check_notes(row: Row) -> list[str]:
    """Return the details and the remedy of a check that did not pass, and a group's notices."""
    if row["status"] not in ("warn", "fail") and row["id"] not in GROUPS:
        return []
    remedies = [f"→ {line}" for line in row["remedy"].splitlines() if line]
    return [line for line in row["detail"].splitlines() if line] + remedies


CHECK_COLUMNS = (
    Column("CHECK", "id", style="bold"),
    Column("STATUS", "status", style=STATUS_STYLES),
    Column("SUMMARY", "summary", fit="wrap"),
)
_LIST_COLUMNS = (
    Column("CHECK", "id", style="bold"),
    Column("GROUP", "group"),
    Column("READS GUEST", text=lambda row: "yes" if row["needs_guest"] else "", rank=1),
    Column("PURPOSE", "purpose", fit="wrap"),
)
