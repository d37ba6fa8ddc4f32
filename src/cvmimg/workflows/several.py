"""Combine the errors of several things that were requested at once."""

from __future__ import annotations

from collections.abc import Mapping

from cvmimg.errors import CvmimgError
from cvmimg.message import Message


def failure_of(errors: Mapping[str, CvmimgError], total: int) -> CvmimgError | None:
    """Return one error for all that failed; None if nothing did.

    Args:
        errors: what failed, by the id of what was asked for.
        total: how many things were asked for.

    Returns:
        An error of the worst kind (the highest exit code), with the code and the hint of the worst
        one and the notes of all; of a single thing, or of all together, its own error.
    """
    if not errors:
        return None
    worst = max(errors.values(), key=lambda error: error.exit_code)
    is_one = total == 1 or (len(errors) > 1 and all(one is worst for one in errors.values()))
    if is_one:
        return worst
    reasons = [
        Message("FailedFor", subject=subject, error=error.message)
        for subject, error in errors.items()
    ]
    failure = type(worst)(
        Message("SeveralFailed", count=len(errors), total=total, reasons=reasons),
        code=worst.code,
        hint=worst.hint,
        request_id=worst.request_id,
    )
    failure.notes = [note for error in errors.values() for note in error.notes]
    failure.resume_command = worst.resume_command
    return failure
