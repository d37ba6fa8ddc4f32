"""Instances that a lost run of a named launch has started: found by their tag, and kept."""

from __future__ import annotations

from dataclasses import replace

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Instance
from cvmimg.cloud.own_tags import LAUNCH_TAG
from cvmimg.cloud.states import INSTANCE_ENDED
from cvmimg.durable.named import OperationName
from cvmimg.durable.operation import Intent, Resumed, run_operation, run_recovery
from cvmimg.durable.session import Session
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message
from cvmimg.workflows.launch.operation import LaunchOperation, LaunchOrder, LaunchResult


def find_launched(cloud: Cloud, operation_id: str) -> list[Instance]:
    """Return the instances that a named launch has started and that exist (DescribeInstances)."""
    tagged = cvm.describe_instances(cloud, tag_key=LAUNCH_TAG)
    return [
        one
        for one in tagged
        if one.tag_map.get(LAUNCH_TAG) == operation_id and one.instance_state not in INSTANCE_ENDED
    ]


def continue_lost_launch(
    session: Session,
    name: OperationName,
    image_id: str,
    count: int,
    *,
    timeout_seconds: float,
    wait: bool = True,
) -> LaunchResult | None:
    """Wait for the instances of an earlier run whose journal is lost; None if there are none.

    Args:
        session: the cloud and the journal, which has no operation of this name.
        name: the user's name of the operation.
        image_id: the image that is to be launched.
        count: how many instances are wanted.
        timeout_seconds: how long to wait.
        wait: False to return at once.

    Raises:
        PreconditionFailed: the instances are of another request.
        CvmimgError: as ``launch``.
    """
    found = find_launched(session.cloud, name.id)
    if not found:
        return None
    if len(found) > count or any(one.image_id != image_id for one in found):
        raise PreconditionFailed(Message("OperationIdInUse", operation=name.id, kind="launch"))
    ids = [one.instance_id for one in found]
    session.progress.notice(Message("ContinuesLaunch", operation=name.id, instances=ids))
    intent = Intent((), name.id, name.fingerprint)
    return run_operation(
        session, LaunchOperation, _order(found, wait=wait), timeout_seconds, intent
    )


def resume_lost_launch(
    session: Session, found: list[Instance], *, roll_back: bool, timeout_seconds: float
) -> Resumed:
    """Wait for the instances of a launch of another machine.

    Raises:
        CvmimgError: as ``launch``.
    """
    order = _order(found, wait=not roll_back)
    resumed = run_recovery(session, LaunchOperation, order, timeout_seconds)
    if not roll_back:
        return resumed
    ids = list(order.launched_ids)
    return replace(resumed, remains=(Message("InstancesRemain", instances=ids, count=len(ids)),))


def _order(found: list[Instance], *, wait: bool) -> LaunchOrder:
    run = {"ImageId": found[0].image_id, "InstanceCount": len(found)}
    ids = tuple(one.instance_id for one in found)
    return LaunchOrder(run=run, wait=wait, launched_ids=ids)
