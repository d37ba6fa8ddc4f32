"""Check ``dry-run``: the API accepts the request."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status, passed
from cvmimg.errors import CredentialsError
from cvmimg.message import Message


def check(facts: Facts) -> CheckResult:
    """Require that CreateImage with DryRun was accepted."""
    error = facts.refusal
    if error is None:
        return passed("DryRunAccepted")
    status = Status.FAIL
    summary = Message("DryRunRefused", error=error.code)
    if isinstance(error, CredentialsError):
        status, summary = Status.WARN, Message("DryRunNotPermitted", error=error.code)
    detail = Message("dry-run.error", message=error.message)
    if error.request_id:
        detail = Message(
            "dry-run.error-with-request", message=error.message, request=error.request_id
        )
    remedy = Message("dry-run.hint", hint=error.hint) if error.hint else Message("dry-run.fix")
    return CheckResult(status, summary, (detail,), (remedy,))
