"""Listing snapshots: of an image, of an instance's disks, or those that no image uses."""

from __future__ import annotations

from dataclasses import dataclass

from cvmimg.cloud import cbs
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, Instance, Snapshot, SnapshotOverview
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
        found = _of_image(cloud, image)
    elif instance:
        found = _of_instance(cloud, find_instance(cloud, instance))
    else:
        found = cbs.describe_snapshots(cloud)
    if orphans:
        found = [snapshot for snapshot in found if is_orphan(snapshot)]
    found.sort(key=_newest_first)
    return SnapshotList(found, cbs.describe_snapshot_overview(cloud))


def is_orphan(snapshot: Snapshot) -> bool:
    """Whether no image uses the snapshot and nobody shares it: as a backup, or only for its cost.

    A snapshot that is being created is not one: its image may not be listed yet.
    """
    used = snapshot.image_count or snapshot.images or snapshot.share_reference
    return not used and snapshot.snapshot_state == "NORMAL"


def _of_image(cloud: Cloud, image: Image) -> list[Snapshot]:
    ids = [snapshot.snapshot_id for snapshot in image.snapshot_set if snapshot.snapshot_id]
    return cbs.describe_snapshots(cloud, snapshot_ids=ids) if ids else []


def _of_instance(cloud: Cloud, instance: Instance) -> list[Snapshot]:
    disks = [instance.system_disk.disk_id, *(disk.disk_id for disk in instance.data_disks)]
    known = list(filter(None, disks))
    return cbs.describe_snapshots(cloud, disk_id=known) if known else []


def _newest_first(snapshot: Snapshot) -> tuple[float, str]:
    made = snapshot.create_time
    return (-made.timestamp() if made else 0.0, snapshot.snapshot_id)
