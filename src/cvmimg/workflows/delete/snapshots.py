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
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck
from cvmimg.durable.steps import Step
from cvmimg.workflows.wait import waiter


class SnapshotRemoval:
    """The step that deletes those of some snapshots that no image uses.

    A snapshot that an image has come to use, or that was locked, since it was planned stays. Calls
    DeleteSnapshots and DescribeSnapshots.
    """

    def __init__(self, execution: Execution, snapshot_ids: Sequence[str], *, step: str) -> None:
        self._execution = execution
        self._cloud = execution.session.cloud
        self._snapshot_ids = tuple(snapshot_ids)
        self._step = step

    @property
    def steps(self) -> list[Step]:
        """The step; none if there is no snapshot to delete."""
        if not self._snapshot_ids:
            return []
        return [
            Step(
                self._step,
                self._delete,
                self._check,
                settle=self._wait_until_gone,
                single_call=True,
            )
        ]

    def _delete(self) -> Outcome:
        left = deletable(self._cloud, self._snapshot_ids)
        if left:
            cbs.delete_snapshots(self._cloud, left)
        return {}

    def _check(self) -> StepCheck:
        return DidNotHappen() if deletable(self._cloud, self._snapshot_ids) else Happened()

    def _wait_until_gone(self, _: Outcome, stage: Stage) -> None:
        session, timeout = self._execution.session, self._execution.deadline.left
        wait_until_gone(session, stage, self._snapshot_ids, timeout_seconds=timeout)


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
