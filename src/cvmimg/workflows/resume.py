"""Finish or roll back interrupted operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Instance
from cvmimg.durable.operation import Operation, Resumed, resume_operation
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, Interrupted, NotFound
from cvmimg.guest.access import AGENT, AccessMethod
from cvmimg.message import Message
from cvmimg.workflows.all_regions import read_regions
from cvmimg.workflows.copy.operation import CopyOperation
from cvmimg.workflows.create.operation import CreateOperation
from cvmimg.workflows.delete.operation import DeleteOperation
from cvmimg.workflows.family.operation import FamilyOperation
from cvmimg.workflows.launch.earlier_run import find_launched, resume_lost_launch
from cvmimg.workflows.launch.operation import LaunchOperation
from cvmimg.workflows.prune.operation import PruneOperation
from cvmimg.workflows.recovery.find import Unfinished, find_unfinished
from cvmimg.workflows.recovery.operation import RecoveryOperation
from cvmimg.workflows.recovery.probe import ProbeRemoval
from cvmimg.workflows.recovery.restore import restore
from cvmimg.workflows.share import ShareOperation, UnshareOperation
from cvmimg.workflows.snapshot.operation import SnapshotOperation
from cvmimg.workflows.update import UpdateOperation
from cvmimg.workflows.verify.operation import VerifyOperation

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
        RecoveryOperation,
        ProbeRemoval,
        VerifyOperation,
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
    jobs = {
        one: partial(
            resume_operation,
            session,
            one,
            KINDS,
            roll_back=roll_back,
            timeout_seconds=timeout_seconds,
        )
        for one in wanted
    }
    return _all(session, jobs)


def resume_from_cloud(
    session: Session,
    operation_id: str | None = None,
    method: AccessMethod = AGENT,
    *,
    instance_ids: Sequence[str] = (),
    all_regions: bool = False,
    approve: Callable[[Unfinished], None],
    roll_back: bool = False,
    timeout_seconds: float = 7200.0,
) -> list[Resumed]:
    """Finish or roll back what is unfinished, on this machine or on another one.

    Operations of other machines are found by what they left in the cloud.

    Args:
        session: how to reach the cloud.
        operation_id: which operation; None for all.
        method: how guests are reached.
        instance_ids: look at these instances alone.
        all_regions: look in every region, not in this one alone.
        approve: sees each operation of another machine; raises to leave it alone.
        roll_back: do not wait for images, and only restore the instances.
        timeout_seconds: how long to wait for each.

    Raises:
        NotFound: nothing in the cloud names this operation, or an instance does not exist.
        CvmimgError: as ``resume``. Of several, all are tried; the first error is raised.
    """
    if operation_id and session.journal.is_open(operation_id):
        return resume(session, operation_id, roll_back=roll_back, timeout_seconds=timeout_seconds)
    finished: list[Resumed] = []
    if not operation_id and not instance_ids:
        finished += resume(session, roll_back=roll_back, timeout_seconds=timeout_seconds)
    found = find_unfinished(session, method, instance_ids, all_regions=all_regions)
    if not operation_id:
        found = [one for one in found if not session.journal.is_running(one.holder)]
    else:
        found = [one for one in found if operation_id in (one.operation_id, one.holder)]
        if not found:
            return [
                _launched(
                    session,
                    operation_id,
                    all_regions=all_regions,
                    roll_back=roll_back,
                    timeout_seconds=timeout_seconds,
                )
            ]

    finish = partial(
        restore,
        session,
        method=method,
        kinds=KINDS,
        approve=approve,
        undo=roll_back,
        timeout_seconds=timeout_seconds,
    )
    jobs = {f"{one.holder} ({one.instance_id})": partial(finish, one) for one in found}
    return finished + _all(session, jobs)


def _launched(
    session: Session,
    operation_id: str,
    *,
    all_regions: bool,
    roll_back: bool,
    timeout_seconds: float,
) -> Resumed:
    """Return what came of a launch of another machine, which changes no instance.

    Raises:
        NotFound: nothing in the cloud names this operation.
        CvmimgError: as of ``resume_lost_launch``; or a region could not be queried.
    """

    def launched_in(cloud: Cloud) -> list[tuple[str, list[Instance]]]:
        instances = find_launched(cloud, operation_id)
        return [(cloud.region, instances)] if instances else []

    found = read_regions(session.cloud, launched_in, all_regions=all_regions)
    if found:
        region, instances = found[0]
        return resume_lost_launch(
            session.in_region(region),
            instances,
            roll_back=roll_back,
            timeout_seconds=timeout_seconds,
        )
    if all_regions:
        raise NotFound(Message("NotFoundInAnyRegion", operation=operation_id))
    region = session.cloud.region
    raise NotFound(Message("NotFoundInCloud", operation=operation_id, region=region))


def _all(session: Session, jobs: Mapping[str, Callable[[], Resumed]]) -> list[Resumed]:
    """Do all jobs, by operation; raise the first error when all were tried."""
    finished: list[Resumed] = []
    errors: list[CvmimgError] = []
    for operation_id, job in jobs.items():
        try:
            finished.append(job())
        except Interrupted:
            raise
        except CvmimgError as error:
            errors.append(error)
            if len(jobs) > 1:
                message = Message(
                    "OperationNotResumed", operation=operation_id, error=error.message
                )
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
