"""Make snapshots of an instance's data disks: each asked for once, all started together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cvmimg.cloud import cbs
from cvmimg.cloud.models import Snapshot
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.instance_tag import InstanceTag, require_free
from cvmimg.durable.operation import AfterFailure, Execution, Intent, Operation, prepare
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Step
from cvmimg.errors import CvmimgError, NotFound, TaskFailed
from cvmimg.guest.access import AccessMethod, open_access
from cvmimg.message import Message
from cvmimg.workflows.snapshot.disk_snapshots import FREEZE, DiskSnapshotOrder, DiskSnapshots
from cvmimg.workflows.snapshot.plan import SnapshotPlan


@dataclass(frozen=True)
class SnapshotRequest:
    """How the snapshots are to be made.

    Attributes:
        name: of all of them; each is followed by its disk's id.
        tags: the user's own tags.
        mount_points: file systems to freeze while the snapshots are started.
        timeout_seconds: how long to wait in all.
        wait: False to return as soon as all have been asked for.
        require_tag: refuse to freeze where the instance may not be tagged.
    """

    name: str
    tags: dict[str, str]
    mount_points: tuple[str, ...] = ()
    timeout_seconds: float = 7200.0
    wait: bool = True
    require_tag: bool = False


@dataclass(frozen=True)
class SnapshotOrder:
    """What is wanted, as stored in the journal.

    Attributes:
        snapshots: which.
        wait: whether to wait until they can be used.
        access: how the instance is reached, to freeze its file systems.
        require_tag: refuse to freeze where the instance may not be tagged.
    """

    snapshots: DiskSnapshotOrder
    wait: bool = True
    access: AccessMethod = field(default_factory=AccessMethod)
    require_tag: bool = False


def make_snapshots(
    session: Session,
    plan: SnapshotPlan,
    request: SnapshotRequest,
) -> list[Snapshot]:
    """Make snapshots of the disks of ``plan`` and wait until they can be used.

    Calls CreateSnapshot and DescribeSnapshots; with mount points, also runs scripts in the guest.

    Args:
        session: the cloud and the progress.
        plan: as ``plan_snapshots`` made it.
        request: how they are to be made.

    Returns:
        The snapshots, in the order of the plan's disks.

    Raises:
        WaitTimeout: they are still being created; the error names the command that continues.
        Interrupted: the same, after a request to stop.
        CvmimgError: one was refused; those made before it are deleted again.
    """
    instance_id = plan.instance.instance_id
    order = SnapshotOrder(
        DiskSnapshotOrder(
            instance_id,
            {disk.disk_id: disk.disk_size for disk in plan.disks},
            request.name,
            request.tags,
            request.mount_points,
        ),
        request.wait,
        require_tag=request.require_tag,
    )
    deadline = Deadline(session.clock, request.timeout_seconds)
    with prepare(session, Intent((instance_id,))) as preparation:
        require_free(session, plan.instance)
        return preparation.run(SnapshotOperation, order, deadline)


class SnapshotOperation(Operation[SnapshotOrder, list[Snapshot]]):
    """The snapshots of one instance."""

    kind = "snapshot"
    request_type = SnapshotOrder

    def __init__(self, execution: Execution, request: SnapshotOrder) -> None:
        super().__init__(execution, request)
        access = open_access(request.access, self.cloud, request.snapshots.instance_id)
        self._tag = InstanceTag(
            execution, request.snapshots.instance_id, (FREEZE,), required=request.require_tag
        )
        self._snapshots = DiskSnapshots(execution, request.snapshots, access, tag=self._tag.step)

    @property
    def steps(self) -> Sequence[Step]:
        """The instance's tag, the freeze and the snapshots."""
        return self._snapshots.steps

    def finish(self) -> list[Snapshot]:
        """Start the snapshots that are not started, and wait for all."""
        snapshot_ids = self._snapshots.start()
        self.revert_temporary()
        if self.request.wait or self.execution.resumed:
            return self._snapshots.wait()
        found = cbs.describe_snapshots_by_id(self.cloud, snapshot_ids)
        by_id = {snapshot.snapshot_id: snapshot for snapshot in found}
        return [by_id[one] for one in snapshot_ids if one in by_id]

    def closing_result(self) -> dict[str, Any]:
        """Return the ids of the snapshots."""
        return {"snapshot_ids": self._snapshots.snapshot_ids}

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        """Keep a complete set of snapshots; delete the rest of an incomplete one."""
        failed = isinstance(error, TaskFailed | NotFound)
        complete = self._snapshots.are_started
        return AfterFailure.RESUME if complete and not failed else AfterFailure.REVERT

    def require_ours(self) -> None:
        """Refuse to continue if another operation works on the instance now."""
        self._tag.require_ours()

    def state_notes(self) -> list[Message]:
        """Describe what is still running or still frozen."""
        instance_id = self.request.snapshots.instance_id
        if self.log.status(FREEZE) in ("pending", "done"):
            return [Message("MayBeFrozen", instance=instance_id)]
        ids = self._snapshots.snapshot_ids
        return [Message("SnapshotsContinue", snapshots=ids, count=len(ids))] if ids else []
