"""Show or remove the local operation history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from cvmimg.durable.journal.journal import Journal, Scan
from cvmimg.durable.journal.record import OperationRecord
from cvmimg.errors import CvmimgError, NotFound, PreconditionFailed, UsageError
from cvmimg.message import Message


def find_operation(journal: Journal, reference: str) -> str:
    """Return the id of the operation that an id or an unambiguous part of one names.

    Args:
        journal: where operations are recorded.
        reference: an id, its beginning (op-20261123-1a), or the beginning of its last part (1a2b).

    Raises:
        NotFound: no operation has such an id.
        UsageError: several have.
    """
    if journal.path_of(reference) is not None:
        return reference
    scan = journal.scan()
    ids = [record.id for record in scan.records] + [file.path.stem for file in scan.unreadable]
    found = sorted(
        one for one in ids if one.startswith(reference) or one[-6:].startswith(reference)
    )
    if not found:
        raise NotFound(Message("OperationNotFound", operation=reference))
    if len(found) > 1:
        raise UsageError(Message("AmbiguousOperation", reference=reference, operations=found))
    return found[0]


def list_operations(journal: Journal, *, unfinished: bool = False) -> Scan:
    """Return the operations of this user on this machine, newest first."""
    scan = journal.scan_unfinished() if unfinished else journal.scan()
    return Scan(scan.records[::-1], scan.unreadable)


def started_within(journal: Journal, seconds: float | None) -> Scan:
    """Return the operations that were started within ``seconds``, or all, oldest first."""
    scan = journal.scan()
    if seconds is None:
        return scan
    limit = journal.now() - timedelta(seconds=seconds)
    return Scan(tuple(one for one in scan.records if one.created >= limit), scan.unreadable)


def show_operation(journal: Journal, operation_id: str) -> OperationRecord:
    """Return one operation; raises NotFound if there is none of this id."""
    return journal.read(operation_id)


def forget_operation(journal: Journal, operation_id: str, *, force: bool = False) -> None:
    """Remove an operation from the journal; the cloud is not changed.

    Raises:
        NotFound: there is none of this id.
        PreconditionFailed: it is unfinished, and ``force`` is not given.
    """
    if not force and journal.is_open(operation_id):
        raise PreconditionFailed(
            Message("ForgetUnfinished", operation=operation_id), code="OperationUnfinished"
        )
    journal.forget(operation_id)


def old_operations(journal: Journal, older_than_seconds: float) -> list[OperationRecord]:
    """Return the finished operations that ended longer ago than ``older_than_seconds``."""
    limit = journal.now() - timedelta(seconds=older_than_seconds)
    return [
        record
        for record in journal.scan().records
        if record.status != "open" and (record.ended or record.created) < limit
    ]


def prune_operations(journal: Journal, records: Iterable[OperationRecord]) -> list[OperationRecord]:
    """Remove finished operations; return those that were removed.

    Raises:
        CvmimgError: the journal cannot be written, and nothing was removed.
    """
    removed: list[OperationRecord] = []
    for record in records:
        try:
            journal.forget(record.id)
        except CvmimgError:
            if not removed:
                raise
            break
        removed.append(record)
    return removed
