"""Deleting snapshots that nothing uses any more, and waiting until they are gone."""

from __future__ import annotations

from collections.abc import Sequence

from cvmimg.cloud import cbs
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Snapshot
from cvmimg.cloud.waiter import Phase, Sighting, Task
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.progress import Stage
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Outcome, Runner, Step
from cvmimg.workflows.wait import waiter


def remove_snapshots(
    session: Session,
    runner: Runner,
    deadline: Deadline,
    under_way: Stage,
    snapshot_ids: Sequence[str],
    *,
    step: str = "snapshots",
) -> None:
    """Delete those of these snapshots that no image uses, and wait until they are gone.

    Rests on DescribeSnapshots and DeleteSnapshots. A snapshot that an image has come to use since
    the plan was made stays.

    Args:
        session: whom to ask.
        runner: does the durable step.
        deadline: until when to wait.
        under_way: the stage that this is a part of.
        snapshot_ids: which.
        step: the step's name in the journal.

    Raises:
        WaitTimeout: some are still being deleted.
        CvmimgError: the API refused.
    """

    def do() -> Outcome:
        unused = [each.snapshot_id for each in _unused(session.cloud, snapshot_ids)]
        if unused:
            cbs.delete_snapshots(session.cloud, unused)
        return {}

    if not snapshot_ids:
        return
    runner.run(Step(step, do, look=lambda: None))
    waiter(session, under_way, deadline.left).all(_gone_task(session.cloud, snapshot_ids))


def _gone_task(cloud: Cloud, snapshot_ids: Sequence[str]) -> Task[None]:
    def look(ids: Sequence[str]) -> dict[str, Sighting[None]]:
        left = {snapshot.snapshot_id for snapshot in _unused(cloud, ids)}
        return {
            one: Sighting(Phase.MOVING, "DELETING", None)
            if one in left
            else Sighting(Phase.DONE, "gone", None)
            for one in ids
        }

    return Task("the deletion of snapshots", tuple(snapshot_ids), look)


def _unused(cloud: Cloud, snapshot_ids: Sequence[str]) -> list[Snapshot]:
    found = cbs.describe_snapshots_by_id(cloud, snapshot_ids)
    return [snapshot for snapshot in found if not snapshot.images]
