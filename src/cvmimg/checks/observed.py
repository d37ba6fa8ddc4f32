"""What the readiness checks have in common: they report what was observed in the guest."""

from __future__ import annotations

from cvmimg.checks.result import CheckResult, Status, passed
from cvmimg.guest.facts import GuestFacts
from cvmimg.message import Message


def report(guest: GuestFacts, kind: str, code: str) -> CheckResult:
    """Warn with ``code`` and the names of what was observed of a kind; pass if nothing was."""
    return warn_if(sorted(guest.observed.get(kind, ())), code)


def warn_if(names: list[str], code: str, status: Status = Status.WARN) -> CheckResult:
    """Return ``status`` with ``code`` and these names; pass if there are none."""
    if not names:
        return passed("NothingFound")
    return CheckResult(status, Message(code, names=names), remedies=(Message(f"{code}.hint"),))
