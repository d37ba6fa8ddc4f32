"""Find what an operation of this tool created, after its own answer was lost.

Every image and snapshot carries the operation's id as a tag. A tag may appear late or be
forbidden, so whatever carries no such tag at all is recognized by its name, time and source; a
copy by its name alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, Snapshot
from cvmimg.cloud.own_tags import OPERATION_TAG

CLOCK_SKEW = timedelta(minutes=6)
"""How far this machine's clock may be ahead: beyond 5 minutes the API refuses the signature."""


def find_image(
    cloud: Cloud,
    operation_id: str,
    name: str,
    created_after: datetime,
    disk_ids: Sequence[str],
) -> Image | None:
    """Find the image that an operation created (DescribeImages, DescribeSnapshots).

    Args:
        cloud: the region to search.
        operation_id: the operation that called CreateImage.
        name: the name that it requested, which is unique in the region.
        created_after: when the operation began, by this machine's clock.
        disk_ids: the disks that went into the image; empty if they are not known.

    Returns:
        The image, or None if none is listed (yet).

    Raises:
        CvmimgError: the cloud did not answer, so nothing is known.
    """
    tags = {OPERATION_TAG: operation_id}
    for image in cvm.describe_images(cloud, image_type=cvm.PRIVATE, tags=tags):
        return image

    def ours(image: Image) -> bool:
        if image.image_name != name:
            return False
        if OPERATION_TAG in image.tag_map:
            return image.tag_map[OPERATION_TAG] == operation_id
        recent = _is_recent(image.created_time, created_after)
        return recent and _is_made_of(cloud, image, disk_ids)

    named = cvm.describe_images(cloud, image_type=cvm.PRIVATE, name=name)
    return next(filter(ours, named), None)


def is_name_taken(cloud: Cloud, name: str, operation_id: str) -> bool:
    """Return whether an image of this name carries another operation's tag (DescribeImages).

    Raises:
        CvmimgError: the cloud did not answer, so nothing is known.
    """
    named = cvm.describe_images(cloud, image_type=cvm.PRIVATE, name=name)
    tags = [image.tag_map.get(OPERATION_TAG) for image in named if image.image_name == name]
    return any(tag and tag != operation_id for tag in tags)


def find_image_since(
    cloud: Cloud, operation_id: str, created_after: datetime, disk_ids: Sequence[str]
) -> Image | None:
    """Find the image that an operation created whose request is not known; as ``find_image``.

    Of the images without a tag it is the one whose snapshots are of these disks alone.
    """
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    for image in images:
        if image.tag_map.get(OPERATION_TAG) == operation_id:
            return image

    def ours(image: Image) -> bool:
        if OPERATION_TAG in image.tag_map or not image.snapshot_set or not disk_ids:
            return False
        recent = _is_recent(image.created_time, created_after)
        return recent and _is_made_of(cloud, image, disk_ids)

    return next(filter(ours, images), None)


def find_copy(cloud: Cloud, operation_id: str, name: str, *, size_gib: int) -> Image | None:
    """Find the copy of an image that an operation asked for (DescribeImages).

    A copy has no tags at first, and its source disks are not known in its region; another image of
    its name and size that somebody else has just created cannot be distinguished from it.

    Args:
        cloud: the destination.
        operation_id: the operation that called SyncImages.
        name: the name it asked for, which no image of the region had before.
        size_gib: the size of the image, which a copy has too.

    Returns:
        The copy, or None if none is listed (yet).

    Raises:
        CvmimgError: the cloud could not be queried, so nothing is known.
    """
    for image in cvm.describe_images(cloud, image_type=cvm.PRIVATE, name=name):
        tagged_by = image.tag_map.get(OPERATION_TAG, operation_id)
        alike = (image.image_name, image.image_size) == (name, size_gib)
        if alike and tagged_by == operation_id:
            return image
    return None


def find_snapshots(
    cloud: Cloud,
    operation_id: str,
    disk_ids: Sequence[str],
    *,
    names: Mapping[str, str] | None = None,
    created_after: datetime | None = None,
) -> list[Snapshot]:
    """Find the snapshots that an operation made of these disks (DescribeSnapshots).

    Args:
        cloud: the region to search.
        operation_id: the operation that called CreateSnapshot.
        disk_ids: the disks; not empty.
        names: by disk id, the name that its snapshot was given; recognizes snapshots whose tag
            is late, together with ``created_after``.
        created_after: when the operation began, by this machine's clock.

    Raises:
        CvmimgError: the cloud did not answer, so nothing is known.
    """

    def ours(snapshot: Snapshot) -> bool:
        if OPERATION_TAG in snapshot.tag_map:
            return snapshot.tag_map[OPERATION_TAG] == operation_id
        if names is None or names.get(snapshot.disk_id) != snapshot.snapshot_name:
            return False
        return created_after is not None and _is_recent(snapshot.create_time, created_after)

    found = cbs.describe_snapshots(cloud, disk_id=list(disk_ids)) if disk_ids else []
    return [snapshot for snapshot in found if ours(snapshot)]


def _is_recent(created: datetime | None, created_after: datetime) -> bool:
    return created is not None and created >= created_after - CLOCK_SKEW


def _is_made_of(cloud: Cloud, image: Image, disk_ids: Sequence[str]) -> bool:
    """Return whether the image's snapshots are of these disks; True if that is not known."""
    snapshot_ids = [snapshot.snapshot_id for snapshot in image.snapshot_set]
    if not snapshot_ids or not disk_ids:
        return True
    snapshots = cbs.describe_snapshots_by_id(cloud, snapshot_ids)
    return {snapshot.disk_id for snapshot in snapshots if snapshot.disk_id} <= set(disk_ids)
