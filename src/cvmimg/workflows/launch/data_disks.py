"""Work out all data disks of new instances: those in the image, and those that were chosen.

RunInstances creates no data disk that is not in its request, not even those of the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cvmimg.cloud import cbs
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, Snapshot
from cvmimg.errors import NotFound, UsageError
from cvmimg.message import Message
from cvmimg.workflows.if_permitted import if_permitted
from cvmimg.workflows.launch.disks import ImageDisk, NewDisk


def image_disks(cloud: Cloud, image: Image) -> tuple[ImageDisk, ...]:
    """List the data disks in an image (DescribeSnapshots).

    The image itself does not say which disk a snapshot is of. Where that cannot be read, the
    disks' ids are left empty.
    """
    inside = [each for each in image.snapshot_set if each.disk_usage == "DATA_DISK"]
    if not inside:
        return ()
    ids = [each.snapshot_id for each in inside]
    found = if_permitted(partial(cbs.describe_snapshots_by_id, cloud, ids))
    disks = {snapshot.snapshot_id: snapshot.disk_id for snapshot in found or ()}
    return tuple(
        ImageDisk(each.snapshot_id, each.disk_size, disks.get(each.snapshot_id, ""))
        for each in inside
    )


def complete(
    cloud: Cloud, chosen: Sequence[NewDisk], given: Sequence[NewDisk], inside: Sequence[ImageDisk]
) -> tuple[NewDisk, ...]:
    """Return all data disks of the new instances, each with a size.

    Args:
        cloud: where the snapshots are.
        chosen: the data disks that the settings amount to.
        given: those of them that the user gave; if these have data, they replace the image's.
        inside: the data disks in the image.

    Raises:
        NotFound: a snapshot does not exist.
        UsageError: a disk is smaller than its snapshot.
    """
    used = {disk.snapshot_id for disk in chosen}
    replaced = any(disk.snapshot_id or disk.source_disk_id for disk in given)
    left = [] if replaced else [disk for disk in inside if disk.snapshot_id not in used]
    sizes = {disk.snapshot_id: disk.gib for disk in inside}
    unknown = [disk.snapshot_id for disk in chosen if disk.snapshot_id not in ("", *sizes)]
    found = {each.snapshot_id: each for each in cbs.describe_snapshots_by_id(cloud, unknown)}
    sized = [_sized(disk, sizes.get(disk.snapshot_id), found) for disk in chosen]
    return (*(disk.as_new_disk() for disk in left), *sized)


def _sized(disk: NewDisk, known_gib: int | None, found: dict[str, Snapshot]) -> NewDisk:
    if not disk.snapshot_id:
        return disk
    if known_gib is None:
        if disk.snapshot_id not in found:
            message = Message("DataSnapshotNotFound", snapshot=disk.snapshot_id)
            raise NotFound(message, code="InvalidSnapshotId.NotFound")
        known_gib = found[disk.snapshot_id].disk_size
    if disk.gib and disk.gib < known_gib:
        raise UsageError(
            Message("DataDiskTooSmall", snapshot=disk.snapshot_id, gib=disk.gib, needed=known_gib)
        )
    return disk.model_copy(update={"gib": disk.gib or known_gib})
