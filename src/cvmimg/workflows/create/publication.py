"""What ``create`` does with an image that is ready: copy it to other regions, and share it."""

from __future__ import annotations

from dataclasses import replace

from cvmimg.durable.operation import AfterFailure, Execution, Part, ends_early
from cvmimg.durable.steps import Step
from cvmimg.errors import CvmimgError
from cvmimg.message import Message
from cvmimg.workflows.copy.operation import Copied, ImageCopies
from cvmimg.workflows.copy.plan import CopyOrder
from cvmimg.workflows.create.image import ImageCreation
from cvmimg.workflows.create.plan import CreatePlan
from cvmimg.workflows.several import failure_of
from cvmimg.workflows.share import sharing_steps


class Publication(Part):
    """The steps that copy a new image and share it.

    Args:
        execution: of the operation that creates the image.
        plan: how the image is created.
        creation: the step that requests the image.
    """

    def __init__(self, execution: Execution, plan: CreatePlan, creation: ImageCreation) -> None:
        super().__init__(execution)
        request = plan.request
        self._creation = creation
        self._accounts = request.share_with
        self._order = CopyOrder(
            image_id="",
            name=request.name,
            gib=plan.gib,
            regions=request.copy_to,
            description=request.description,
            family=request.family if request.promote else "",
            tags=request.all_tags(execution.log.id),
            copy_ids=plan.copy_ids,
        )
        self._errors: list[CvmimgError] = []
        self.copies: tuple[Copied, ...] = ()

    @property
    def steps(self) -> list[Step]:
        """Copy the image to all regions, then share it."""
        return [*self._image_copies.steps, *self._sharing]

    @property
    def shared_with(self) -> tuple[str, ...]:
        """The accounts that the image is shared with."""
        return self._accounts if self.runner.are_done(self._sharing) else ()

    @property
    def is_done(self) -> bool:
        """Whether all steps were carried out."""
        return self.runner.are_done(self.steps)

    def run(self) -> None:
        """Do what is not done yet; what fails is kept in ``copies``.

        Raises:
            CvmimgError: a copy failed, and then nothing is shared; or sharing was refused.
        """
        if self._order.regions:
            self._copy()
        for step in self._sharing:
            self._share(step)

    def notes(self) -> list[Message]:
        """Name the copies that were started, if there are any."""
        return self._image_copies.notes()

    def after_failure(self, error: CvmimgError, *, is_done: bool) -> AfterFailure:
        """Keep the image; stay open if what failed can still succeed.

        Args:
            error: what has failed.
            is_done: it was something else, which can.
        """
        if is_done or any(map(ends_early, [error, *self._errors])):
            return AfterFailure.RESUME
        error.notes.append(Message("ImageIsReady", image=self._creation.image_id))
        return AfterFailure.KEEP

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
        try:
            self.runner.run(step)
        except CvmimgError as error:
            if not ends_early(error):
                self.runner.revert(step)
            raise

    @property
    def _image_copies(self) -> ImageCopies:
        order = replace(self._order, image_id=self._creation.image_id)
        return ImageCopies(self.execution, order)

    @property
    def _sharing(self) -> list[Step]:
        return sharing_steps(self.execution, self._creation.image_id, self._accounts)
