"""Cloud disks and snapshots: one typed function per action of cbs 2017-03-12.

Every function raises ``CvmimgError`` types as ``Cloud.read`` and ``Cloud.write`` do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cvmimg.cloud.answers import create, read, read_by_id, read_filtered
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Disk, NewSnapshot, Snapshot, SnapshotOverview
from cvmimg.cloud.states import SNAPSHOT_GONE
from cvmimg.errors import NotFound


def describe_disks(
    cloud: Cloud, *, disk_ids: Sequence[str] | None = None, **wanted: str | Sequence[str]
) -> list[Disk]:
    """List the cloud disks that fit (DescribeDisks); filters, of any length, as keyword arguments.

    Raises:
        NotFound: one of ``disk_ids`` is unknown; local disks always are.
    """
    params = {} if disk_ids is None else {"DiskIds": list(disk_ids)}
    return read_filtered(cloud, "cbs", "DescribeDisks", params, "DiskSet", Disk, wanted)


def describe_disks_by_id(cloud: Cloud, disk_ids: Sequence[str]) -> list[Disk]:
    """List those of these cloud disks that exist, any number of them (DescribeDisks)."""

    def some(ids: Sequence[str]) -> list[Disk]:
        try:
            return describe_disks(cloud, disk_ids=ids)
        except NotFound:
            # An unknown id makes the API refuse them all; a filter leaves it out.
            return describe_disks(cloud, disk_id=ids)

    return read_by_id(disk_ids, some)


def describe_snapshots(
    cloud: Cloud, *, snapshot_ids: Sequence[str] | None = None, **wanted: str | Sequence[str]
) -> list[Snapshot]:
    """List the snapshots that fit (DescribeSnapshots), those in the recycle bin left out.

    Args:
        cloud: the region to call.
        snapshot_ids: at most 100 ids; an unknown one is refused.
        wanted: filters of the action, underscores for hyphens, of any length.
    """
    params = {} if snapshot_ids is None else {"SnapshotIds": list(snapshot_ids)}
    found = read_filtered(
        cloud, "cbs", "DescribeSnapshots", params, "SnapshotSet", Snapshot, wanted
    )
    return [snapshot for snapshot in found if snapshot.snapshot_state not in SNAPSHOT_GONE]


def describe_snapshots_by_id(cloud: Cloud, snapshot_ids: Sequence[str]) -> list[Snapshot]:
    """List those of these snapshots that still exist, any number of them (DescribeSnapshots)."""

    def some(ids: Sequence[str]) -> list[Snapshot]:
        try:
            found = describe_snapshots(cloud, snapshot_ids=ids)
        except NotFound:
            # As above; the filter takes a few ids at a time.
            return describe_snapshots(cloud, snapshot_id=ids)
        return [one for one in found if one.snapshot_id in ids]

    return read_by_id(snapshot_ids, some)


def create_snapshot(
    cloud: Cloud, disk_id: str, *, name: str, tags: Mapping[str, str] | None = None
) -> str:
    """Start a snapshot of a disk and return its id (CreateSnapshot).

    Not repeatable: the action takes no client token.
    """
    request: dict[str, Any] = {"DiskId": disk_id, "SnapshotName": name}
    if tags:
        request["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    return create(cloud, "cbs", "CreateSnapshot", request, NewSnapshot).snapshot_id


def delete_snapshots(cloud: Cloud, snapshot_ids: Sequence[str]) -> None:
    """Delete snapshots that no image uses (DeleteSnapshots)."""
    cloud.write("cbs", "DeleteSnapshots", {"SnapshotIds": list(snapshot_ids)})


def describe_snapshot_overview(cloud: Cloud) -> SnapshotOverview:
    """Read the used, free and charged GiB of snapshots in the region (DescribeSnapshotOverview)."""
    return read(cloud, "cbs", "DescribeSnapshotOverview", {}, SnapshotOverview)
