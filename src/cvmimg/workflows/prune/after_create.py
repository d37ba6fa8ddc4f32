"""Prune the images that a new one replaces: ``create --keep``.

What may be deleted is decided and shown before the image is created, and decided again, with the
new image among the others, before it is deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import SOURCE_TAG
from cvmimg.cloud.states import IMAGE_READY
from cvmimg.durable.operation import Execution, Part
from cvmimg.durable.steps import Step
from cvmimg.errors import CvmimgError, Interrupted
from cvmimg.message import Message
from cvmimg.workflows.delete.operation import DeletedImage, delete_image, deletion_steps
from cvmimg.workflows.moments import as_tag, now
from cvmimg.workflows.prune.facts import Selection, image_facts
from cvmimg.workflows.prune.plan import decide_images
from cvmimg.workflows.prune.rules import Retention


@dataclass(frozen=True)
class Replacement:
    """What a new image replaces, as stored in the journal.

    Attributes:
        retention: how many images to keep.
        selection: the images that are counted with the new one: those of its family, or without
            a family those of its source instance.
        deletions: what may be deleted once the image is ready.
    """

    retention: Retention
    selection: Selection
    deletions: tuple[DeletedImage, ...]

    @property
    def freed_gib(self) -> int:
        """The disk sizes of the snapshots that go, in GiB."""
        return sum(image.freed_gib for image in self.deletions)


def plan_replaced(
    cloud: Cloud, *, family: str, instance_id: str, keep: int, besides: Collection[str] = ()
) -> Replacement:
    """Decide what is deleted once a new image is ready; nothing is changed.

    Calls DescribeImages and what ``decide_images`` calls.

    Args:
        cloud: the region of the new image.
        family: the family of the new image; empty for none.
        instance_id: its source, which counts if it has no family.
        keep: how many images to keep, the new one included.
        besides: ids of images that do not count: one that is deleted anyway, or the new one.

    Raises:
        CvmimgError: the cloud could not be queried.
    """
    retention = Retention(keep=keep)
    selection = Selection(families=(family,)) if family else Selection(source=instance_id)
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    others = [image for image in images if image.image_id not in besides]
    expected = _expected_image(cloud, family, instance_id)
    return Replacement(
        retention, selection, _deletions(cloud, [*others, expected], retention, selection)
    )


class ReplacedImages(Part):
    """The steps of an operation that delete what its image replaces."""

    def __init__(self, execution: Execution, plan: Replacement) -> None:
        super().__init__(execution)
        self._plan = plan

    @property
    def steps(self) -> Sequence[Step]:
        """All steps of all images."""
        return [step for image in self._plan.deletions for step in self._steps_of(image)]

    @property
    def deleted(self) -> tuple[DeletedImage, ...]:
        """The images that were deleted, with their snapshots."""
        are_done = self.runner.are_done
        return tuple(one for one in self._plan.deletions if are_done(self._steps_of(one)))

    def finish_begun(self) -> None:
        """Finish the deletions in progress: they would leave snapshots behind.

        Raises:
            CvmimgError: a started deletion has to be continued.
        """
        self.runner.resolve_pending(self.steps)
        self._delete(())

    def run(self) -> None:
        """Delete what still is to be; a failure before anything was deleted is only reported.

        Raises:
            CvmimgError: a started deletion has to be continued.
        """
        try:
            self.runner.resolve_pending(self.steps)
            self._delete(self._still_decided())
        except Interrupted:
            raise
        except CvmimgError as error:
            if self.runner.are_begun(self.steps):
                raise
            message = Message("ReplacedNotDeleted", error=error.message)
            self.session.progress.notice(message)

    def _delete(self, images: Collection[DeletedImage]) -> None:
        """Delete these images, and those whose deletion was started."""
        for image in self._plan.deletions:
            if image in images or self.runner.are_begun(self._steps_of(image)):
                delete_image(self.execution, image)

    def _still_decided(self) -> list[DeletedImage]:
        """Return what the rules still delete, now that the new image is among the others."""
        cloud = self.cloud
        images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
        now_decided = _deletions(cloud, images, self._plan.retention, self._plan.selection)
        kept = [one for one in self._plan.deletions if one not in now_decided]
        changed = [one.id for one in kept if one not in self.deleted]
        if changed:
            self.session.progress.notice(Message("NotPruned", ids=changed))
        return [one for one in self._plan.deletions if one in now_decided]

    def _steps_of(self, image: DeletedImage) -> list[Step]:
        return deletion_steps(self.execution, image)


def _deletions(
    cloud: Cloud, images: Sequence[Image], retention: Retention, selection: Selection
) -> tuple[DeletedImage, ...]:
    facts = image_facts(images, selection, now(cloud))
    planned = decide_images(cloud, facts, retention)
    return tuple(DeletedImage.from_plan(one.deletion) for one in planned if one.deletion)


def _expected_image(cloud: Cloud, family: str, instance_id: str) -> Image:
    """Return the new image as it will be listed: the newest of all."""
    return Image(
        {
            "ImageId": "",
            "ImageFamily": family,
            "ImageState": IMAGE_READY,
            "CreatedTime": as_tag(now(cloud)),
            "Tags": [{"Key": SOURCE_TAG, "Value": instance_id}],
        }
    )
