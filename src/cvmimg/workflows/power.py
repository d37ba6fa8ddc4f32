"""Shutting an instance down and starting it again, from whatever state it is in."""

from __future__ import annotations

from contextlib import suppress

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Instance
from cvmimg.errors import NotFound, TaskFailed, WaitTimeout
from cvmimg.workflows.deadline import Deadline
from cvmimg.workflows.retold import retold
from cvmimg.workflows.session import Session
from cvmimg.workflows.stage import Stage, stage
from cvmimg.workflows.wait import Power, power_task, settled_task, waiter


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


def shut_down(session: Session, instance_id: str, deadline: Deadline, *, force: bool) -> None:
    """Shut a running instance down softly, still charged; wait until it is STOPPED.

    Args:
        session: the cloud, and whom to tell.
        instance_id: which.
        deadline: until when.
        force: hard, if the soft way does not work.

    Raises:
        TaskFailed: the instance does not shut down.
        WaitTimeout: it is still shutting down.
    """
    stop_type = "SOFT_FIRST" if force else "SOFT"
    cvm.stop_instances(session.cloud, [instance_id], stop_type=stop_type)
    try:
        _wait_for(session, instance_id, "STOPPED", deadline)
    except TaskFailed as error:
        retold(error, "", hint="its system may ignore the soft way: add --force-stop")
        raise


def look_for_stop(session: Session, instance_id: str, deadline: Deadline) -> bool:
    """Whether a shutdown that may have been asked for has been; waits for its end if so."""
    instance = cvm.describe_instance(session.cloud, instance_id)
    if instance.instance_state == "STOPPING":
        _wait_for(session, instance_id, "STOPPED", deadline)
        return True
    return instance.instance_state == "STOPPED"


def start_again(session: Session, instance_id: str, deadline: Deadline) -> None:
    """Have the instance RUNNING, whatever it does now; if it is gone, say so.

    Raises:
        TaskFailed: it does not start.
        WaitTimeout: it is still starting.
        CvmimgError: the cloud refuses; a refusal because it is busy goes by.
    """
    try:
        instance = cvm.describe_instance(session.cloud, instance_id)
    except NotFound:
        session.observer.notice(f"{instance_id} does not exist any more: nothing to start")
        return
    if instance.instance_state == "STOPPING":
        instance = _wait_for(session, instance_id, "STOPPED", deadline)
    if instance.instance_state == "STOPPED":
        cvm.start_instances(session.cloud, [instance_id])
    _wait_for(session, instance_id, "RUNNING", deadline)


def _wait_for(session: Session, instance_id: str, goal: Power, deadline: Deadline) -> Instance:
    listener = Stage(session.observer, "stop" if goal == "STOPPED" else "start")
    task = power_task(session.cloud, [instance_id], goal)
    return waiter(session, listener, deadline.left).one(task)
