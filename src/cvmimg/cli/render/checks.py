"""What the checks said."""

from __future__ import annotations

from collections.abc import Sequence

from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.render import Column, Result, Row
from cvmimg.errors import PreconditionFailed

KEYS = ("id", "status", "summary", "detail", "remedy")
_STYLES = {"pass": "green", "warn": "yellow", "fail": "bold red", "skip": "dim"}


def check_list(instance_id: str, checks: Sequence[CheckResult]) -> Result:
    """All verdicts, as the contract has them."""
    rows = [check.as_json() for check in checks]
    return Result(
        document={"instance_id": instance_id, "passed": not failed(checks), "checks": rows},
        rows=rows,
        columns=COLUMNS,
        keys=KEYS,
        notes=_notes,
    )


def failed(checks: Sequence[CheckResult]) -> list[CheckResult]:
    """Those that refuse the image."""
    return [check for check in checks if check.status is Status.FAIL]


def require_passed(checks: Sequence[CheckResult]) -> None:
    """End with exit code 3 if a check failed.

    Raises:
        PreconditionFailed: names those that failed.
    """
    bad = failed(checks)
    if bad:
        raise PreconditionFailed(
            f"{len(bad)} of {len(checks)} checks failed ({', '.join(check.id for check in bad)})",
            code="ChecksFailed",
        )


def _notes(row: Row) -> list[str]:
    """The reasons and the remedy of what is not in order."""
    if row["status"] not in ("warn", "fail"):
        return []
    remedies = [f"→ {line}" for line in row["remedy"].splitlines() if line]
    return [line for line in row["detail"].splitlines() if line] + remedies


COLUMNS = (
    Column("CHECK", lambda row: row["id"], style=lambda _: "bold"),
    Column("STATUS", lambda row: row["status"], style=lambda row: _STYLES[row["status"]]),
    Column("SUMMARY", lambda row: row["summary"], fit="wrap"),
)
