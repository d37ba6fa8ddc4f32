"""Delete images with their snapshots: each call is recorded, so nothing is left half deleted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.models import Snapshot
from cvmimg.cloud.waiter import Observation, Phase, Task
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.operation import AfterFailure, Execution, Operation, prepare
from cvmimg.durable.progress import Stage
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck
from cvmimg.durable.steps import Step
from cvmimg.errors import CvmimgError, NotFound
from cvmimg.message import Message
from cvmimg.workflows.delete.plan import ImageDeletion
from cvmimg.workflows.delete.snapshots import SnapshotRemoval
from cvmimg.workflows.share import SharingRemoval
from cvmimg.workflows.wait import waiter


@dataclass(frozen=True)
class DeletedImage:
    """An image with what is deleted and what is kept.

    Attributes:
        id: the image.
        name: its name.
        snapshot_ids: the snapshots deleted with it.
        kept_snapshot_ids: those kept, because another image uses them or the user asked.
        freed_gib: the disk sizes of the deleted snapshots, in GiB.
        shared_with: the accounts whose sharing is cancelled first.
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
class DeletionOrder:
    """What a deletion deletes, as the journal holds it."""

    images: tuple[DeletedImage, ...]


def delete_images(
    session: Session, plans: Sequence[ImageDeletion], *, timeout_seconds: float
) -> list[DeletedImage]:
    """Delete the images of ``plans``, then their snapshots, and wait until all are gone.

    Rests on ModifyImageSharePermission, DeleteImages, DescribeImages, DeleteSnapshots and
    DescribeSnapshots.

    Args:
        session: the cloud and the progress.
        plans: as ``plan_delete`` made them and the user confirmed them.
        timeout_seconds: how long to wait in all.

    Raises:
        WaitTimeout: the deletion continues; the error names the command that finishes it.
        Interrupted: likewise.
        CvmimgError: the API refused.
    """
    order = DeletionOrder(tuple(DeletedImage.from_plan(plan) for plan in plans))
    deadline = Deadline(session.clock, timeout_seconds)
    with prepare(session) as preparation:
        return preparation.run(DeleteOperation, order, deadline)


class DeleteOperation(Operation[DeletionOrder, list[DeletedImage]]):
    """The deletion of images."""

    kind = "delete"
    request_type = DeletionOrder

    def __init__(self, execution: Execution, request: DeletionOrder) -> None:
        super().__init__(execution, request)
        self._removals = [ImageRemoval(execution, image) for image in request.images]

    @property
    def steps(self) -> Sequence[Step]:
        """All steps of all images."""
        return [step for removal in self._removals for step in removal.steps]

    def finish(self) -> list[DeletedImage]:
        """Delete what is not deleted yet."""
        for removal in self._removals:
            removal.run()
        return list(self.request.images)

    def closing_result(self) -> dict[str, Any]:
        """Return the images that were deleted."""
        return {"images": [image.as_json() for image in self.request.images]}

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        """Keep a deletion open that has begun: its snapshots would be left and charged."""
        begun = any(self.log.status(step.name) == "done" for step in self.steps)
        return AfterFailure.RESUME if begun else super().after_failure(error)

    def remains(self) -> list[Message]:
        """Return what was deleted before the deletion was rolled back."""
        done = [step.name for step in self.steps if self.log.status(step.name) == "done"]
        deleted = [name.partition(" ")[2] for name in done if name.startswith("image ")]
        return [Message("AlreadyDeleted", images=deleted)] if deleted else []


class ImageRemoval:
    """The steps that delete one image; used by every operation that deletes images."""

    def __init__(self, execution: Execution, image: DeletedImage) -> None:
        self._execution = execution
        self._cloud = execution.session.cloud
        self._image = image
        self._sharing = SharingRemoval(
            execution, image.id, image.shared_with, step=f"unshare {image.id}"
        )
        self._snapshots = SnapshotRemoval(
            execution, image.snapshot_ids, step=f"snapshots {image.id}"
        )

    @property
    def steps(self) -> list[Step]:
        """Cancel the sharing, delete the image, delete its snapshots."""
        name = f"image {self._image.id}"
        delete = Step(name, self._delete, self._check_image, settle=self._wait_until_gone)
        return [*self._sharing.steps, delete, *self._snapshots.steps]

    def run(self) -> None:
        """Carry the steps out, as one stage.

        Raises:
            CvmimgError: a step failed, or did not end in time.
        """
        session = self._execution.session
        title = {"subject": self._image.id, "image": self._image.name}
        with session.progress.stage("delete", **title) as stage:
            for step in self.steps:
                self._execution.runner.run(step, stage)

    def _delete(self) -> Outcome:
        with suppress(NotFound):
            cvm.delete_images(self._cloud, [self._image.id])
        return {}

    def _check_image(self) -> StepCheck:
        listed = cvm.describe_images_by_id(self._cloud, [self._image.id])
        return DidNotHappen() if listed else Happened()

    def _wait_until_gone(self, _: Outcome, stage: Stage) -> None:
        task = Task("image", (self._image.id,), self._observe)
        waiter(self._execution.session, stage, self._execution.deadline.left).one(task)

    def _observe(self, ids: Sequence[str]) -> dict[str, Observation[None]]:
        """See whether the image is listed, or a snapshot is still bound to it."""
        (image_id,) = ids
        listed = cvm.describe_images_by_id(self._cloud, [image_id])
        bound = bool(listed) or any(
            image.image_id == image_id
            for snapshot in self._left_snapshots()
            for image in snapshot.images
        )
        phase = Phase.MOVING if bound else Phase.DONE
        return {image_id: Observation(phase, "DELETING" if bound else "gone", None)}

    def _left_snapshots(self) -> list[Snapshot]:
        if not self._image.snapshot_ids:
            return []
        return cbs.describe_snapshots_by_id(self._cloud, self._image.snapshot_ids)
