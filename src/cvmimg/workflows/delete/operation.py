"""Delete images with their snapshots: each call is recorded, so nothing is left half deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.models import Snapshot
from cvmimg.cloud.waiter import Observation, Phase, Task
from cvmimg.durable.operation import AfterFailure, Execution, Operation, run_operation
from cvmimg.durable.progress import Stage
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import Outcome, StepCheck, happened
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.durable.visibility import find_when_visible
from cvmimg.errors import CvmimgError, NotFound
from cvmimg.message import Message
from cvmimg.workflows.delete.plan import ImageDeletion
from cvmimg.workflows.delete.snapshots import deletable, removal_steps
from cvmimg.workflows.share import unsharing_steps
from cvmimg.workflows.wait import waiter


@dataclass(frozen=True)
class DeletedImage:
    """An image with what is deleted and what is kept.

    Attributes:
        id: the image.
        name: its name.
        snapshot_ids: the snapshots deleted with it.
        kept_snapshot_ids: those kept; see ``ImageDeletion``.
        freed_gib: the disk sizes of the deleted snapshots, in GiB.
        shared_with: the accounts whose sharing is canceled first.
    """

    id: str
    name: str
    snapshot_ids: tuple[str, ...]
    kept_snapshot_ids: tuple[str, ...]
    freed_gib: int
    shared_with: tuple[str, ...] = ()

    @classmethod
    def from_plan(cls, plan: ImageDeletion) -> DeletedImage:
        """Return what a plan deletes."""
        return cls(
            id=plan.image.image_id,
            name=plan.image.image_name,
            snapshot_ids=tuple(snapshot.snapshot_id for snapshot in plan.snapshots),
            kept_snapshot_ids=tuple(snapshot.snapshot_id for snapshot in plan.kept_snapshots),
            freed_gib=plan.freed_gib,
            shared_with=tuple(plan.use.accounts),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the JSON object of ``cvmimg delete``."""
        fields = asdict(self)
        del fields["shared_with"]
        return fields | {
            "snapshot_ids": list(self.snapshot_ids),
            "kept_snapshot_ids": list(self.kept_snapshot_ids),
        }


@dataclass(frozen=True)
class DeletedSnapshot:
    """A snapshot that is deleted by itself; ``gib`` is the size of its disk."""

    id: str
    name: str
    gib: int

    @classmethod
    def of(cls, snapshot: Snapshot) -> DeletedSnapshot:
        """Return a snapshot as stored in the journal."""
        return cls(snapshot.snapshot_id, snapshot.snapshot_name, snapshot.disk_size)

    def as_json(self) -> dict[str, Any]:
        """Return the JSON object of ``cvmimg delete``: as of an image."""
        return {
            "id": self.id,
            "name": self.name,
            "snapshot_ids": [self.id],
            "kept_snapshot_ids": [],
            "freed_gib": self.gib,
        }


@dataclass(frozen=True)
class DeletionOrder:
    """What a deletion deletes, as stored in the journal.

    Attributes:
        images: deleted with their snapshots, first.
        snapshots: deleted by themselves, after the images.
    """

    images: tuple[DeletedImage, ...]
    snapshots: tuple[DeletedSnapshot, ...] = ()

    @property
    def everything(self) -> list[DeletedImage | DeletedSnapshot]:
        """The images, then the snapshots."""
        return [*self.images, *self.snapshots]

    @classmethod
    def from_plans(
        cls, plans: Sequence[ImageDeletion], snapshots: Sequence[Snapshot] = ()
    ) -> DeletionOrder:
        """Return the order; a snapshot that goes with an image is not deleted by itself."""
        images = tuple(DeletedImage.from_plan(plan) for plan in plans)
        going = {snapshot_id for image in images for snapshot_id in image.snapshot_ids}
        alone = [snapshot for snapshot in snapshots if snapshot.snapshot_id not in going]
        return cls(images, tuple(map(DeletedSnapshot.of, alone)))


def delete_images(
    session: Session,
    plans: Sequence[ImageDeletion],
    *,
    snapshots: Sequence[Snapshot] = (),
    timeout_seconds: float,
) -> DeletionOrder:
    """Delete the images of ``plans`` with their snapshots, and wait until all are gone.

    Calls ModifyImageSharePermission, DeleteImages, DescribeImages, DeleteSnapshots and
    DescribeSnapshots.

    Args:
        session: the cloud and the progress.
        plans: as ``plan_delete`` made them and the user confirmed them.
        snapshots: snapshots to delete after the images.
        timeout_seconds: how long to wait in all.

    Returns:
        What was deleted.

    Raises:
        WaitTimeout: the deletion continues; the error names the command that finishes it.
        Interrupted: the same, after a request to stop.
        CvmimgError: the API refused.
    """
    order = DeletionOrder.from_plans(plans, snapshots)
    return run_operation(session, DeleteOperation, order, timeout_seconds)


