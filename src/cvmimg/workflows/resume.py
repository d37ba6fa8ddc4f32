"""``resume``: finish what was cut short, or put the instance back as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from cvmimg.errors import CvmimgError, Interrupted, PreconditionFailed
from cvmimg.guest.channel import Channel
from cvmimg.guest.tat import TatChannel
from cvmimg.workflows import create, delete, launch
from cvmimg.workflows.journal import OperationLog
from cvmimg.workflows.record import OperationRecord
from cvmimg.workflows.session import Session

_WITHOUT_UNDO = {module.KIND: module for module in (delete, launch)}
"""Workflows that change no instance for a while: given up, they say what remains."""

ChannelTo = Callable[[Session, str], Channel]
"""From a session and an instance's id to the way into it."""


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
    channel_to: ChannelTo | None = None,
) -> list[Resumed]:
    """Finish one unfinished operation, or all; none left is no error.

    Args:
        session: how to reach the cloud; each operation's own region is used.
        operation_id: which; None for all.
        undo: put the instance back instead of finishing.
        timeout_seconds: how long to wait for each.
        channel_to: the way into an instance; the automation agent by default.

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
            finished.append(_resume_one(session, one, undo, timeout_seconds, channel_to))
        except Interrupted:
            raise
        except CvmimgError as error:
            errors.append(error)
            if len(wanted) > 1:
                session.observer.notice(f"{one}: {error.message}")
    if errors:
        raise errors[0]
    return finished


def _resume_one(
    session: Session,
    operation_id: str,
    undo: bool,
    timeout_seconds: float,
    channel_to: ChannelTo | None,
) -> Resumed:
    with session.journal.take_up(operation_id) as log:
        _require_same_cloud(session, log.record)
        there = session.in_region(log.record.region)
        channel = (channel_to or _agent)(there, next(iter(log.record.instance_ids), ""))
        if undo:
            remains = _undo(there, log, channel, timeout_seconds)
            return Resumed(log.record, remains=remains)
        result = _finish(there, log, channel, timeout_seconds)
        return Resumed(log.record, result)


def _finish(session: Session, log: OperationLog, channel: Channel, timeout_seconds: float) -> Any:
    if log.record.kind == create.KIND:
        return create.go_on(session, log, channel, timeout_seconds=timeout_seconds)
    return _module(log.record).go_on(session, log)


def _undo(session: Session, log: OperationLog, channel: Channel, timeout_seconds: float) -> str:
    if log.record.kind == create.KIND:
        return create.put_back(session, log, channel, timeout_seconds=timeout_seconds)
    remains: str = _module(log.record).leave(log)
    return remains


def _module(record: OperationRecord) -> ModuleType:
    if record.kind not in _WITHOUT_UNDO:
        raise PreconditionFailed(
            f"{record.id} is a {record.kind!r}, which this version does not know",
            code="JournalUnusable",
            hint="use the newer version",
        )
    return _WITHOUT_UNDO[record.kind]


def _agent(session: Session, instance_id: str) -> Channel:
    return TatChannel(session.cloud, instance_id)


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
