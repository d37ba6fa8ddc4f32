"""What the journal holds: ``operations list``, ``show`` and ``forget``."""

from __future__ import annotations

from cvmimg.durable.journal.journal import Journal
from cvmimg.durable.journal.record import OperationRecord
from cvmimg.errors import PreconditionFailed


def list_operations(journal: Journal, *, unfinished: bool = False) -> list[OperationRecord]:
    """The operations of this user on this machine, newest first.

    Args:
        journal: where they are written.
        unfinished: leave the finished ones out.

    Raises:
        PreconditionFailed: a file is damaged or of a newer version; the message names it.
    """
    return journal.unfinished_records()[::-1] if unfinished else journal.records()


def show_operation(journal: Journal, operation_id: str) -> OperationRecord:
    """One operation; raises NotFound if there is none of this id."""
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
    if operation_id in journal.unfinished_ids() and not force:
        raise PreconditionFailed(
            f"{operation_id} is not finished: an instance may have to be put back",
            code="OperationUnfinished",
            hint=f"cvmimg resume {operation_id}; to forget it all the same, add --yes",
        )
    journal.forget(operation_id)
