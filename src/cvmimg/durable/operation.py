"""One shape for everything that changes something: started, carried out, closed and continued here.

A kind of operation is a class with the steps of its request, ``finish``, and what it means when
it fails. How operations are locked, recorded, resumed, rolled back and closed is written once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from cvmimg.cloud.errors import is_outage, locked_out
from cvmimg.durable.account import current_account, require_same_account
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.damaged import RecordDamaged, damaged
from cvmimg.durable.journal.journal import Claim
from cvmimg.durable.journal.log import OperationLog
from cvmimg.durable.journal.record import Account, OperationRecord, Status
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Step, StepRunner
from cvmimg.errors import (
    CredentialsError,
    CvmimgError,
    Interrupted,
    PreconditionFailed,
    TaskFailed,
    WaitTimeout,
)
from cvmimg.message import Message

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from pydantic import TypeAdapter

Request = TypeVar("Request")
Result = TypeVar("Result")


class AfterFailure(Enum):
    """What becomes of an operation whose ``finish`` failed."""

    REVERT = "revert its changes and close it"
    RESUME = "keep it open, to be resumed"
    DETACH = "close it: what is still running in the cloud needs no one"
    KEEP = "close it as failed, and keep what was made"


@dataclass(frozen=True)
class Execution:
    """What an operation runs with.

    Attributes:
        session: the cloud, the progress, the clock.
        log: its record in the journal.
        deadline: until when to wait.
        resumed: an earlier process began the operation; a resume always waits.
    """

    session: Session
    log: OperationLog
    deadline: Deadline
    resumed: bool = False

    @property
    def runner(self) -> StepRunner:
        """Carries out the operation's steps."""
        return StepRunner(self.session, self.log, self.deadline)

    @property
    def resume_command(self) -> str:
        """The command that continues the operation."""
        return self.session.command("resume", self.log.id)

    def in_region(self, region: str) -> Execution:
        """Return the same execution in another region."""
        return replace(self, session=self.session.in_region(region))


class Part:
    """A part of an operation.

    Args:
        execution: what the operation runs with.
    """

    def __init__(self, execution: Execution) -> None:
        self.execution = execution
        self.session = execution.session
        self.cloud = execution.session.cloud
        self.log = execution.log
        self.deadline = execution.deadline
        self.runner = execution.runner


class Operation(Part, ABC, Generic[Request, Result]):
    """A kind of operation.

    Args:
        execution: what it runs with.
        request: what was asked for: a dataclass, which the journal holds as JSON.
    """

    kind: ClassVar[str]
    request_type: ClassVar[Any]

    def __init__(self, execution: Execution, request: Request) -> None:
        super().__init__(execution)
        self.request = request

    @property
    @abstractmethod
    def steps(self) -> Sequence[Step]:
        """All steps, in the order in which they are done."""

    @abstractmethod
    def finish(self) -> Result:
        """Do what is not done yet.

        Raises:
            CvmimgError: it failed, or the wait for it ended early.
        """

    def require_ours(self) -> None:
        """Refuse to continue an operation that another one on another machine has replaced.

        Raises:
            PreconditionFailed: another operation works on what this one has changed.
            CvmimgError: the cloud could not be queried.
        """

    def recall(self) -> Result:
        """Return the result of an operation that is done, for a user who asks for it again.

        Raises:
            PreconditionFailed: operations of this kind cannot be asked for again.
            CvmimgError: the cloud could not be queried, or what was made is gone.
        """
        raise PreconditionFailed(Message("OperationDone", operation=self.log.id))

    def closing_result(self) -> dict[str, Any]:
        """Return the result of the operation, for the journal; JSON."""
        return {}

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        """Decide what becomes of the operation after ``finish`` failed with ``error``.

        By default what failed for a passing reason, after something was done that is not
        reverted, can be resumed.
        """
        changed = any(
            step.revert is None and self.log.status(step.name) == "done" for step in self.steps
        )
        return AfterFailure.RESUME if changed and ends_early(error) else AfterFailure.REVERT

    def state_notes(self) -> list[Message]:
        """Return in what state things are left while the operation is open."""
        return []

    def remains(self) -> list[Message]:
        """Return what stays changed after the operation was rolled back or closed early."""
        return []

    def revert_temporary(self) -> None:
        """Revert the temporary changes, last first.

        Raises:
            CvmimgError: one could not be reverted.
        """
        for step in reversed(self.steps):
            known = self.log.record.step(step.name)
            if step.temporary and known is not None and known.temporary:
                self.runner.revert(step)

    @property
    def is_left_open(self) -> bool:
        """Whether ``finish`` leaves something to a resume: the user did not want to wait."""
        return self.has_changes_in_force

    @property
    def has_changes_in_force(self) -> bool:
        """Whether a temporary change has to be reverted."""
        return any(
            step.temporary and step.status in ("pending", "done") for step in self.log.record.steps
        )


