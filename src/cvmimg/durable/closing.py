"""Closing an operation truthfully when it fails: what is certain is closed, doubt stays open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cvmimg.durable.journal.journal import OperationLog
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, Interrupted, WaitTimeout


@contextmanager
def closed_on_failure(session: Session, log: OperationLog) -> Iterator[None]:
    """Close the operation as failed if an error leaves no step in doubt; else name the way on.

    An interrupted or timed out operation stays open: its task goes on in the cloud.
    """
    try:
        yield
    except CvmimgError as error:
        in_doubt = any(step.status == "started" for step in log.record.steps)
        goes_on = isinstance(error, Interrupted | WaitTimeout) and log.record.steps
        if in_doubt or goes_on:
            error.hint = f"{session.program} resume {log.id}"
        elif log.record.status == "open" and not log.close("failed", error=error.message):
            error.hint = f"make room on the disk, then {session.program} resume {log.id}"
        raise
