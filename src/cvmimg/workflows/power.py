"""Stop an instance and start it again, from whatever state it is in."""

from __future__ import annotations

from contextlib import suppress

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Instance
from cvmimg.cloud.progress import NoListener, ProgressListener
from cvmimg.cloud.states import INSTANCE_ENDED
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, NotFound, TaskFailed, WaitTimeout
from cvmimg.message import Message
from cvmimg.workflows.wait import (
    STOP_VISIBLE_SECONDS,
    agent_task,
    power_task,
    settled_task,
    stop_task,
    waiter,
)

_START_SECONDS = 900.0
_POLL_SECONDS = 2.0
_AGENT_SECONDS = 120.0


def settle(session: Session, instance: Instance, deadline: Deadline) -> None:
    """Wait for the operation in progress on ``instance`` to finish.

    Returns at the deadline too: the checks then report what is in progress.

    Raises:
        Interrupted: a stop was requested.
    """
    instance_id = instance.instance_id
    with (
        suppress(WaitTimeout),
        session.progress.stage("settle", subject=instance_id) as stage,
    ):
        waiter(session, stage, deadline.left).one(settled_task(session.cloud, instance_id))


def shut_down(session: Session, instance_id: str, *, force: bool) -> str:
    """Request the shutdown of a running instance, still charged; return the request's id.

    Args:
        session: the cloud.
        instance_id: which.
        force: power it off if it does not shut down gracefully.
    """
    stop_type = "SOFT_FIRST" if force else "SOFT"
    return cvm.stop_instances(session.cloud, [instance_id], stop_type=stop_type)


def wait_until_stopped(
    session: Session,
    instance_id: str,
    deadline: Deadline,
    listener: ProgressListener,
    *,
    request_id: str = "",
) -> None:
    """Wait until an instance that is shutting down is STOPPED.

    Args:
        session: the cloud.
        instance_id: which.
        deadline: until when.
        listener: receives the progress.
        request_id: of the shutdown; empty if it is not known.

    Raises:
        TaskFailed: the instance does not shut down, or somebody has started it meanwhile.
        WaitTimeout: it is still shutting down.
    """
    task = stop_task(
        session.cloud,
        instance_id,
        session.clock,
        request_id=request_id,
    )
    try:
        waiter(session, listener, deadline.left).one(task)
    except TaskFailed as error:
        error.hint = Message("TryForceStop")
        raise


def is_shutting_down(session: Session, instance_id: str) -> bool:
    """Return whether a shutdown that may have been requested was carried out."""
    instance = _once_visible(session, instance_id)
    return instance.instance_state in ("STOPPING", "STOPPED")


def start_again(session: Session, instance_id: str) -> None:
    """Bring the instance to RUNNING from any state; if it is gone, report that.

    Args:
        session: the cloud and the progress.
        instance_id: which.

    Raises:
        TaskFailed: it does not start.
        WaitTimeout: it is still starting.
        CvmimgError: the cloud refuses; a refusal because it is busy passes.
    """
    deadline = Deadline(session.clock, _START_SECONDS)
    try:
        instance = _once_visible(session, instance_id)
        if instance.instance_state == "STOPPING":
            task = power_task(session.cloud, [instance_id], "STOPPED")
            instance = waiter(session, NoListener(), deadline.left).one(task)
        if instance.instance_state in INSTANCE_ENDED:
            session.progress.notice(
                Message("NotStartedAgain", instance=instance_id, state=instance.instance_state)
            )
        elif instance.instance_state != "RUNNING":
            stopped = instance.instance_state == "STOPPED"  # else somebody is starting it
            request_id = cvm.start_instances(session.cloud, [instance_id]) if stopped else ""
            task = power_task(session.cloud, [instance_id], "RUNNING", request_id=request_id)
            waiter(session, NoListener(), deadline.left).one(task)
    except NotFound:
        # The refusal of one call is not believed: an instance that exists has to be started.
        if cvm.describe_instances_by_id(session.cloud, [instance_id]):
            raise
        session.progress.notice(Message("InstanceIsGone", instance=instance_id))


def await_agent(session: Session, instance_id: str) -> None:
    """Wait until the automation agent of an instance that was just started is online.

    Scripts are refused before that. Returns in any case: where the agent takes minutes, or cannot
    be asked for, the next script says what is wrong.
    """
    task = agent_task(session.cloud, instance_id)
    with suppress(CvmimgError):
        waiter(session, NoListener(), _AGENT_SECONDS).one(task)


def _once_visible(session: Session, instance_id: str) -> Instance:
    """Return the instance as it is when a shutdown requested before must be visible."""
    window = Deadline(session.clock, STOP_VISIBLE_SECONDS)
    while True:
        instance = cvm.describe_instance(session.cloud, instance_id)
        if instance.instance_state != "RUNNING" or not window.left:
            return instance
        session.interrupt.check()
        session.clock.sleep(min(window.left, _POLL_SECONDS))
