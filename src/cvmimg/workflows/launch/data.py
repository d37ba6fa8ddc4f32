"""New instances with another instance's data: snapshots of its data disks become their disks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cvmimg.cloud.client import Cloud
from cvmimg.durable.session import Session
from cvmimg.guest.access import AGENT, open_access
from cvmimg.workflows.launch.plan import LaunchRequest
from cvmimg.workflows.launch.settings import NewDisk
from cvmimg.workflows.snapshot.operation import SnapshotRequest, make_snapshots
from cvmimg.workflows.snapshot.plan import SnapshotPlan, plan_snapshots


class DataSource:
    """The data disks of one instance, on their way to be the disks of new ones.

    Attributes:
        snapshot_ids: the snapshots of the disks; empty until they are taken.
    """

    def __init__(self, plan: SnapshotPlan) -> None:
        self._plan = plan
        self.snapshot_ids: tuple[str, ...] = ()

    @classmethod
    def plan(cls, cloud: Cloud, instance_id: str) -> DataSource:
        """Choose the disks; nothing is changed. Raises as ``plan_snapshots``."""
        return cls(plan_snapshots(cloud, instance_id))

    def as_planned(self, request: LaunchRequest) -> LaunchRequest:
        """The request with disks of the source's types, sizes and order, still empty."""
        return self._with_disks(request, [""] * len(self._plan.disks))

    def take(
        self, session: Session, request: LaunchRequest, *, timeout_seconds: float
    ) -> LaunchRequest:
        """Make the snapshots and wait for them; the request with disks filled from them.

        Raises:
            CvmimgError: as ``make_snapshots``.
        """
        instance_id = self._plan.instance.instance_id
        wanted = SnapshotRequest(
            name=f"launch-{instance_id}", tags={}, timeout_seconds=timeout_seconds
        )
        access = open_access(AGENT, session.cloud, instance_id)
        made = make_snapshots(session, self._plan, wanted, access)
        self.snapshot_ids = tuple(snapshot.snapshot_id for snapshot in made)
        return self._with_disks(request, self.snapshot_ids)

    def _with_disks(self, request: LaunchRequest, snapshot_ids: Sequence[str]) -> LaunchRequest:
        disks = tuple(
            NewDisk(type=disk.disk_type, gib=disk.disk_size, snapshot_id=snapshot_id)
            for disk, snapshot_id in zip(self._plan.disks, snapshot_ids, strict=True)
        )
        settings = request.settings.model_copy(update={"data_disks": disks})
        return replace(request, settings=settings)
