"""Shutting an instance down and starting it again, from whatever state it is in."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from cvmimg.cloud import cvm
from cvmimg.cloud.errors import matches
from cvmimg.cloud.models import Instance
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.progress import _ObserverStage, stage
from cvmimg.durable.retold import retold
from cvmimg.durable.session import Session
from cvmimg.errors import CloudRefused, NotFound, TaskFailed, WaitTimeout
from cvmimg.workflows.wait import INSTANCE_ENDED, Power, power_task, settled_task, waiter

_VISIBLE_WITHIN_SECONDS = 20.0
"""How long the cloud may still show an instance RUNNING whose shutdown it has accepted."""
_LOOK_SECONDS = 2.0
_STARTED_ALREADY = (
    "UnsupportedOperation.InstanceStateRunning",
    "UnsupportedOperation.InstanceStateStarting",
)


def settle(session: Session, instance: Instance, deadline: Deadline) -> None:
    """Wait until the operation in progress on ``instance`` has ended.

    Returns at the deadline too: the checks then tell what is in the way.

    Raises:
        Interrupted: somebody asked to stop.
    """
    instance_id = instance.instance_id
    title = f"waiting until {instance_id} is at rest"
    with suppress(WaitTimeout), stage(session.observer, "settle", title) as step:
        waiter(session, step, deadline.left).one(settled_task(session.cloud, instance_id))


def shut_down(session: Session, instance_id: str, *, force: bool) -> str:
    """Have a running instance shut down softly, still charged; the id of the request.

    Args:
        session: the cloud, and whom to tell.
        instance_id: which.
        force: hard, if the soft way does not work.
    """
    stop_type = "SOFT_FIRST" if force else "SOFT"
    return cvm.stop_instances(session.cloud, [instance_id], stop_type=stop_type)


def wait_until_stopped(
    session: Session, instance_id: str, deadline: Deadline, *, request_id: str = ""
) -> None:
    """Wait until an instance that is shutting down is STOPPED.

    Args:
        session: the cloud, and whom to tell.
        instance_id: which.
        deadline: until when.
        request_id: of the shutdown; empty if it is not known.

    Raises:
        TaskFailed: the instance does not shut down.
        WaitTimeout: it is still shutting down.
    """
    try:
        _wait_for(session, instance_id, "STOPPED", deadline, request_id)
    except TaskFailed as error:
        retold(error, "", hint="its system may ignore the soft way: add --force-stop")
        raise


def is_shutting_down(session: Session, instance_id: str, *, asked_at: datetime) -> bool:
    """Whether a shutdown that may have been asked for at ``asked_at`` was carried out."""
    instance = _past_doubt(session, instance_id, asked_at)
    return instance.instance_state in ("STOPPING", "STOPPED")


def start_again(
    session: Session, instance_id: str, deadline: Deadline, *, stopped_at: datetime
) -> None:
    """Have the instance RUNNING, whatever it does now; if it is gone, say so.

    Args:
        session: the cloud, and whom to tell.
        instance_id: which.
        deadline: until when to wait for it.
        stopped_at: when its shutdown was asked for.

    Raises:
        TaskFailed: it does not start.
        WaitTimeout: it is still starting.
        CvmimgError: the cloud refuses; a refusal because it is busy goes by.
    """
    try:
        instance = _past_doubt(session, instance_id, stopped_at)
        if instance.instance_state == "STOPPING":
            instance = _wait_for(session, instance_id, "STOPPED", deadline)
        if instance.instance_state in INSTANCE_ENDED:
            session.observer.notice(
                f"{instance_id} is {instance.instance_state}: it is not started again"
            )
        elif instance.instance_state != "RUNNING":
            request_id = _start(session, instance)
            _wait_for(session, instance_id, "RUNNING", deadline, request_id)
    except NotFound:
        session.observer.notice(f"{instance_id} does not exist any more: nothing to start")


def _past_doubt(session: Session, instance_id: str, asked_at: datetime) -> Instance:
    """The instance as it is when a shutdown asked for at ``asked_at`` has to show."""
    since = session.clock.now() - asked_at.timestamp()
    doubt = Deadline(session.clock, _VISIBLE_WITHIN_SECONDS - max(0.0, since))
    while True:
        instance = cvm.describe_instance(session.cloud, instance_id)
        if instance.instance_state != "RUNNING" or not doubt.left:
            return instance
        session.interrupt.check()
        session.clock.sleep(min(doubt.left, _LOOK_SECONDS))


def _start(session: Session, instance: Instance) -> str:
    """Start a stopped instance; the request's id, or "" where somebody else has started it."""
    if instance.instance_state != "STOPPED":
        return ""
    try:
        return cvm.start_instances(session.cloud, [instance.instance_id])
    except CloudRefused as error:
        if matches(error.code, _STARTED_ALREADY):
            return ""
        raise


def _wait_for(
    session: Session, instance_id: str, goal: Power, deadline: Deadline, request_id: str = ""
) -> Instance:
    listener = _ObserverStage(session.observer, "stop" if goal == "STOPPED" else "start")
    task = power_task(session.cloud, [instance_id], goal, request_id=request_id)
    return waiter(session, listener, deadline.left).one(task)