class DeleteOperation(Operation[DeletionOrder, DeletionOrder]):
    """The deletion of images and snapshots."""

    kind = "delete"
    request_type = DeletionOrder

    @property
    def steps(self) -> Sequence[Step]:
        """All steps of all images, then of the snapshots."""
        images = self.request.images
        of_images = [step for image in images for step in deletion_steps(self.execution, image)]
        return [*of_images, *self._snapshot_steps]

    def finish(self) -> DeletionOrder:
        """Delete what is not deleted yet."""
        for image in self.request.images:
            delete_image(self.execution, image)
        title = StageTitle("delete-snapshots", self.log.id, {"count": len(self.request.snapshots)})
        self.runner.run_all(self._snapshot_steps, title)
        return self.request

    def closing_result(self) -> dict[str, Any]:
        """Return what was deleted."""
        return {"images": [one.as_json() for one in self.request.everything]}

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        """Keep a started deletion open: its snapshots would be left and charged."""
        begun = any(self.log.status(step.name) == "done" for step in self.steps)
        return AfterFailure.RESUME if begun else super().after_failure(error)

    def remains(self) -> list[Message]:
        """Return what was deleted before the deletion was rolled back."""
        return deletion_notes(self.execution, self.request.images)

    @property
    def _snapshot_steps(self) -> list[Step]:
        ids = [snapshot.id for snapshot in self.request.snapshots]
        return removal_steps(self.execution, ids, step="snapshots")


def deletion_notes(execution: Execution, images: Iterable[DeletedImage]) -> list[Message]:
    """Return which of the images were deleted, and which of their snapshots are left.

    Calls DescribeSnapshots.

    Args:
        execution: of an operation that deletes images and was rolled back.
        images: what it deletes in the region of its session.
    """
    session, log = execution.session, execution.log
    deleted = [image for image in images if log.status(f"image {image.id}") == "done"]
    if not deleted:
        return []
    image_ids = [image.id for image in deleted]
    notes = [Message("AlreadyDeleted", images=image_ids)]
    ids = [snapshot_id for image in deleted for snapshot_id in image.snapshot_ids]
    try:
        left = deletable(session.cloud, ids, deleted_images=image_ids)
    except CvmimgError:
        left = ids
    if left:
        command = session.command("delete", *left, "--region", session.cloud.region)
        notes.append(Message("SnapshotsLeft", snapshots=left, count=len(left), command=command))
    return notes


def delete_image(execution: Execution, image: DeletedImage) -> None:
    """Carry out the steps that delete an image, as one stage.

    Raises:
        CvmimgError: a step failed, or did not end in time.
    """
    title = StageTitle("delete", image.id, {"image": image.name})
    execution.runner.run_all(deletion_steps(execution, image), title)


def deletion_steps(execution: Execution, image: DeletedImage) -> list[Step]:
    """Return the steps that cancel an image's sharing, delete it, and delete its snapshots."""
    cloud = execution.session.cloud

    def delete() -> None:
        with suppress(NotFound):
            cvm.delete_images(cloud, [image.id])

    def is_listed() -> bool:
        return bool(cvm.describe_images_by_id(cloud, [image.id]))

    def check() -> StepCheck:
        """Look for a while: an image that is being deleted is still listed as it was."""
        gone = find_when_visible(
            execution.session,
            execution.deadline,
            lambda: None if is_listed() else image.id,
        )
        return happened(gone is not None)

    def observe(_: Sequence[str]) -> dict[str, Observation[None]]:
        """See whether the image is listed, or a snapshot is still bound to it."""
        bound = is_listed() or any(
            user.image_id == image.id
            for snapshot in cbs.describe_snapshots_by_id(cloud, image.snapshot_ids)
            for user in snapshot.images
        )
        phase = Phase.MOVING if bound else Phase.DONE
        return {image.id: Observation(phase, "DELETING" if bound else "gone", None)}

    def settle(_: Outcome, stage: Stage) -> None:
        task = Task("image", (image.id,), observe)
        waiter(execution.session, stage, execution.deadline.left).one(task)

    return [
        *unsharing_steps(execution, image.id, image.shared_with, step=f"unshare {image.id}"),
        Step(f"image {image.id}", delete, check, settle=settle, single_call=True),
        *removal_steps(execution, image.snapshot_ids, step=f"snapshots {image.id}"),
    ]
