"""The plan of a deletion: what goes, what stays, what stops being charged, and what refuses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from cvmimg.checks.image_use import ImageUse, image_uses
from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, Snapshot
from cvmimg.errors import PreconditionFailed

_UNFINISHED = ("CREATING", "SYNCING", "IMPORTING")


@dataclass(frozen=True)
class DeleteRequest:
    """Images to delete, and how far to go.

    Attributes:
        keep_snapshots: delete the images alone; their snapshots go on being charged.
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
        use: what uses it, and whom it is shared with.
        snapshots: those deleted after it.
        kept_snapshots: those that stay, because another image uses them or because it was asked.
    """

    image: Image
    use: ImageUse
    snapshots: tuple[Snapshot, ...]
    kept_snapshots: tuple[Snapshot, ...]

    @property
    def freed_gib(self) -> int:
        """The disk sizes of the snapshots that go, in GiB."""
        return sum(snapshot.disk_size for snapshot in self.snapshots)

    def describe(self) -> str:
        """What goes, what stays and what is affected, in one line for people."""
        parts = [f"image {self.image.image_id} ({self.image.image_name})"]
        if self.snapshots:
            ids = ", ".join(snapshot.snapshot_id for snapshot in self.snapshots)
            parts.append(f"with {ids}: up to {self.freed_gib} GiB stop being charged")
        if self.kept_snapshots:
            ids = ", ".join(snapshot.snapshot_id for snapshot in self.kept_snapshots)
            parts.append(f"{ids} stay")
        if self.use.describe():
            parts.append(f"used by {self.use.describe()}")
        return "to be deleted: " + "; ".join(parts)


def plan_delete(
    cloud: Cloud, images: Sequence[Image], request: DeleteRequest
) -> list[ImageDeletion]:
    """Work out what deleting ``images`` means; nothing is deleted.

    Rests on DescribeSnapshots, DeleteImages with DryRun, and what ``image_uses`` asks.

    Raises:
        PreconditionFailed: an image is public or another account's, not ready, in use, or shared;
            the message names all reasons of all images.
        CvmimgError: the API refuses.
    """
    uses = image_uses(cloud, images)
    going = {image.image_id for image in images}
    plans = concurrently(
        [partial(_plan_one, cloud, image, uses[image.image_id], going, request) for image in images]
    )
    reasons = [reason for plan in plans for reason in _obstacles(plan, request)]
    if reasons:
        raise PreconditionFailed(
            "nothing was deleted: " + "; ".join(reasons), code="ImageInUse", hint=_hint(plans)
        )
    if not any(plan.use.accounts for plan in plans):
        cvm.dry_run_delete_images(cloud, [image.image_id for image in images])
    return plans


def _plan_one(
    cloud: Cloud, image: Image, use: ImageUse, going: set[str], request: DeleteRequest
) -> ImageDeletion:
    ids = [snapshot.snapshot_id for snapshot in image.snapshot_set if snapshot.snapshot_id]
    snapshots = cbs.describe_snapshots(cloud, snapshot_ids=ids) if ids else []
    kept = tuple(s for s in snapshots if request.keep_snapshots or _used_by_others(s, going))
    return ImageDeletion(
        image,
        use,
        snapshots=tuple(s for s in snapshots if s not in kept),
        kept_snapshots=kept,
    )


def _used_by_others(snapshot: Snapshot, going: set[str]) -> bool:
    return any(image.image_id not in going for image in snapshot.images)


def _obstacles(plan: ImageDeletion, request: DeleteRequest) -> list[str]:
    image, use = plan.image, plan.use
    name = f"{image.image_id} ({image.image_name})"
    if image.image_type != cvm.PRIVATE:
        return [f"{name} is no custom image of this account ({image.image_type})"]
    if image.image_state in _UNFINISHED:
        return [f"{name} is {image.image_state}"]
    reasons = []
    if use.in_use and not request.force:
        reasons.append(f"{name} is used by {use.describe()}")
    if use.accounts and not request.unshare:
        reasons.append(f"{name} is shared with {', '.join(use.accounts)}")
    if use.unknown and not request.force:
        reasons.append(f"whether {name} is in use is unknown ({'; '.join(use.unknown)})")
    return reasons


def _hint(plans: Sequence[ImageDeletion]) -> str:
    """The options that get past the obstacles, or what to wait for."""
    unfinished = [p.image.image_id for p in plans if p.image.image_state in _UNFINISHED]
    if unfinished:
        return f"wait for it: cvmimg wait {unfinished[0]}"
    options = []
    if any(plan.use.accounts for plan in plans):
        options.append("--unshare ends the sharing first")
    if any(plan.use.in_use or plan.use.unknown for plan in plans):
        options.append("--force deletes it all the same")
    return "; ".join(options)
