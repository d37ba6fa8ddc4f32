"""Do several things at once, and combine their errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from cvmimg.cloud.answers import concurrently
from cvmimg.errors import CvmimgError
from cvmimg.message import Message

Result = TypeVar("Result")


def attempt(job: Callable[[], Result]) -> Result | CvmimgError:
    """Return the result of a job, or the error with which it failed."""
    try:
        return job()
    except CvmimgError as error:
        return error


def attempt_all(jobs: Sequence[Callable[[], Result]]) -> list[Result | CvmimgError]:
    """Return the results or errors of jobs, which are done side by side."""
    return concurrently([partial(attempt, job) for job in jobs])


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
