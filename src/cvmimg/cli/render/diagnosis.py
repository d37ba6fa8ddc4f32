"""What ``doctor`` prints: a table, the policy that is missing, a report to paste."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from cvmimg.cli.effective import effective_settings
from cvmimg.cli.messages import hint, text
from cvmimg.cli.redact import redacted
from cvmimg.cli.render import Result
from cvmimg.cli.render.checks import CHECK_COLUMNS, CHECK_KEYS, check_json, check_notes
from cvmimg.cli.render.configured import shown_value
from cvmimg.cli.settings import Invocation
from cvmimg.cli.versions import versions
from cvmimg.errors import CvmimgError
from cvmimg.message import Message
from cvmimg.workflows.doctor import Diagnosis
from cvmimg.workflows.permissions import policy

_PREFIXES = ("CVMIMG_", "TENCENTCLOUD_", "TCCLI_", "TKE_")
_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "LANG", "TERM")
_FENCE = "```"


def diagnosis_result(diagnosis: Diagnosis) -> Result:
    """Return the findings; the document is an object with the policy that is missing, or null."""
    rows = _rows(diagnosis)
    document = {
        "passed": not diagnosis.failures,
        "checks": rows,
        "policy": policy(diagnosis.missing) if diagnosis.missing else None,
    }
    return Result(
        document=document,
        rows=rows,
        columns=CHECK_COLUMNS,
        keys=CHECK_KEYS,
        notes=check_notes,
        has_ids=False,
    )


def missing_policy(diagnosis: Diagnosis) -> str:
    """Return the policy that is missing as JSON to paste; empty if nothing is missing."""
    return json.dumps(policy(diagnosis.missing), indent=2) if diagnosis.missing else ""


def report_text(diagnosis: Diagnosis, invocation: Invocation) -> str:
    """Return the findings as Markdown to paste into an issue, redacted."""
    lines = "\n".join(_report_lines(diagnosis, invocation))
    return redacted(lines, invocation.environment, invocation.home)


def require_healthy(diagnosis: Diagnosis) -> None:
    """End with the exit code of the most basic failure.

    Raises:
        CvmimgError: something failed; of the type of the first error.
    """
    if not diagnosis.failures:
        return
    names, first = list(diagnosis.failures), next(iter(diagnosis.failures.values()))
    message = Message("ProblemsFound", count=len(names), names=names)
    kind: type[CvmimgError] = type(first)
    raise kind(message)


def _rows(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    rows = [check_json(finding) for finding in diagnosis.findings]
    for row in rows:
        error = diagnosis.failures.get(row["id"])
        if error is not None:
            row["remedy"] = hint(error)
    return rows


def _report_lines(diagnosis: Diagnosis, invocation: Invocation) -> Iterator[str]:
    yield from (text(Message("report.doctor")), "", _FENCE)
    yield from _padded([(name, version) for name, version in versions().items()])
    yield from (_FENCE, "", _FENCE)
    for row in _rows(diagnosis):
        yield f"{row['status']:5} {row['id']}: {row['summary']} [{row['code']}]"
        yield from (f"      {line}" for line in row["detail"].splitlines())
    yield from (_FENCE, "", _FENCE)
    yield from _padded(_settings(invocation))
    yield from (_FENCE, "", _FENCE)
    yield from sorted(_set_variables(invocation))
    yield _FENCE


def _settings(invocation: Invocation) -> Sequence[tuple[str, str]]:
    try:
        found = effective_settings(invocation)
    except CvmimgError as error:
        return [("settings", text(error.message))]
    return [(each.key, f"{shown_value(each.value) or '-'} ({each.source})") for each in found]


def _set_variables(invocation: Invocation) -> Iterator[str]:
    """Return the names of the variables that are set, without their values."""
    for name in invocation.environment:
        if name.startswith(_PREFIXES) or name in _VARIABLES:
            yield name


def _padded(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        yield f"{name.ljust(width)}  {value}"