@dataclass(frozen=True)
class Preparation:
    """An operation that may begin: its instances are claimed, its account is being asked for."""

    session: Session
    claim: Claim
    fingerprint: str
    _account: Future[Account]

    @property
    def operation_id(self) -> str:
        """The id of the operation that may begin."""
        return self.claim.operation_id

    def run(
        self, kind: type[Operation[Request, Result]], request: Request, deadline: Deadline
    ) -> Result:
        """Begin an operation, carry it out and close it.

        Args:
            kind: which kind.
            request: what is asked for.
            deadline: until when to wait.

        Raises:
            PreconditionFailed: the journal cannot be written; nothing was changed.
            CvmimgError: as the operation itself; the error names the command that continues it.
        """
        session = self.session
        account = self._account.result()
        if not account.id:
            session.progress.notice(Message("AccountNotKnown"))
        log = self.claim.begin(
            OperationRecord(
                id=self.claim.operation_id,
                kind=kind.kind,
                region=session.cloud.region,
                created=session.journal.now(),
                origin=session.origin,
                account=account,
                actor=session.actor,
                fingerprint=self.fingerprint,
                instance_ids=self.claim.instance_ids,
                request=asdict(cast("DataclassInstance", request)),
            )
        )
        return _finish(kind(Execution(session, log, deadline), request))


@dataclass(frozen=True)
class Intent:
    """An operation that is about to be prepared.

    Attributes:
        instance_ids: the instances that it may change.
        operation_id: the id that the user gave it; empty for a new one.
        fingerprint: a digest of what the user asks for, with an id of the user's.
    """

    instance_ids: tuple[str, ...] = ()
    operation_id: str = ""
    fingerprint: str = ""


@contextmanager
def prepare(session: Session, intent: Intent | None = None) -> Iterator[Preparation]:
    """Claim instances for an operation that may begin while the context lasts.

    Raises:
        PreconditionFailed: another operation uses one of them, or the journal cannot be written.
    """
    with prepare_each(session, [intent or Intent()]) as (preparation,):
        yield preparation


@contextmanager
def prepare_each(session: Session, intents: Iterable[Intent]) -> Iterator[list[Preparation]]:
    """Claim instances for several operations; as ``prepare``."""
    with ExitStack() as held, ThreadPoolExecutor(max_workers=1) as pool:
        cloud = session.origin.cloud
        account = pool.submit(current_account, session.cloud)
        prepared = []
        for intent in intents:
            claim = held.enter_context(
                session.journal.claim(cloud, intent.instance_ids, intent.operation_id)
            )
            prepared.append(Preparation(session, claim, intent.fingerprint, account))
        for file in prepared[0].claim.unreadable if prepared else ():
            session.progress.notice(Message("JournalFileSkipped", error=file.error.message))
        yield prepared


