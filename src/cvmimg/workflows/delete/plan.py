"""Plan a deletion: what is deleted, what stays, what is no longer charged, what prevents it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from cvmimg.checks.image_use import ImageUse, image_uses
from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, Snapshot
from cvmimg.cloud.own_tags import KEEP_TAG
from cvmimg.cloud.states import IMAGE_IN_PROGRESS, SNAPSHOT_READY
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message


@dataclass(frozen=True)
class DeleteRequest:
    """Images to delete, and how far to go.

    Attributes:
        keep_snapshots: delete the images alone; their snapshots are still charged.
        unshare: end the images' sharing with other accounts first.
        force: delete images although instances, launch templates or scaling configurations name
            them; those then can no longer be started anew or reinstalled from them.
    """

    keep_snapshots: bool = False
    unshare: bool = False
    force: bool = False


@dataclass(frozen=True)
class ImageDeletion:
    """One image with all that its deletion touches.

    Attributes:
        image: what is deleted.
        use: what uses it, and the accounts it is shared with.
        snapshots: those deleted after it.
        kept_snapshots: those that stay: another image uses them, they are locked or pinned, or the
            user asked.
    """

    image: Image
    use: ImageUse
    snapshots: tuple[Snapshot, ...]
    kept_snapshots: tuple[Snapshot, ...]

    @property
    def freed_gib(self) -> int:
        """The disk sizes of the snapshots that go, in GiB."""
        return sum(snapshot.disk_size for snapshot in self.snapshots)


def plan_delete(
    cloud: Cloud,
    images: Sequence[Image],
    request: DeleteRequest,
    *,
    snapshots: Sequence[Snapshot] = (),
) -> list[ImageDeletion]:
    """Work out what deleting ``images`` means; nothing is deleted.

    Calls DescribeSnapshots, DeleteImages with DryRun, and what ``image_uses`` calls.

    Args:
        cloud: their region.
        images: the images to delete.
        request: how far to go.
        snapshots: snapshots to delete as well; those in the images go with them.

    Raises:
        PreconditionFailed: an image is public or another account's, not ready, in use, or shared,
            or another image uses a snapshot; the message names all reasons.
        CvmimgError: the API refuses.
    """
    uses = image_uses(cloud, images) if images else {}
    going = {image.image_id for image in images}
    asked = {snapshot.snapshot_id for snapshot in snapshots}
    plans = concurrently(
        [
            partial(
                plan_deletion,
                cloud,
                image,
                uses[image.image_id],
                going,
                asked=asked,
                keep_snapshots=request.keep_snapshots,
            )
            for image in images
        ]
    )
    reasons = [reason for plan in plans for reason in _obstacles(plan, request)]
    reasons += [reason for one in snapshots for reason in _snapshot_obstacles(one, going)]
    if reasons:
        code = "ImageInUse" if plans else "SnapshotInUse"
        raise PreconditionFailed(
            Message("NothingDeleted", reasons=reasons), code=code, hint=_hint(plans)
        )
    if images and not any(plan.use.accounts for plan in plans):
        cvm.dry_run(cloud, "DeleteImages", {"ImageIds": [image.image_id for image in images]})
    return plans


def plan_deletion(
    cloud: Cloud,
    image: Image,
    use: ImageUse,
    going: Collection[str],
    *,
    asked: Collection[str] = (),
    keep_snapshots: bool = False,
) -> ImageDeletion:
    """Work out which snapshots are deleted with an image (DescribeSnapshots).

    Args:
        cloud: the image's region.
        image: what is deleted.
        use: what uses it.
        going: ids of all images that are deleted; a snapshot that another image uses stays, as does
            one that is locked or pinned.
        asked: ids of snapshots that the user asked for.
        keep_snapshots: delete only those of the image's snapshots that the user asked for.
    """
    ids = [snapshot.snapshot_id for snapshot in image.snapshot_set if snapshot.snapshot_id]
    snapshots = cbs.describe_snapshots_by_id(cloud, ids)
    kept = tuple(
        snapshot
        for snapshot in snapshots
        if (keep_snapshots and snapshot.snapshot_id not in asked) or _stays(snapshot, going)
    )
    return ImageDeletion(
        image,
        use,
        snapshots=tuple(s for s in snapshots if s not in kept),
        kept_snapshots=kept,
    )


def _stays(snapshot: Snapshot, going: Collection[str]) -> bool:
    used_by_others = any(image.image_id not in going for image in snapshot.images)
    return used_by_others or snapshot.is_locked or KEEP_TAG in snapshot.tag_map


def _obstacles(plan: ImageDeletion, request: DeleteRequest) -> list[Message]:
    image, use = plan.image, plan.use
    told = {"image": image.image_id, "name": image.image_name}
    if image.image_type != cvm.PRIVATE:
        return [Message("delete.foreign", **told, type=image.image_type)]
    if image.image_state in IMAGE_IN_PROGRESS:
        return [Message("delete.in-progress", **told, state=image.image_state)]
    reasons = []
    if use.in_use and not request.force:
        reasons.append(Message("delete.in-use", **told, users=use.describe()))
    if use.accounts and not request.unshare:
        reasons.append(Message("delete.shared", **told, accounts=use.accounts))
    if use.unknown and not request.force:
        reasons.append(Message("delete.use-unknown", **told, reasons=use.unknown))
    return reasons


def _snapshot_obstacles(snapshot: Snapshot, going: Collection[str]) -> list[Message]:
    users = [image.image_id for image in snapshot.images if image.image_id not in going]
    if users:
        return [Message("delete.snapshot-in-use", snapshot=snapshot.snapshot_id, images=users)]
    if snapshot.is_locked:
        return [Message("delete.snapshot-locked", snapshot=snapshot.snapshot_id)]
    if snapshot.snapshot_state != SNAPSHOT_READY:
        state = snapshot.snapshot_state
        return [Message("delete.snapshot-busy", snapshot=snapshot.snapshot_id, state=state)]
    return []


def _hint(plans: Sequence[ImageDeletion]) -> Message | None:
    """Return the options that overcome the obstacles."""
    ways = []
    if any(plan.image.image_state in IMAGE_IN_PROGRESS for plan in plans):
        ways.append(Message("delete.wait"))
    if any(plan.use.accounts for plan in plans):
        ways.append(Message("delete.unshare"))
    if any(plan.use.in_use or plan.use.unknown for plan in plans):
        ways.append(Message("delete.force"))
    return Message("delete.ways", ways=ways) if ways else None
