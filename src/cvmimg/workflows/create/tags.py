"""The tags of a new image: added afterwards if CreateImage refuses them, waited for if late."""

from __future__ import annotations

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Image
from cvmimg.durable.operation import Execution, Part
from cvmimg.durable.progress import Stage
from cvmimg.durable.steps import Step
from cvmimg.durable.visibility import find_when_visible
from cvmimg.errors import CloudRefused, CredentialsError
from cvmimg.message import Message
from cvmimg.workflows.create.image import ImageCreation
from cvmimg.workflows.update import change_steps


class ImageTags(Part):
    """The step that tags the image of one operation, where CreateImage has not.

    Calls DescribeImages and TagResources.

    Args:
        execution: of the operation that creates the image.
        creation: the step that asks for the image.
        tags: the tags that the image is to have.
    """

    def __init__(self, execution: Execution, creation: ImageCreation, tags: dict[str, str]) -> None:
        super().__init__(execution)
        self._creation = creation
        self._tags = tags
        self.are_settled = False

    @property
    def steps(self) -> list[Step]:
        """Add the tags; no step if there are none."""
        return change_steps(self.execution, self._creation.image_id, tags=self._tags)

    def run(self, image: Image) -> Image:
        """Wait until the tags show, or add them; return the image with its tags.

        Raises:
            CvmimgError: CreateImage refused the tags, and they cannot be added either.
        """
        if not self._carries(image):
            with self.session.progress.stage("tag", subject=image.image_id) as stage:
                image = self._complete(image, stage)
        self.are_settled = True
        return image

    def _complete(self, image: Image, stage: Stage) -> Image:
        was_tagged = self._creation.was_tagged
        if was_tagged and (found := self._when_visible(image)):
            return found
        try:
            for step in self.steps:
                self.runner.run(step, stage)
        except (CloudRefused, CredentialsError) as error:
            if not was_tagged:
                raise
            # CreateImage accepted the tags, so they are bound or will be.
            message = Message("TagsNotVisible", image=image.image_id, error=error.message)
            stage.notice(message)
            return image
        found = self._when_visible(image)
        if found is None:
            stage.notice(Message("TagsStillLate", image=image.image_id))
        return found or image

    def _when_visible(self, image: Image) -> Image | None:
        def find() -> Image | None:
            now = cvm.describe_image(self.cloud, image.image_id)
            return now if self._carries(now) else None

        return find_when_visible(self.session, self.deadline, find)

    def _carries(self, image: Image) -> bool:
        return self._tags.items() <= image.tag_map.items()
