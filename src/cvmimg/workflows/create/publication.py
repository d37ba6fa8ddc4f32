"""What ``create`` does with an image that is ready: copy it to other regions, and share it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from cvmimg.cloud.client import Cloud
from cvmimg.durable.operation import AfterFailure, Execution, ends_early
from cvmimg.durable.steps import Step
from cvmimg.errors import CvmimgError
from cvmimg.message import Message
from cvmimg.workflows.copy.operation import Copied, ImageCopies
from cvmimg.workflows.copy.plan import CopyOrder, require_destinations
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.several import failure_of
from cvmimg.workflows.share import ImageSharing, require_accounts


def require_publishable(
    cloud: Cloud, request: CreateRequest, *, besides: Collection[str] = ()
) -> None:
    """Refuse destinations and accounts that the new image could not go to.

    Args:
        cloud: the region of the image.
        request: what is wanted.
        besides: destinations that have a copy already.

    Raises:
        PreconditionFailed: the message names all of them, and why.
    """
    if regions := [one for one in request.copy_to if one not in besides]:
        require_destinations(cloud, request.name, regions)
    if request.share_with:
        require_accounts(cloud, request.name, request.share_with)


class Publication:
    """The steps that copy a new image and share it.

    Args:
        execution: of the operation that creates the image.
        request: what the user asked for.
        gib: the size of the image, in GiB.
        image_step: the step whose outcome has the image's id.
        copy_ids: copies that exist already, by region.
    """

    def __init__(
        self,
        execution: Execution,
        request: CreateRequest,
        gib: int,
        *,
        image_step: str,
        copy_ids: dict[str, str],
    ) -> None:
        self._execution = execution
        self._image_step = image_step
        self._accounts = request.share_with
        self._order = CopyOrder(
            image_id="",
            name=request.name,
            gib=gib,
            regions=request.copy_to,
            description=request.description,
            family=request.family if request.promote else "",
            tags=request.all_tags(execution.log.id),
            copy_ids=copy_ids,
        )
        self._errors: list[CvmimgError] = []
        self.copies: tuple[Copied, ...] = ()

    @property
    def steps(self) -> list[Step]:
        """Copy the image to all regions, then share it."""
        return [*self._image_copies.steps, *self._sharing.steps]

    @property
    def shared_with(self) -> tuple[str, ...]:
        """The accounts that the image is shared with."""
        done = [step for step in self._sharing.steps if self._is_done(step)]
        return self._accounts if done else ()

    @property
    def is_done(self) -> bool:
        """Whether all steps were carried out."""
        return all(map(self._is_done, self.steps))

    def run(self) -> None:
        """Do what is not done yet; what fails is kept in ``copies``.

        Raises:
            CvmimgError: a copy failed, and then nothing is shared; or sharing was refused.
        """
        if self._order.regions:
            self._copy()
        for step in self._sharing.steps:
            self._share(step)

    def notes(self) -> list[Message]:
        """Name the copies that were started, if there are any."""
        return self._image_copies.notes()

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        """Keep the image; stay open if what failed can still succeed."""
        resumable = any(map(ends_early, [error, *self._errors]))
        return AfterFailure.RESUME if resumable else AfterFailure.KEEP

    def _copy(self) -> None:
        copies = self._image_copies
        copies.run(wait=True)
        self.copies = tuple(copies.result())
        errors = {copy.region: copy.error for copy in self.copies if copy.error}
        self._errors = list(errors.values())
        failure = failure_of(errors, len(self.copies))
        if failure is not None:
            raise failure

    def _share(self, step: Step) -> None:
        runner = self._execution.runner
        try:
            runner.run(step)
        except CvmimgError as error:
            if not ends_early(error):
                runner.revert(step)
            raise

    def _is_done(self, step: Step) -> bool:
        return self._execution.log.status(step.name) == "done"

    @property
    def _image_id(self) -> str:
        return str(self._execution.log.outcome(self._image_step).get("image_id", ""))

    @property
    def _image_copies(self) -> ImageCopies:
        return ImageCopies(self._execution, replace(self._order, image_id=self._image_id))

    @property
    def _sharing(self) -> ImageSharing:
        return ImageSharing(self._execution, self._image_id, self._accounts)
