"""Verify a new image before it serves its family: ``create --verify``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import PROMOTED_TAG
from cvmimg.durable.operation import Execution
from cvmimg.durable.step_check import Outcome
from cvmimg.durable.steps import Step
from cvmimg.message import Message
from cvmimg.workflows.create.image import ImageCreation
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.delete.operation import DeletedImage, ImageRemoval
from cvmimg.workflows.moments import as_tag, now
from cvmimg.workflows.update import ImageChange
from cvmimg.workflows.verify.request import VerifyRequest
from cvmimg.workflows.verify.verification import (
    Verification,
    VerifyFailed,
    VerifyResult,
    reading_step,
    verified_tag,
)

_DELETION = "failed-image"


class ImageVerification:
    """The steps that verify the image of one operation and have it serve its family then.

    Args:
        execution: of the operation that creates the image.
        creation: the step that asks for the image.
        request: what the user asked for.
    """

    def __init__(
        self, execution: Execution, creation: ImageCreation, request: CreateRequest
    ) -> None:
        self._execution = execution
        self._log = execution.log
        self._creation = creation
        self._request = request
        probes = VerifyRequest(skip_probes=request.skip_probes)
        self._verification = Verification(execution, probes)

    @property
    def steps(self) -> list[Step]:
        """Verify the image, then change it; or delete it."""
        removal = self._removal
        return [
            *self._verification.steps,
            *self._changes,
            reading_step(_DELETION),
            *(removal.steps if removal else []),
        ]

    @property
    def result(self) -> VerifyResult | None:
        """What the probes found; None as long as that is not known."""
        return self._verification.result if self._verification.is_done else None

    @property
    def is_done(self) -> bool:
        """Whether the image has passed, and was changed accordingly."""
        passed = self._verification.is_done and self._verification.result.passed
        return passed and self._are_done(self._changes)

    @property
    def is_deleting(self) -> bool:
        """Whether the image is being deleted: its snapshots would be left and charged."""
        return self._removal is not None and not self.is_deleted

    @property
    def is_deleted(self) -> bool:
        """Whether the image failed and was deleted."""
        return self._removal is not None and self._are_done(self._removal.steps)

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
        progress = self._execution.session.progress
        with progress.stage("verified", subject=image.image_id) as stage:
            for step in self._changes:
                self._execution.runner.run(step, stage)
        return cvm.describe_image(self._execution.session.cloud, image.image_id)

    def finish_deletion(self) -> None:
        """Finish the deletion of an image that failed, if an earlier process started it.

        Raises:
            VerifyFailed: it has.
        """
        removal = self._removal
        if removal is not None:
            removal.run()
            raise VerifyFailed(self._verification.result)

    def _after_failure(self, image: Image, error: VerifyFailed) -> None:
        if self._request.delete_on_failure:
            step = reading_step(_DELETION, lambda: _deletion(image))
            self._execution.runner.run(step)
            if self._removal is not None:
                self._removal.run()
            error.notes.append(Message("FailedImageDeleted", image=image.image_id))
            return
        command = self._execution.session.command("delete", image.image_id)
        error.notes.append(Message("FailedImageKept", image=image.image_id, command=command))

    @property
    def _changes(self) -> list[Step]:
        """Let the image serve its family, and tag it."""
        request, tags = self._request, dict[str, str]()
        serves = bool(request.family and request.promote)
        if request.own_tags:
            tags = verified_tag(self._execution)
            if serves:
                tags[PROMOTED_TAG] = as_tag(now(self._execution.session.cloud))
        attributes = {"ImageFamily": request.family} if serves else {}
        return ImageChange(
            self._execution.session.cloud,
            self._creation.image_id,
            account=self._log.record.account.id,
            attributes=attributes,
            tags=tags,
            suffix=" verified",
        ).steps

    @property
    def failed_image(self) -> DeletedImage | None:
        """The image, if it failed and is to be deleted."""
        known = self._log.outcome(_DELETION)
        return _deleted_image(known) if known else None

    @property
    def _removal(self) -> ImageRemoval | None:
        image = self.failed_image
        return ImageRemoval(self._execution, image) if image is not None else None

    def _are_done(self, steps: list[Step]) -> bool:
        return all(self._log.status(step.name) == "done" for step in steps)


def _deletion(image: Image) -> Outcome:
    return {
        "id": image.image_id,
        "name": image.image_name,
        "snapshot_ids": [snapshot.snapshot_id for snapshot in image.snapshot_set],
        "gib": sum(snapshot.disk_size for snapshot in image.snapshot_set),
    }


def _deleted_image(known: Mapping[str, Any]) -> DeletedImage:
    return DeletedImage(known["id"], known["name"], tuple(known["snapshot_ids"]), (), known["gib"])
