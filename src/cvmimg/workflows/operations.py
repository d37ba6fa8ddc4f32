"""Show or remove the local operation history: ``operations list``, ``show`` and ``forget``."""

from __future__ import annotations

from cvmimg.durable.journal.journal import Journal, Scan
from cvmimg.durable.journal.record import OperationRecord
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message


def list_operations(journal: Journal, *, unfinished: bool = False) -> Scan:
    """Return the operations of this user on this machine, newest first.

    Args:
        journal: where they are written.
        unfinished: leave the finished ones out.
    """
    scan = journal.scan_unfinished() if unfinished else journal.scan()
    return Scan(scan.records[::-1], scan.unreadable)


def show_operation(journal: Journal, operation_id: str) -> OperationRecord:
    """Return one operation; raises NotFound if there is none of this id."""
    return journal.read(operation_id)


def forget_operation(journal: Journal, operation_id: str, *, force: bool = False) -> None:
    """Remove an operation from the journal. What it changed stays changed.

    Args:
        journal: where it is written.
        operation_id: which.
        force: also if it is not finished.

    Raises:
        NotFound: there is none of this id.
        PreconditionFailed: it is not finished, and ``force`` is not given.
    """
    if not force and journal.is_open(operation_id):
        raise PreconditionFailed(
            Message("ForgetUnfinished", operation=operation_id), code="OperationUnfinished"
        )
    journal.forget(operation_id)
