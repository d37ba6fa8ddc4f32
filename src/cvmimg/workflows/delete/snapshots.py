"""Delete snapshots that nothing uses any more, and wait until they are gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cvmimg.cloud import cbs
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.progress import ProgressListener
from cvmimg.cloud.waiter import Observation, Phase, Task
from cvmimg.durable.operation import Execution
from cvmimg.durable.progress import Stage
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import Outcome, StepCheck, happened
from cvmimg.durable.steps import Step
from cvmimg.workflows.wait import waiter


def removal_steps(execution: Execution, snapshot_ids: Sequence[str], *, step: str) -> list[Step]:
    """Return the step that deletes those of some snapshots that no image uses; none of none.

    A snapshot that an image has come to use, or that was locked, since it was planned stays. Calls
    DeleteSnapshots and DescribeSnapshots.
    """
    cloud = execution.session.cloud

    def delete() -> None:
        left = deletable(cloud, snapshot_ids)
        if left:
            cbs.delete_snapshots(cloud, left)

    def check() -> StepCheck:
        return happened(not deletable(cloud, snapshot_ids))

    def settle(_: Outcome, stage: Stage) -> None:
        timeout = execution.deadline.left
        wait_until_gone(execution.session, stage, snapshot_ids, timeout_seconds=timeout)

    return [Step(step, delete, check, settle=settle, single_call=True)] if snapshot_ids else []


def wait_until_gone(
    session: Session,
    listener: ProgressListener,
    snapshot_ids: Sequence[str],
    *,
    timeout_seconds: float,
) -> None:
    """Wait until snapshots that were deleted are not listed any more, used by an image or locked.

    Raises:
        WaitTimeout: some are still being deleted.
    """

    def observe(ids: Sequence[str]) -> dict[str, Observation[None]]:
        left = deletable(session.cloud, ids)
        return {
            one: Observation(Phase.MOVING, "DELETING", None)
            if one in left
            else Observation(Phase.DONE, "gone", None)
            for one in ids
        }

    task = Task("snapshot", tuple(snapshot_ids), observe)
    waiter(session, listener, timeout_seconds).all(task)


def deletable(
    cloud: Cloud, snapshot_ids: Sequence[str], *, deleted_images: Collection[str] = ()
) -> list[str]:
    """Return the snapshots that no image uses and that are not locked (DescribeSnapshots).

    Args:
        cloud: where they are.
        snapshot_ids: which; those that do not exist are left out.
        deleted_images: images that may still be bound to their snapshots for a moment.
    """
    found = cbs.describe_snapshots_by_id(cloud, snapshot_ids)
    return [
        one.snapshot_id
        for one in found
        if not one.is_locked and all(image.image_id in deleted_images for image in one.images)
    ]