def run_operation(
    session: Session,
    kind: type[Operation[Request, Result]],
    request: Request,
    timeout_seconds: float,
    intent: Intent | None = None,
) -> Result:
    """Prepare an operation, carry it out and close it; as ``Preparation.run``."""
    deadline = Deadline(session.clock, timeout_seconds)
    with prepare(session, intent) as preparation:
        return preparation.run(kind, request, deadline)


@dataclass(frozen=True)
class Resumed:
    """The result of resuming one operation.

    Attributes:
        operation: its record, closed.
        result: what the operation itself returned; None if it was rolled back.
        remains: what a rolled back operation leaves in the cloud.
    """

    operation: OperationRecord
    result: Any = None
    remains: tuple[Message, ...] = ()


def run_recovery(
    session: Session,
    kind: type[Operation[Request, Any]],
    request: Request,
    timeout_seconds: float,
    *instance_ids: str,
) -> Resumed:
    """Run an operation in place of what another machine has left; as ``run_operation``."""
    deadline = Deadline(session.clock, timeout_seconds)
    with prepare(session, Intent(instance_ids)) as preparation:
        result = preparation.run(kind, request, deadline)
        return Resumed(session.journal.read(preparation.operation_id), result)


def resume_operation(
    session: Session,
    operation_id: str,
    kinds: Mapping[str, type[Operation[Any, Any]]],
    *,
    roll_back: bool,
    timeout_seconds: float,
) -> Resumed:
    """Finish one unfinished operation, or roll it back.

    Args:
        session: how to reach the cloud; the operation's own region is used.
        operation_id: which.
        kinds: the known kinds by name.
        roll_back: revert its changes instead of finishing it.
        timeout_seconds: how long to wait.

    Raises:
        NotFound: no unfinished operation has this id.
        PreconditionFailed: another process works on it, it belongs to another cloud or account, or
            its record cannot be read.
        CvmimgError: as the operation itself.
    """
    with session.journal.take_up(operation_id) as log:
        record = log.record
        _require_same_cloud(session, record)
        try:
            require_same_account(session.in_region(record.region), record)
        except CredentialsError as error:
            error.resume_command = session.command("resume", record.id)
            raise
        kind = kinds.get(record.kind)
        if kind is None:
            raise PreconditionFailed(
                Message("OperationKindUnknown", operation=record.id, kind=record.kind),
                code="JournalUnusable",
            )
        operation = _resumed(session, kind, log, timeout_seconds)
        try:
            operation.require_ours()
        except CvmimgError as error:
            _stay_open(operation, error)
            raise
        if roll_back:
            remains = _roll_back(operation)
            return Resumed(log.record, remains=tuple(remains))
        result = _finish(operation)
        return Resumed(log.record, result)


def recall_operation(
    session: Session, kind: type[Operation[Any, Result]], record: OperationRecord
) -> Result:
    """Return the result of an operation that is done.

    Raises:
        PreconditionFailed: it belongs to another cloud or account, or its record cannot be read.
        CvmimgError: as ``Operation.recall``.
    """
    _require_same_cloud(session, record)
    require_same_account(session.in_region(record.region), record)
    return _resumed(session, kind, OperationLog(session.journal, record), 0).recall()


def _resumed(
    session: Session,
    kind: type[Operation[Any, Result]],
    log: OperationLog,
    timeout_seconds: float,
) -> Operation[Any, Result]:
    there = session.in_region(log.record.region)
    execution = Execution(there, log, Deadline(there.clock, timeout_seconds), resumed=True)
    return kind(execution, _read_request(session, kind, log.record))


def ends_early(error: CvmimgError) -> bool:
    """Return whether an error says nothing about the work itself, so that it can be resumed."""
    return (
        isinstance(error, Interrupted | WaitTimeout | CredentialsError)
        or locked_out(error.code)
        or is_outage(error)
    )


