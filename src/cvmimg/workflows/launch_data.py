"""New instances with another instance's data: snapshots of its data disks become their disks."""

from __future__ import annotations

from collections.abc import Sequence

from cvmimg.cloud.models import Snapshot
from cvmimg.guest.tat import TatChannel
from cvmimg.workflows.launch_settings import NewDisk
from cvmimg.workflows.session import Session
from cvmimg.workflows.snapshot import SnapshotRequest, make_snapshots
from cvmimg.workflows.snapshot_plan import SnapshotPlan


def disks_like(plan: SnapshotPlan, snapshots: Sequence[Snapshot] = ()) -> tuple[NewDisk, ...]:
    """Disks of the types, sizes and order of the plan's, filled from their snapshots.

    Args:
        plan: the source's data disks.
        snapshots: of each of them, in their order; none while they are not made yet.
    """
    ids = [snapshot.snapshot_id for snapshot in snapshots] or [""] * len(plan.disks)
    return tuple(
        NewDisk(type=disk.disk_type, gib=disk.disk_size, snapshot_id=snapshot_id)
        for disk, snapshot_id in zip(plan.disks, ids, strict=True)
    )


def snapshot_data(
    session: Session, plan: SnapshotPlan, *, timeout_seconds: float
) -> list[Snapshot]:
    """Make the snapshots that new disks are to be filled from; raises as ``make_snapshots``."""
    instance_id = plan.instance.instance_id
    request = SnapshotRequest(
        name=f"launch-{instance_id}", tags={}, timeout_seconds=timeout_seconds
    )
    return make_snapshots(session, plan, request, TatChannel(session.cloud, instance_id))
