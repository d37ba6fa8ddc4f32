"""Verify a new image before it serves its family: ``create --verify``."""

from __future__ import annotations

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import PROMOTED_TAG
from cvmimg.durable.operation import Execution, Part
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.message import Message
from cvmimg.workflows.create.image import ImageCreation
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.delete.operation import DeletedImage, delete_image, deletion_steps
from cvmimg.workflows.moments import as_tag, now
from cvmimg.workflows.update import change_steps
from cvmimg.workflows.verify.request import VerifyRequest
from cvmimg.workflows.verify.verification import (
    Verification,
    VerifyFailed,
    VerifyResult,
    reading_step,
    verified_tag,
)

_DELETION = "failed-image"


class ImageVerification(Part):
    """The steps that verify the image of one operation and have it serve its family then.

    Args:
        execution: of the operation that creates the image.
        creation: the step that asks for the image.
        request: what the user asked for.
    """

    def __init__(
        self, execution: Execution, creation: ImageCreation, request: CreateRequest
    ) -> None:
        super().__init__(execution)
        self._creation = creation
        self._request = request
        probes = VerifyRequest(skip_probes=request.skip_probes)
        self._verification = Verification(execution, probes)

    @property
    def steps(self) -> list[Step]:
        """Verify the image, then change it; or delete it."""
        return [
            *self._verification.steps,
            *self._changes,
            reading_step(_DELETION),
            *self._deletion_steps,
        ]

    @property
    def result(self) -> VerifyResult | None:
        """What the probes found; None as long as that is not known."""
        return self._verification.result if self._verification.is_done else None

    @property
    def is_done(self) -> bool:
        """Whether the image has passed, and was changed accordingly."""
        passed = self._verification.is_done and self._verification.result.passed
        return passed and self.runner.are_done(self._changes)

    @property
    def is_deleting(self) -> bool:
        """Whether the image is being deleted: its snapshots would be left and charged."""
        return not self.runner.are_done(self._deletion_steps)

    @property
    def is_deleted(self) -> bool:
        """Whether the image failed and was deleted."""
        return self.failed_image is not None and not self.is_deleting

    def run(self, image: Image) -> Image:
        """Verify the image and have it serve its family; return it as it is then.

        Raises:
            VerifyFailed: it did not pass; it is kept, unless it was to be deleted.
            CvmimgError: as of ``Verification.run``, or the image could not be changed.
        """
        if self.is_done:
            return image
        try:
            self._verification.run(image)
        except VerifyFailed as error:
            self._after_failure(image, error)
            raise
        if not self._changes:
            return image
        self.runner.run_all(self._changes, StageTitle("verified", image.image_id))
        return cvm.describe_image(self.cloud, image.image_id)

    def finish_deletion(self) -> None:
        """Finish the deletion of an image that failed, if an earlier process started it.

        Raises:
            VerifyFailed: it has.
        """
        if self.failed_image is not None:
            delete_image(self.execution, self.failed_image)
            raise VerifyFailed(self._verification.result)

    def _after_failure(self, image: Image, error: VerifyFailed) -> None:
        if self._request.delete_on_failure:
            deletion = {
                "id": image.image_id,
                "name": image.image_name,
                "snapshot_ids": [snapshot.snapshot_id for snapshot in image.snapshot_set],
                "gib": sum(snapshot.disk_size for snapshot in image.snapshot_set),
            }
            self.runner.run(reading_step(_DELETION, lambda: deletion))
            if self.failed_image is not None:
                delete_image(self.execution, self.failed_image)
            error.notes.append(Message("FailedImageDeleted", image=image.image_id))
            return
        command = self.session.command("delete", image.image_id)
        error.notes.append(Message("FailedImageKept", image=image.image_id, command=command))

    @property
    def _changes(self) -> list[Step]:
        """Let the image serve its family, and tag it."""
        request, tags = self._request, dict[str, str]()
        serves = bool(request.family and request.promote)
        if request.own_tags:
            tags = verified_tag(self.execution)
            if serves:
                tags[PROMOTED_TAG] = as_tag(now(self.cloud))
        attributes = {"ImageFamily": request.family} if serves else {}
        return change_steps(
            self.execution,
            self._creation.image_id,
            attributes=attributes,
            tags=tags,
            suffix=" verified",
        )

    @property
    def failed_image(self) -> DeletedImage | None:
        """The image, if it failed and is to be deleted."""
        known = self.log.outcome(_DELETION)
        if not known:
            return None
        ids = tuple(known["snapshot_ids"])
        return DeletedImage(known["id"], known["name"], ids, (), known["gib"])

    @property
    def _deletion_steps(self) -> list[Step]:
        return deletion_steps(self.execution, self.failed_image) if self.failed_image else []
