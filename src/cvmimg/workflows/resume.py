"""``resume``: finish what was cut short, or put the instance back as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cvmimg.errors import CvmimgError, Interrupted, PreconditionFailed
from cvmimg.guest.channel import Channel
from cvmimg.guest.tat import TatChannel
from cvmimg.workflows.create import CreateResult, resume_create, undo_create
from cvmimg.workflows.record import OperationRecord
from cvmimg.workflows.session import Session

ChannelTo = Callable[[Session, str], Channel]
"""From a session and an instance's id to the way into it."""


@dataclass(frozen=True)
class Resumed:
    """What came of resuming one operation.

    Attributes:
        operation: its record, finished.
        result: what the operation itself would have answered; None if it was undone.
        remains: the id of an image that an undone operation leaves in the cloud; may be empty.
    """

    operation: OperationRecord
    result: CreateResult | None = None
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
            remains = undo_create(there, log, channel, timeout_seconds=timeout_seconds)
            return Resumed(log.record, remains=remains)
        result = resume_create(there, log, channel, timeout_seconds=timeout_seconds)
        return Resumed(log.record, result)


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
