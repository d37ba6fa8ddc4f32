"""A summary of the run in Markdown: what CI systems show on the page of a run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import hint, text
from cvmimg.cli.run_report import RunReport
from cvmimg.cli.text import duration, printable
from cvmimg.message import Message

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$@#])")
_STATUS_ORDER = ("fail", "warn", "pass", "skip")


def summary(report: RunReport, _: Path) -> str:
    """Return the result or the error, the checks, the stages with their times, and the cost."""
    blocks = [*_result(report), *_checks(report), *_stages(report), _facts(report)]
    return "\n\n".join(blocks) + "\n"


def _result(report: RunReport) -> Iterator[str]:
    title = "summary.failed" if report.error else "summary.done"
    yield f"### {_words(title, command=f'cvmimg {report.command}')}"
    if report.error is not None:
        yield f"**{_escaped(text(report.error.message))}**"
        notes = [f"- {_escaped(text(note))}" for note in report.error.notes]
        if notes:
            yield "\n".join(notes)
        if hint(report.error):
            yield f"```text\n{_fenced(hint(report.error))}\n```"
    if report.images or report.instances:
        yield _table(
            ("ID", "NAME", "STATE", "PLACE"),
            [
                (each["id"], each["name"], each["state"], each.get("zone") or each["region"])
                for each in (*report.images, *report.instances)
            ],
        )


def _checks(report: RunReport) -> Iterator[str]:
    if not report.checks:
        return
    notable = [one for one in report.checks if one.status in (Status.FAIL, Status.WARN)]
    if notable:
        yield _check_table(notable)
    title = _words("summary.checks", count=len(report.checks))
    folded = f"<details><summary>{title}</summary>"
    yield "\n\n".join([folded, _check_table(report.checks), "</details>"])


def _check_table(checks: Sequence[CheckResult]) -> str:
    ordered = sorted(checks, key=lambda one: _STATUS_ORDER.index(one.status.value))
    rows = [(one.id, one.status.value, text(one.summary)) for one in ordered]
    return _table(("CHECK", "STATUS", "SUMMARY"), rows)


def _stages(report: RunReport) -> Iterator[str]:
    if not report.stages:
        return
    yield _table(
        ("STAGE", "RESULT", "TIME"),
        [
            (stage.title, stage.outcome.replace("_", " "), duration(stage.seconds))
            for stage in report.stages
        ],
    )


def _facts(report: RunReport) -> str:
    cost = report.cost or _snapshot_cost(report)
    facts = [_words("summary.cost", cost=cost)] if cost else []
    facts.append(_words("summary.time", seconds=report.seconds))
    if report.operation_ids:
        facts.append(_words("summary.operation", operations=report.operation_ids))
    return "\n".join(f"- {fact}" for fact in facts)


def _snapshot_cost(report: RunReport) -> str:
    costs = [text(one.summary) for one in report.checks if one.id == "snapshot-cost"]
    return "; ".join(costs)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *([_escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _words(code: str, **params: object) -> str:
    return _escaped(text(Message(code, **params)))


def _escaped(value: str) -> str:
    """Return any text as Markdown that shows exactly this text, on one line."""
    return _SPECIAL.sub(r"\\\1", printable(" ".join(value.split())))


def _fenced(value: str) -> str:
    """Return text that cannot end the code block it is in."""
    return printable(value, keep="\n").replace("```", "` ` `")
