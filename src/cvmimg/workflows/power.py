"""Stop an instance and start it again, from whatever state it is in."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Instance
from cvmimg.cloud.progress import NoListener
from cvmimg.cloud.states import INSTANCE_ENDED
from cvmimg.cloud.waiter import Observation, Phase
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.operation import Execution
from cvmimg.durable.progress import Stage
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import Outcome, StepCheck, happened
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.errors import CvmimgError, NotFound, TaskFailed, WaitTimeout
from cvmimg.message import Message
from cvmimg.workflows.wait import (
    agent_task,
    instance_task,
    observe_instance,
    power_task,
    settled_task,
    waiter,
)

STOP = "stop"
_VISIBLE_SECONDS = 20.0
"""How long the cloud may still show an instance RUNNING whose shutdown it has accepted."""
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


def stop_step(execution: Execution, instance_id: str, *, force: bool, await_agent: bool) -> Step:
    """Return the step that shuts a running instance down, still charged, and starts it again.

    Args:
        execution: of the operation.
        instance_id: which.
        force: power it off if it does not shut down gracefully.
        await_agent: what is reverted before it needs the agent of the started instance.
    """
    session = execution.session

    def do() -> Outcome:
        stop_type = "SOFT_FIRST" if force else "SOFT"
        return {"request_id": cvm.stop_instances(session.cloud, [instance_id], stop_type=stop_type)}

    def check() -> StepCheck:
        instance = _once_visible(session, instance_id)
        return happened(instance.instance_state in ("STOPPING", "STOPPED"))

    def settle(outcome: Outcome, stage: Stage) -> None:
        window = Deadline(session.clock, _VISIBLE_SECONDS)
        observe = partial(_observe_stop, window, outcome.get("request_id", ""))
        task = instance_task(session.cloud, [instance_id], observe)
        try:
            waiter(session, stage, execution.deadline.left).one(task)
        except TaskFailed as error:
            error.hint = Message("TryForceStop")
            raise

    def revert(_: Outcome) -> None:
        start_again(session, instance_id)
        if await_agent:
            # Scripts are refused before it is online. Where that takes minutes, or cannot be asked
            # for, the next script says what is wrong.
            with suppress(CvmimgError):
                waiter(session, NoListener(), _AGENT_SECONDS).one(
                    agent_task(session.cloud, instance_id)
                )

    return Step(
        STOP,
        do,
        check,
        revert,
        settle,
        temporary=True,
        single_call=True,
        conflicts=("UnsupportedOperation.InstanceStateStopped",),
        stage=StageTitle("stop", instance_id),
        revert_stage=StageTitle("start", instance_id),
    )


def _observe_stop(window: Deadline, request_id: str, instance: Instance) -> Observation[Instance]:
    """Observe an instance that is to become STOPPED; it fails where somebody starts it."""
    if not window.left and instance.instance_state == "RUNNING" and not instance.operating:
        reason = Message("StartedMeanwhile")
        return Observation(Phase.FAILED, "RUNNING", instance, reason=reason)
    return observe_instance(instance, "STOPPED", request_id)


def start_again(session: Session, instance_id: str) -> None:
    """Bring the instance to RUNNING from any state; if it is gone, report that.

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


def _once_visible(session: Session, instance_id: str) -> Instance:
    """Return the instance as it is when a shutdown requested before must be visible."""
    window = Deadline(session.clock, _VISIBLE_SECONDS)
    while True:
        instance = cvm.describe_instance(session.cloud, instance_id)
        if instance.instance_state != "RUNNING" or not window.left:
            return instance
        session.interrupt.check()
        session.clock.sleep(min(window.left, _POLL_SECONDS))
