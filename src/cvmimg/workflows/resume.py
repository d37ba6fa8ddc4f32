"""``resume``: finish what was cut short, or put the instance back as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.durable.journal.journal import OperationLog
from cvmimg.durable.journal.record import OperationRecord
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, Interrupted, PreconditionFailed
from cvmimg.guest.access import AccessMethod, GuestAccess, open_access
from cvmimg.workflows import update
from cvmimg.workflows.create import create
from cvmimg.workflows.delete import operation as delete
from cvmimg.workflows.launch import operation as launch
from cvmimg.workflows.snapshot import operation as snapshot


@dataclass(frozen=True)
class Resumed:
    """What came of resuming one operation.

    Attributes:
        operation: its record, finished.
        result: what the operation itself would have answered; None if it was undone.
        remains: what an undone operation leaves in the cloud, in words; may be empty.
    """

    operation: OperationRecord
    result: Any = None
    remains: str = ""


def resume(
    session: Session,
    operation_id: str | None = None,
    *,
    undo: bool = False,
    timeout_seconds: float = 7200.0,
) -> list[Resumed]:
    """Finish one unfinished operation, or all; none left is no error.

    Args:
        session: how to reach the cloud; each operation's own region is used.
        operation_id: which; None for all.
        undo: put the instance back instead of finishing.
        timeout_seconds: how long to wait for each.

    Returns:
        What was finished, oldest first.

    Raises:
        NotFound: there is no unfinished operation of this id.
        PreconditionFailed: another process works on it, it was begun at another cloud, or it
            cannot be read.
        CvmimgError: as the operation itself. Of several, all are tried; the first error is raised.
    """
    wanted = [operation_id] if operation_id else session.journal.unfinished_ids()
    finished: list[Resumed] = []
    errors: list[CvmimgError] = []
    for one in wanted:
        try:
            finished.append(_resume_one(session, one, undo, timeout_seconds))
        except Interrupted:
            raise
        except CvmimgError as error:
            errors.append(error)
            if len(wanted) > 1:
                session.observer.notice(f"{one}: {error.message}")
    if errors:
        raise errors[0]
    return finished


def _resume_one(session: Session, operation_id: str, undo: bool, timeout_seconds: float) -> Resumed:
    with session.journal.take_up(operation_id) as log:
        _require_same_cloud(session, log.record)
        there = session.in_region(log.record.region)
        _require_instances(there, log.record)
        access = _guest_access(there, log.record)
        return _taken_up(_Taken(there, log, access, timeout_seconds), undo=undo)


@dataclass(frozen=True)
class _Taken:
    """An operation that was taken up, and what it needs to go on."""

    session: Session
    log: OperationLog
    access: GuestAccess
    timeout_seconds: float


@dataclass(frozen=True)
class _Kind:
    """How operations of a kind are finished, and how they are given up: what remains, in words."""

    finish: Callable[[_Taken], Any]
    give_up: Callable[[_Taken], str]


def _taken_up(taken: _Taken, *, undo: bool) -> Resumed:
    record = taken.log.record
    if record.kind not in _KINDS:
        raise PreconditionFailed(
            f"{record.id} is a {record.kind!r}, which this version does not know",
            code="JournalUnusable",
            hint="use the newer version",
        )
    kind = _KINDS[record.kind]
    if undo:
        remains = kind.give_up(taken)
        return Resumed(taken.log.record, remains=remains)
    result = kind.finish(taken)
    return Resumed(taken.log.record, result)


def _finish_create(taken: _Taken) -> create.CreateResult:
    return create.go_on(
        taken.session, taken.log, taken.access, timeout_seconds=taken.timeout_seconds
    )


def _give_up_create(taken: _Taken) -> str:
    return create.put_back(
        taken.session, taken.log, taken.access, timeout_seconds=taken.timeout_seconds
    )


def _give_up_snapshot(taken: _Taken) -> str:
    snapshot.undo(taken.session, taken.log, taken.access)
    return ""


_KINDS = {
    create.KIND: _Kind(_finish_create, _give_up_create),
    snapshot.KIND: _Kind(
        lambda taken: snapshot.go_on(taken.session, taken.log, taken.access), _give_up_snapshot
    ),
    launch.KIND: _Kind(
        lambda taken: launch.go_on(taken.session, taken.log), lambda taken: launch.leave(taken.log)
    ),
    delete.KIND: _Kind(
        lambda taken: delete.go_on(taken.session, taken.log), lambda taken: delete.leave(taken.log)
    ),
    update.KIND: _Kind(
        lambda taken: update.go_on(taken.session, taken.log), lambda taken: update.leave(taken.log)
    ),
}


def _guest_access(session: Session, record: OperationRecord) -> GuestAccess:
    """The login that the operation began with, or the automation agent."""
    method = AccessMethod.from_json({"ssh": record.request.get("ssh")})
    return open_access(method, session.cloud, next(iter(record.instance_ids), ""))


def _require_instances(session: Session, record: OperationRecord) -> None:
    """Refuse to go on as another account: all would look as if there were nothing to put back.

    Raises:
        PreconditionFailed: an instance of the operation is not seen with these credentials.
    """
    seen = cvm.describe_instances_by_id(session.cloud, record.instance_ids)
    missing = set(record.instance_ids) - {instance.instance_id for instance in seen}
    if not missing:
        return
    begun = f"--profile {record.origin.profile}" if record.origin.profile else "no --profile"
    raise PreconditionFailed(
        f"{', '.join(sorted(missing))} of {record.id} is not seen in {record.region} with these"
        " credentials",
        code="InstanceNotSeen",
        hint=f"use those that it was begun with ({begun}); if the instance is gone for good:\n"
        f"{session.program} operations forget {record.id} --yes",
    )


def _require_same_cloud(session: Session, record: OperationRecord) -> None:
    here, there = session.origin, record.origin
    if (here.endpoint, here.sandbox) == (there.endpoint, there.sandbox):
        return
    flags = "--sandbox" if there.sandbox else f"--endpoint {there.endpoint}"
    raise PreconditionFailed(
        f"{record.id} was begun at another cloud"
        f" ({'the sandbox' if there.sandbox else there.endpoint or 'Tencent Cloud itself'})",
        code="OtherCloud",
        hint=f"cvmimg {flags} resume {record.id}"
        if there.sandbox or there.endpoint
        else "resume it without --sandbox and --endpoint",
    )