def _finish(operation: Operation[Any, Result]) -> Result:
    failure = operation.log.record.failure
    try:
        if failure is not None:
            # An earlier process decided to revert, and did not get to the end of it.
            raise TaskFailed(Message.from_json(failure.message), code=failure.code)
        result = operation.finish()
    except CvmimgError as error:
        _end_early(operation, error)
        raise
    if operation.is_left_open:
        return result
    _close(operation, "done", operation.execution.resume_command)
    return result


def _close(operation: Operation[Any, Any], status: Status, command: str) -> None:
    """Close an operation that came to its end; say with which command, if that fails."""
    if not operation.log.close(status, result=operation.closing_result()):
        operation.session.progress.notice(Message("NotClosed", command=command))


def _end_early(operation: Operation[Any, Any], error: CvmimgError) -> None:
    """Bring an operation that failed to an end that is true: reverted, detached, or open."""
    unknown = any(
        step.revert is None and operation.log.status(step.name) == "pending"
        for step in operation.steps
    )
    if unknown or isinstance(error, RecordDamaged):
        then = AfterFailure.RESUME
    elif operation.log.record.failure is not None:
        then = AfterFailure.REVERT  # as an earlier process decided
    else:
        then = operation.after_failure(error)
    if then is AfterFailure.REVERT:
        _revert_after(operation, error)
    elif then is AfterFailure.RESUME:
        _stay_open(operation, error)
    else:
        _close_early(operation, "detached" if then is AfterFailure.DETACH else "failed", error)


def _revert_after(operation: Operation[Any, Any], error: CvmimgError) -> None:
    in_force = [step for step in operation.steps if operation.runner.is_in_force(step)]
    to_revert = [step for step in in_force if step.revert is not None]
    if to_revert:
        if locked_out(error.code):
            _stay_open(operation, error)  # nothing can be reverted with these credentials either
            return
        operation.log.note_failure(error)
    try:
        for step in reversed(to_revert):
            operation.runner.revert(step)
    except CvmimgError as trouble:
        trouble.notes.append(Message("RevertFailedAfter", error=error.message))
        _stay_open(operation, trouble)
        raise trouble from error
    # After a precondition that failed nothing was changed: the instance may be another operation's.
    changed = to_revert and not isinstance(error, PreconditionFailed)
    if changed and operation.log.record.instance_ids:
        instances = operation.log.record.instance_ids
        error.notes.append(Message("InstancesRestored", instances=instances))
    error.notes.extend(operation.remains())
    _close_early(operation, "interrupted" if isinstance(error, Interrupted) else "failed", error)


def _close_early(operation: Operation[Any, Any], status: Status, error: CvmimgError) -> None:
    if not operation.log.close(status, result=operation.closing_result(), error=error):
        error.notes.append(Message("JournalNotWritten"))
        error.resume_command = operation.execution.resume_command


def _stay_open(operation: Operation[Any, Any], error: CvmimgError) -> None:
    error.notes.extend(operation.state_notes())
    error.resume_command = operation.execution.resume_command


def _roll_back(operation: Operation[Any, Any]) -> Sequence[Message]:
    try:
        for step in reversed(operation.steps):
            operation.runner.revert(step)
    except CvmimgError as error:
        _stay_open(operation, error)
        raise
    command = operation.session.command("resume", operation.log.id, "--undo")
    _close(operation, "rolled-back", command)
    return operation.remains()


def _read_request(
    session: Session, kind: type[Operation[Request, Any]], record: OperationRecord
) -> Request:
    try:
        request: Request = _adapter(kind.request_type).validate_python(record.request)
    except (ValueError, KeyError, TypeError, AttributeError, CvmimgError) as error:
        raise damaged(session.journal.file_of(record)) from error
    return request


@cache
def _adapter(request_type: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(request_type)


def _require_same_cloud(session: Session, record: OperationRecord) -> None:
    here, there = session.origin, record.origin
    if here.cloud == there.cloud:
        return
    raise PreconditionFailed(
        Message("OtherCloud", operation=record.id, cloud=there.cloud, current=here.cloud)
    )
