"""Shutting an instance down and starting it again, from whatever state it is in."""

from __future__ import annotations

from contextlib import suppress

from cvmimg.cloud import cvm
from cvmimg.errors import CvmimgError, NotFound, TaskFailed, WaitTimeout
from cvmimg.workflows.deadline import Deadline
from cvmimg.workflows.session import Session
from cvmimg.workflows.stage import Stage, stage
from cvmimg.workflows.wait import is_settled, power_task, settled_task, waiter


def settle(session: Session, instance_id: str, deadline: Deadline) -> None:
    """Wait until no operation is in progress on the instance, as a stage if there is one.

    Returns at the deadline too: the checks then tell what is in the way.

    Raises:
        NotFound: there is no such instance.
        Interrupted: somebody asked to stop.
    """
    instance = cvm.describe_instance(session.cloud, instance_id)
    if is_settled(instance):
        return
    operation = instance.latest_operation or instance.instance_state
    with (
        suppress(WaitTimeout),
        stage(session.observer, "settle", f"waiting for {operation} on {instance_id}") as step,
    ):
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
    with stage(session.observer, "stop", f"shutting down {instance_id}") as step:
        cvm.stop_instances(session.cloud, [instance_id], stop_type=stop_type)
        try:
            _wait_for_stop(session, step, instance_id, deadline)
        except TaskFailed as error:
            raise _with_hint(
                error, "its system may ignore the soft way: add --force-stop"
            ) from None


def look_for_stop(session: Session, instance_id: str, deadline: Deadline) -> bool:
    """Whether a shutdown that may have been asked for has been; waits for its end if so."""
    instance = cvm.describe_instance(session.cloud, instance_id)
    if instance.instance_state == "STOPPING":
        with stage(session.observer, "stop", f"shutting down {instance_id}") as step:
            _wait_for_stop(session, step, instance_id, deadline)
        return True
    return instance.instance_state == "STOPPED"


def start_again(session: Session, instance_id: str, deadline: Deadline) -> None:
    """Have the instance RUNNING, whatever it does now.

    Raises:
        TaskFailed: it does not start.
        WaitTimeout: it is still starting.
        CvmimgError: the cloud refuses; a refusal because it is busy goes by.
    """
    with stage(session.observer, "start", f"starting {instance_id} again") as step:
        try:
            instance = cvm.describe_instance(session.cloud, instance_id)
        except NotFound:
            session.observer.notice(f"{instance_id} does not exist any more: nothing to start")
            return
        if instance.instance_state == "STOPPING":
            _wait_for_stop(session, step, instance_id, deadline)
            instance = cvm.describe_instance(session.cloud, instance_id)
        if instance.instance_state == "STOPPED":
            cvm.start_instances(session.cloud, [instance_id])
        task = power_task(session.cloud, [instance_id], "RUNNING")
        waiter(session, step, deadline.left).one(task)


def _wait_for_stop(session: Session, step: Stage, instance_id: str, deadline: Deadline) -> None:
    waiter(session, step, deadline.left).one(power_task(session.cloud, [instance_id], "STOPPED"))


def _with_hint(error: CvmimgError, hint: str) -> CvmimgError:
    return type(error)(error.message, code=error.code, hint=hint, request_id=error.request_id)
