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
from cvmimg.durable.operation import Execution
from cvmimg.durable.steps import Step
from cvmimg.errors import CvmimgError, Interrupted
from cvmimg.message import Message
from cvmimg.workflows.delete.operation import DeletedImage, ImageRemoval
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


class ReplacedImages:
    """The steps of an operation that delete what its image replaces."""

    def __init__(self, execution: Execution, plan: Replacement) -> None:
        self._execution = execution
        self._plan = plan
        self._removals = [(image, ImageRemoval(execution, image)) for image in plan.deletions]

    @property
    def steps(self) -> Sequence[Step]:
        """All steps of all images."""
        return [step for _, removal in self._removals for step in removal.steps]

    @property
    def deleted(self) -> tuple[DeletedImage, ...]:
        """The images that were deleted, with their snapshots."""
        log = self._execution.log
        return tuple(
            image
            for image, removal in self._removals
            if all(log.status(step.name) == "done" for step in removal.steps)
        )

    def finish_begun(self) -> None:
        """Finish the deletions in progress: they would leave snapshots behind.

        Raises:
            CvmimgError: a started deletion has to be continued.
        """
        self._execution.runner.resolve_pending(self.steps)
        for _, removal in self._removals:
            if self._is_begun(removal):
                removal.run()

    def run(self) -> None:
        """Delete what still is to be; a failure before anything was deleted is only reported.

        Raises:
            CvmimgError: a started deletion has to be continued.
        """
        try:
            self._run()
        except Interrupted:
            raise
        except CvmimgError as error:
            if self._has_begun:
                raise
            message = Message("ReplacedNotDeleted", error=error.message)
            self._execution.session.progress.notice(message)

    def _run(self) -> None:
        self._execution.runner.resolve_pending(self.steps)
        to_delete = self._still_decided()
        for image, removal in self._removals:
            if image in to_delete or self._is_begun(removal):
                removal.run()

    def _still_decided(self) -> list[DeletedImage]:
        """Return what the rules still delete, now that the new image is among the others."""
        cloud = self._execution.session.cloud
        images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
        now_decided = _deletions(cloud, images, self._plan.retention, self._plan.selection)
        kept = [one for one, _ in self._removals if one not in now_decided]
        changed = [one.id for one in kept if one not in self.deleted]
        if changed:
            self._execution.session.progress.notice(Message("NotPruned", ids=changed))
        return [one for one in self._plan.deletions if one in now_decided]

    @property
    def _has_begun(self) -> bool:
        return any(self._is_begun(removal) for _, removal in self._removals)

    def _is_begun(self, removal: ImageRemoval) -> bool:
        return any(self._execution.runner.is_in_force(step) for step in removal.steps)


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
