"""Listing snapshots: of an image, of an instance's disks, or those that no image uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cvmimg.cloud import cbs
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, Snapshot, SnapshotOverview
from cvmimg.workflows.find_instance import find_instance


@dataclass(frozen=True)
class SnapshotList:
    """Snapshots and what they cost.

    Attributes:
        snapshots: newest first.
        overview: the account's GiB in the region: all, free of charge, and charged.
    """

    snapshots: list[Snapshot]
    overview: SnapshotOverview

    @property
    def gib(self) -> int:
        """The disk sizes of the listed snapshots together, in GiB."""
        return sum(snapshot.disk_size for snapshot in self.snapshots)


def list_snapshots(
    cloud: Cloud,
    *,
    image: Image | None = None,
    instance: str = "",
    orphans: bool = False,
) -> SnapshotList:
    """The snapshots of an image, of an instance's disks, or of the whole region.

    Calls DescribeSnapshots, DescribeInstances and DescribeSnapshotOverview.

    Args:
        cloud: where to ask.
        image: list the snapshots in this image.
        instance: list the snapshots of this instance's disks; its id or exact name.
        orphans: keep only those that no image uses and that are shared with nobody.

    Raises:
        NotFound: the instance does not exist.
        UsageError: several instances have the name.
        CvmimgError: the cloud could not be queried.
    """
    if image is not None:
        ids = [snapshot.snapshot_id for snapshot in image.snapshot_set if snapshot.snapshot_id]
        found = cbs.describe_snapshots(cloud, snapshot_ids=ids) if ids else []
    elif instance:
        ids = find_instance(cloud, instance).disk_ids
        found = cbs.describe_snapshots(cloud, disk_id=ids) if ids else []
    else:
        found = cbs.describe_snapshots(cloud)
    if orphans:
        found = [snapshot for snapshot in found if is_orphan(snapshot)]
    return SnapshotList(newest_snapshots_first(found), cbs.describe_snapshot_overview(cloud))


def newest_snapshots_first(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    """Sort snapshots by the time of their creation; those without one come last."""
    return sorted(snapshots, key=_newest_first)


def _newest_first(snapshot: Snapshot) -> tuple[float, str]:
    made = snapshot.create_time
    return (-made.timestamp() if made else 0.0, snapshot.snapshot_id)


def is_orphan(snapshot: Snapshot) -> bool:
    """Whether no image uses the snapshot and nobody shares it: as a backup, or only for its cost.

    A snapshot that is being created is not one: its image may not be listed yet.
    """
    used = snapshot.image_count or snapshot.images or snapshot.share_reference
    return not used and snapshot.snapshot_state == "NORMAL"
