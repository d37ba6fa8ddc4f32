"""Starting new instances from an image: once, whatever happens to the answer, and until they run.

RunInstances takes a client token; the operation's journal keeps it, so a launch that was cut off
is taken up with the same token and starts nothing twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Instance
from cvmimg.cloud.waiter import Phase, Sighting
from cvmimg.durable.closing import closed_on_failure
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.journal import OperationLog
from cvmimg.durable.progress import stage
from cvmimg.durable.retold import retold, way_on
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Outcome, Runner, Step
from cvmimg.errors import CvmimgError, Interrupted, TaskFailed, Unreachable, WaitTimeout
from cvmimg.workflows.launch.plan import LaunchPlan
from cvmimg.workflows.remove_snapshots import remove_snapshots
from cvmimg.workflows.wait import power_task, waiter

KIND = "launch"


@dataclass(frozen=True)
class LaunchResult:
    """What a launch has started.

    Attributes:
        image_id: what the instances started from.
        instances: all of them, the failed ones too.
    """

    image_id: str
    instances: tuple[Instance, ...]


class LaunchFailed(TaskFailed):
    """Some instances did not come up.

    Attributes:
        result: all instances of the launch, good and bad.
    """

    default_code = "LAUNCH_FAILED"

    def __init__(self, message: str, result: LaunchResult, **more: str) -> None:
        super().__init__(message, **more)
        self.result = result


def launch(
    session: Session,
    plan: LaunchPlan,
    *,
    timeout_seconds: float,
    wait: bool = True,
    delete_snapshots: Sequence[str] = (),
) -> LaunchResult:
    """Start the instances of a plan and wait until they run.

    Rests on RunInstances and DescribeInstances.

    Args:
        session: whom to ask and tell.
        plan: as ``plan_launch`` made it and the user confirmed it.
        timeout_seconds: how long to wait for them.
        wait: False to come back as soon as their ids are known.
        delete_snapshots: ids of snapshots that are of no use once the disks are filled from them.

    Raises:
        LaunchFailed: some did not come up; the error carries all of them.
        WaitTimeout: some are still on their way; the hint says how to wait on.
        Interrupted: likewise.
        CvmimgError: the API refused; nothing was started.
    """
    request = {
        "run": {**plan.request, "ClientToken": uuid.uuid4().hex},
        "timeout_seconds": timeout_seconds,
        "wait": wait or bool(delete_snapshots),
        "delete_snapshots": list(delete_snapshots),
    }
    with session.journal.claim([]) as claim:
        log = claim.begin(KIND, region=session.cloud.region, origin=session.origin, request=request)
        return go_on(session, log)


def go_on(session: Session, log: OperationLog) -> LaunchResult:
    """Do what is left of a launch; raises as ``launch`` does."""
    request = log.record.request
    deadline = Deadline(session.clock, request["timeout_seconds"])
    image_id = request["run"]["ImageId"]
    instance_ids = _start(session, log, deadline)
    if not request["wait"]:
        log.close("done", result={"instance_ids": instance_ids})
        return LaunchResult(image_id, tuple(_seen(session, instance_ids)))
    with stage(session.observer, "boot", f"waiting for {_count(instance_ids)} to run") as boot:
        task = power_task(session.cloud, instance_ids, "RUNNING", hint=_resume(session, log))
        try:
            sightings = waiter(session, boot, deadline.left).all(task)
        except Interrupted as error:
            raise _interrupted(session, log, instance_ids) from error
        except WaitTimeout:
            raise
        except CvmimgError as error:
            goes_on = f"{', '.join(instance_ids)} go on starting"
            raise retold(error, goes_on, hint=way_on(error, _resume(session, log))) from None
        result = LaunchResult(image_id, tuple(sightings[one].value for one in instance_ids))
        failure = _failure(result, sightings)
        if failure is not None:
            log.close("failed", result={"instance_ids": instance_ids}, error=failure.message)
            raise failure
        boot.detail = f"{_count(instance_ids)} running"
    _delete_snapshots(session, log, deadline)
    log.close("done", result={"instance_ids": instance_ids})
    return result


def leave(log: OperationLog) -> str:
    """Give a launch up; what it has started is left running and named (``resume --undo``)."""
    known = log.record.step("run")
    instance_ids = known.outcome.get("instance_ids", []) if known else []
    log.close("left", result={"instance_ids": instance_ids})
    if instance_ids:
        return f"these instances were started and are left as they are: {', '.join(instance_ids)}"
    if known is not None and known.status == "started":
        return "whether instances were started is unknown: look for them before launching again"
    return "nothing was started"


def _start(session: Session, log: OperationLog, deadline: Deadline) -> list[str]:
    run: Mapping[str, Any] = log.record.request["run"]

    def do() -> Outcome:
        return {"instance_ids": cvm.run_instances(session.cloud, run)}

    def look() -> Outcome | None:
        # The client token makes sending it again the way to look for what came of it.
        try:
            return do()
        except Unreachable:
            raise
        except CvmimgError:
            return None

    step = Step("run", do, look, one_call=True)
    title = f"starting {run['InstanceCount']} from {run['ImageId']}"
    with stage(session.observer, "launch", title) as under_way:
        with closed_on_failure(session, log):
            outcome = Runner(session, log, deadline).run(step)
        instance_ids: list[str] = outcome["instance_ids"]
        under_way.detail = ", ".join(instance_ids)
    return instance_ids


def _delete_snapshots(session: Session, log: OperationLog, deadline: Deadline) -> None:
    """Delete the snapshots that the new disks were filled from, if that was asked for."""
    snapshot_ids: list[str] = log.record.request["delete_snapshots"]
    if not snapshot_ids:
        return
    title = f"deleting {len(snapshot_ids)} snapshots"
    runner = Runner(session, log, deadline)
    with (
        closed_on_failure(session, log),
        stage(session.observer, "snapshots", title) as under_way,
    ):
        remove_snapshots(session, runner, deadline, under_way, snapshot_ids)


def _failure(
    result: LaunchResult, sightings: Mapping[str, Sighting[Instance]]
) -> LaunchFailed | None:
    failed = [one for one in result.instances if sightings[one.instance_id].phase is Phase.FAILED]
    if not failed:
        return None
    reasons = "; ".join(
        f"{one.instance_id} {one.instance_state}:"
        f" {one.latest_operation_error_msg or 'the cloud gives no reason'}"
        for one in failed
    )
    running = len(result.instances) - len(failed)
    return LaunchFailed(
        f"{len(failed)} of {len(result.instances)} instances did not come up ({reasons})",
        result,
        hint=f"the {running} others run; launch the missing ones again" if running else "",
    )


def _seen(session: Session, instance_ids: Sequence[str]) -> list[Instance]:
    """The instances as they are listed now; those not listed yet by their ids alone."""
    found = cvm.describe_instances_by_id(session.cloud, instance_ids)
    known = {instance.instance_id: instance for instance in found}
    return [
        known.get(one) or Instance({"InstanceId": one, "InstanceState": "PENDING"})
        for one in instance_ids
    ]


def _interrupted(session: Session, log: OperationLog, instance_ids: Sequence[str]) -> Interrupted:
    return Interrupted(
        f"stopped waiting; {', '.join(instance_ids)} go on starting",
        hint=_resume(session, log),
    )


def _resume(session: Session, log: OperationLog) -> str:
    return f"{session.program} resume {log.id}"


def _count(instance_ids: Sequence[str]) -> str:
    return f"{len(instance_ids)} instance{'' if len(instance_ids) == 1 else 's'}"
