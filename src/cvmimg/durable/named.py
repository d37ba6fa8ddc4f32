"""Operations that the user named: the same name and request continue the same operation."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cvmimg.durable.operation import Operation, recall_operation, resume_operation
from cvmimg.durable.session import Session
from cvmimg.errors import NotFound, PreconditionFailed
from cvmimg.message import Message

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Result = TypeVar("Result")


@dataclass(frozen=True)
class OperationName:
    """A name that the user gave an operation, with the fingerprint of what it asks for."""

    id: str = ""
    fingerprint: str = ""


def fingerprint(request: DataclassInstance, *, without: tuple[str, ...] = ()) -> str:
    """Return a digest of what the user asks for.

    Args:
        request: the request as the user gave it.
        without: fields that do not make it another request, such as a timeout.
    """
    fields = {name: value for name, value in asdict(request).items() if name not in without}
    text = json.dumps(fields, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def continue_named(
    session: Session,
    operation_id: str,
    kind: type[Operation[Any, Result]],
    print_of_request: str,
    *,
    timeout_seconds: float,
) -> Result | None:
    """Continue the operation of this id, or return its result again.

    Args:
        session: the cloud and the journal.
        operation_id: the user's name of the operation.
        kind: what kind it has to be.
        print_of_request: the fingerprint that it has to have.
        timeout_seconds: how long to wait.

    Returns:
        The result; None if there is no such operation, or it ended without a result: it may begin.

    Raises:
        PreconditionFailed: the id belongs to an operation of another request.
        CvmimgError: as the operation itself.
    """
    try:
        record = session.journal.read(operation_id)
    except NotFound:
        return None
    if (record.kind, record.fingerprint) != (kind.kind, print_of_request):
        raise PreconditionFailed(
            Message("OperationIdInUse", operation=operation_id, kind=record.kind)
        )
    if record.status == "open":
        session.progress.notice(Message("ContinuesNamed", operation=operation_id))
        resumed = resume_operation(
            session,
            operation_id,
            {kind.kind: kind},
            roll_back=False,
            timeout_seconds=timeout_seconds,
        )
        result: Result = resumed.result
        return result
    if record.status in ("done", "detached"):
        session.progress.notice(Message("AlreadyDone", operation=operation_id))
        return recall_operation(session, kind, record)
    session.journal.forget(operation_id)
    return None
