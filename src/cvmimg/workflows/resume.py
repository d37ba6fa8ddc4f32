"""Finish or roll back interrupted operations."""

from __future__ import annotations

from typing import Any

from cvmimg.durable.operation import Operation, Resumed, resume_operation
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, Interrupted
from cvmimg.message import Message
from cvmimg.workflows.copy.operation import CopyOperation
from cvmimg.workflows.create.operation import CreateOperation
from cvmimg.workflows.delete.operation import DeleteOperation
from cvmimg.workflows.family.operation import FamilyOperation
from cvmimg.workflows.launch.operation import LaunchOperation
from cvmimg.workflows.prune.operation import PruneOperation
from cvmimg.workflows.share import ShareOperation, UnshareOperation
from cvmimg.workflows.snapshot.operation import SnapshotOperation
from cvmimg.workflows.update import UpdateOperation

KINDS: dict[str, type[Operation[Any, Any]]] = {
    kind.kind: kind
    for kind in (
        CreateOperation,
        LaunchOperation,
        SnapshotOperation,
        DeleteOperation,
        UpdateOperation,
        CopyOperation,
        ShareOperation,
        UnshareOperation,
        PruneOperation,
        FamilyOperation,
    )
}
"""Every kind of operation that can be resumed, by its name in the journal."""


def resume(
    session: Session,
    operation_id: str | None = None,
    *,
    roll_back: bool = False,
    timeout_seconds: float = 7200.0,
) -> list[Resumed]:
    """Finish one unfinished operation, or all of this cloud; none is not an error.

    Args:
        session: how to reach the cloud; each operation's own region is used.
        operation_id: which; None for all that no process works on.
        roll_back: revert its changes instead of finishing it.
        timeout_seconds: how long to wait for each.

    Returns:
        What was finished, oldest first.

    Raises:
        NotFound: no unfinished operation has this id.
        PreconditionFailed: another process works on it, it belongs to another cloud or account,
            or it cannot be read.
        CvmimgError: as the operation itself. Of several, all are tried; the first error is raised.
    """
    wanted = [operation_id] if operation_id else _unfinished_here(session)
    finished: list[Resumed] = []
    errors: list[CvmimgError] = []
    for one in wanted:
        try:
            finished.append(
                resume_operation(
                    session, one, KINDS, roll_back=roll_back, timeout_seconds=timeout_seconds
                )
            )
        except Interrupted:
            raise
        except CvmimgError as error:
            errors.append(error)
            if len(wanted) > 1:
                message = Message("OperationNotResumed", operation=one, error=error.message)
                session.progress.notice(message)
    if errors:
        raise errors[0]
    return finished


def _unfinished_here(session: Session) -> list[str]:
    """Return the operations to resume: those of this cloud that no process works on."""
    scan = session.journal.scan_unfinished()
    for file in scan.unreadable:
        session.progress.notice(Message("JournalFileSkipped", error=file.error.message))
    return [
        record.id
        for record in scan.records
        if record.origin.cloud == session.origin.cloud and not session.journal.is_running(record.id)
    ]
