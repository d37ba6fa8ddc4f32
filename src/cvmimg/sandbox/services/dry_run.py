"""Dry runs: requests that are checked but not performed."""

from __future__ import annotations

from cvmimg.sandbox.wire.call import Answer, Call
from cvmimg.sandbox.wire.errors import refusal

_ANSWERED_WITH_REQUEST_ID = frozenset({"RunInstances", "ImportImage"})


def requested(call: Call) -> bool:
    """Return whether ``call`` is a dry run that the service honors."""
    return bool(call.params.get("DryRun")) and call.settings.dry_run != "ignored"


def answer(call: Call) -> Answer:
    """Answer a dry run that passed.

    Raises:
        ApiError: DryRunOperation.
    """
    form = call.settings.dry_run
    if form == "by-action":
        form = "request-id" if call.action in _ANSWERED_WITH_REQUEST_ID else "error"
    if form == "error":
        raise refusal("DryRunOperation")
    return {}
