"""Copy an image to other regions: exactly one copy in each, even if responses are lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.find_ours import find_copy
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import COPIED_FROM_TAG, OPERATION_TAG
from cvmimg.cloud.progress import Progress
from cvmimg.cloud.waiter import Observation, Phase, Task
from cvmimg.durable.operation import (
    AfterFailure,
    Execution,
    Operation,
    Part,
    ends_early,
    run_operation,
)
from cvmimg.durable.progress import ProgressReporter, Stage
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck
from cvmimg.durable.steps import Step
from cvmimg.durable.visibility import find_when_visible
from cvmimg.errors import CloudRefused, CvmimgError, TaskFailed
from cvmimg.message import Message
from cvmimg.workflows.copy.plan import CopyOrder
from cvmimg.workflows.several import failure_of
from cvmimg.workflows.update import change_steps
from cvmimg.workflows.wait import IMAGE_GONE, durations, observe_images, waiter

_ALL_COPIES = "copies"
_CAUSED_BY_ITSELF = ("InvalidImageName.Duplicate", "ImageQuotaLimitExceeded")


@dataclass(frozen=True)
class Copied:
    """The result of the copy to one region.

    Attributes:
        region: the destination.
        image: the copy as it is now; None if none is known.
        error: why the copy is not ready; None if it is, or nobody waited for it.
    """

    region: str
    image: Image | None = None
    error: CvmimgError | None = None


def copy_image(session: Session, order: CopyOrder, *, timeout_seconds: float) -> list[Copied]:
    """Copy an image to all regions of ``order``, side by side.

    Calls SyncImages, DescribeImages, TagResources and ModifyImageAttribute.

    Raises:
        CvmimgError: not every copy is ready; of the worst kind that was met. Its ``result`` says
            the result of each.
    """
    return run_operation(session, CopyOperation, order, timeout_seconds)


class CopyOperation(Operation[CopyOrder, list[Copied]]):
    """The copies of one image."""

    kind = "copy"
    request_type = CopyOrder

    def __init__(self, execution: Execution, request: CopyOrder) -> None:
        super().__init__(execution, request)
        self._copies = ImageCopies(execution, request)

    @property
    def steps(self) -> Sequence[Step]:
        """All steps of all copies."""
        return self._copies.steps

    @property
    def is_left_open(self) -> bool:
        """Whether copies that are not waited for still need their description, family and tags."""
        return not self._waits and self._copies.are_to_be_described

    def finish(self) -> list[Copied]:
        """Start the missing copies, and wait until all can be used."""
        self._copies.run(wait=self._waits)
        result = self._copies.result()
        failure = failure_of({one.region: one.error for one in result if one.error}, len(result))
        if failure is not None:
            failure.result = result
            failure.notes += self._copies.notes()
            raise failure
        if self.is_left_open:
            command = self.execution.resume_command
            self.session.progress.notice(Message("CopiesFinishLater", command=command))
        return result

    def closing_result(self) -> dict[str, Any]:
        """Return the ids of the copies by region."""
        return {"image_ids": self._copies.image_ids}

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        """Keep the copies that were started; stay open while one can still become ready."""
        if not self._copies.image_ids:
            return AfterFailure.REVERT
        resumable = any(map(ends_early, [error, *self._copies.errors.values()]))
        return AfterFailure.RESUME if resumable else AfterFailure.KEEP

    def remains(self) -> list[Message]:
        """Return the copies that were started and are kept."""
        return self._copies.notes()

    @property
    def _waits(self) -> bool:
        return self.request.wait or self.execution.resumed


class ImageCopies(Part):
    """The steps that copy one image to several regions; for every operation that copies.

    One call asks for all copies. Each is asked for by itself where that is refused, so that one
    region does not stop the others, and where a lost call made some of them only.

    Attributes:
        errors: why a copy is not ready, by region.
    """

    def __init__(self, execution: Execution, order: CopyOrder) -> None:
        super().__init__(execution)
        self._copies = {region: _Copy(execution, order, region) for region in order.regions}
        self._all_copies = Step(
            _ALL_COPIES,
            self._ask_for_all,
            self._check_all,
            single_call=True,
            conflicts=_CAUSED_BY_ITSELF,
        )
        self._order = order
        self._stages = _Stages(execution.session.progress, order)
        self.errors: dict[str, CvmimgError] = {}

    @property
    def steps(self) -> list[Step]:
        """The step of all regions, then those of each."""
        together = [self._all_copies] if self._are_together else []
        return [*together, *(step for copy in self._copies.values() for step in copy.steps)]

    @property
    def image_ids(self) -> dict[str, str]:
        """The ids of the copies that are known, by region."""
        return {region: copy.image_id for region, copy in self._copies.items() if copy.image_id}

    def notes(self) -> list[Message]:
        """Return a note that names the started copies, if there are any."""
        copies = [f"{image_id} ({region})" for region, image_id in self.image_ids.items()]
        return [Message("CopiesStarted", copies=copies)] if copies else []

    @property
    def are_to_be_described(self) -> bool:
        """Whether a copy is still to be described, once it is ready."""
        return any(copy.is_to_be_described for copy in self._copies.values())

    def run(self, *, wait: bool) -> None:
        """Carry the steps out, as one stage for each region; what failed is in ``errors``."""
        with self._stages:
            self._start()
            for region, copy in self._copies.items():
                if not (wait and copy.image_id):
                    self._end(region, None)
            if wait and self.image_ids:
                self._wait()

    def result(self) -> list[Copied]:
        """Return the result of each copy (DescribeImages)."""
        return concurrently([partial(self._result, region) for region in self._copies])

    def _start(self) -> None:
        """Ask for all copies, then for those that this did not start."""
        if self._are_together and not any(copy.is_begun for copy in self._copies.values()):
            try:
                self.runner.run(self._all_copies)
            except CvmimgError as error:
                is_unknown = self.log.status(_ALL_COPIES) == "pending"
                if not isinstance(error, CloudRefused) or is_unknown:
                    self.errors = dict.fromkeys(self._copies, error)
                    return
        for region, copy in self._copies.items():
            self._try(region, copy.start)

    @property
    def _are_together(self) -> bool:
        """Whether one call is to ask for all copies."""
        return len(self._copies) > 1 and not self._order.copy_ids

    def _ask_for_all(self) -> Outcome:
        request = self._order.api_request(self._order.regions)
        return {"image_ids": cvm.sync_image(self.cloud, request)}

    def _check_all(self) -> StepCheck:
        """Look for the copies; what is missing in the end was not started."""
        found = concurrently([copy.find for copy in self._copies.values()])
        image_ids = {
            region: image.image_id
            for region, image in zip(self._copies, found, strict=True)
            if image is not None
        }
        return Happened({"image_ids": image_ids}) if image_ids else DidNotHappen()

    def _wait(self) -> None:
        known = durations(self.session)
        began = self.session.clock.monotonic()
        expected = known.expected("copy", self._order.gib)
        task = Task("copy", tuple(self.image_ids), self._poll, expected, gone=IMAGE_GONE)
        patient = waiter(self.session, self._stages, self.deadline.left)
        try:
            seen = replace(patient, listeners=self._stages.in_progress).all(task)
        except CvmimgError as error:
            for region in [*self._stages.in_progress]:
                self._end(region, error)
            return
        for region, observation in seen.items():
            if observation is IMAGE_GONE:
                self._end(region, self._copies[region].failure(observation))
        if not (self.errors or self.execution.resumed):
            known.add("copy", self._order.gib, self.session.clock.monotonic() - began)

    def _poll(self, regions: Sequence[str]) -> dict[str, Observation[Image]]:
        """Poll copies side by side; one that is ready is described at once."""
        found = concurrently([self._copies[region].observe for region in regions])
        seen = {region: each for region, each in zip(regions, found, strict=True) if each}
        for region, observation in seen.items():
            if observation.phase is Phase.DONE:
                self._try(region, self._copies[region].describe)
                self._end(region, None)
            elif observation.phase is Phase.FAILED:
                self._end(region, self._copies[region].failure(observation))
        return seen

    def _try(self, region: str, work: Callable[[], None]) -> None:
        try:
            work()
        except CvmimgError as error:
            self.errors.setdefault(region, error)

    def _end(self, region: str, error: CvmimgError | None) -> None:
        if error is not None:
            self.errors.setdefault(region, error)
        self._stages.end(region, self._copies[region].image_id, self.errors.get(region))

    def _result(self, region: str) -> Copied:
        image, error = None, self.errors.get(region)
        try:
            image = self._copies[region].image()
        except CvmimgError as trouble:
            error = error or trouble
        return Copied(region, image, error)


class _Stages:
    """The stages of all copies in progress, one for each region; ended with the context.

    Attributes:
        in_progress: the stages that have not ended, by region.
    """

    def __init__(self, progress: ProgressReporter, order: CopyOrder) -> None:
        self._progress = progress
        self._order = order
        self._contexts: dict[str, AbstractContextManager[Stage]] = {}
        self.in_progress: dict[str, Stage] = {}

    def end(self, region: str, image_id: str, error: BaseException | None) -> None:
        """End the stage of a region, unless it has ended."""
        stage = self.in_progress.pop(region, None)
        if stage is None:
            return
        stage.detail = image_id
        kind = type(error) if error else None
        self._contexts.pop(region).__exit__(kind, error, error.__traceback__ if error else None)

    def advance(self, _: Progress) -> None:
        """Discard the progress of all together; each has a stage."""

    def notice(self, message: Message | str) -> None:
        """Pass on what concerns all."""
        self._progress.notice(message)

    def __enter__(self) -> None:
        for region in self._order.regions:
            context = self._progress.stage("copy", subject=region, image=self._order.image_id)
            self._contexts[region] = context
            self.in_progress[region] = context.__enter__()

    def __exit__(
        self,
        _: type[BaseException] | None,
        error: BaseException | None,
        __: TracebackType | None,
    ) -> None:
        for region in [*self.in_progress]:
            self.end(region, "", error)


class _Copy(Part):
    """The copy to one region."""

    def __init__(self, execution: Execution, order: CopyOrder, region: str) -> None:
        super().__init__(execution.in_region(region))
        self._source = execution.session.cloud
        self._order = order
        self._region = region
        self._name = f"copy {region}"
        self._copy = Step(
            self._name, self._ask, self._check, single_call=True, conflicts=_CAUSED_BY_ITSELF
        )

    @property
    def image_id(self) -> str:
        """The copy's id; empty if none is known to have been requested."""
        together = self.log.outcome(_ALL_COPIES).get("image_ids", {})
        return str(together.get(self._region) or self.log.outcome(self._name).get("image_id", ""))

    @property
    def is_begun(self) -> bool:
        """Whether the copy was asked for by itself."""
        return self.log.status(self._name) is not None

    @property
    def steps(self) -> list[Step]:
        """Copy the image, then describe the copy."""
        return [self._copy, *self._description]

    @property
    def is_to_be_described(self) -> bool:
        """Whether the copy is still to be described."""
        return bool(self.image_id) and not self.runner.are_done(self._description)

    def start(self) -> None:
        """Ask for the copy, unless it was asked for with the others.

        Raises:
            CvmimgError: it was refused, or whether it was started is unknown.
        """
        if not self.image_id:
            self.runner.run(self._copy)

    def describe(self) -> None:
        """Give it the image's description, family and tags; it has to be ready.

        Raises:
            CvmimgError: they were refused.
        """
        for step in self._description:
            self.runner.run(step)

    def failure(self, observation: Observation[Image]) -> TaskFailed:
        """Return the error of a copy that can no longer become ready."""
        error = TaskFailed(
            Message("CopyFailed", image=self.image_id, state=observation.state),
            code=observation.state,
        )
        if observation is not IMAGE_GONE:
            command = self.session.command("delete", self.image_id, "--region", self._region)
            error.notes.append(Message("DeleteFailedImage", command=command))
        return error

    def observe(self) -> Observation[Image] | None:
        """Poll the copy; None if it is not listed (DescribeImages)."""
        return observe_images(self.cloud, [self.image_id]).get(self.image_id)

    def image(self) -> Image | None:
        """Return the copy as it is now; None if none is known (DescribeImages)."""
        if not self.image_id:
            return None
        found = cvm.describe_images_by_id(self.cloud, [self.image_id])
        if found:
            return found[0]
        return Image(
            {
                "ImageId": self.image_id,
                "ImageName": self._order.name,
                "ImageSize": self._order.gib,
                "ImageState": "SYNCING",
                "ImageType": cvm.PRIVATE,
            }
        )

    @property
    def _description(self) -> list[Step]:
        order = self._order
        attributes = {"ImageDescription": order.description, "ImageFamily": order.family}
        own_tags = {
            OPERATION_TAG: self.log.id,
            COPIED_FROM_TAG: f"{self._source.region}/{order.image_id}",
        }
        return change_steps(
            self.execution,
            self.image_id,
            attributes={name: text for name, text in attributes.items() if text},
            tags={**order.tags, **own_tags},
            suffix=f" {self._region}",
        )

    def _ask(self) -> Outcome:
        if known := self._order.copy_ids.get(self._region):
            return {"image_id": known}
        copies = cvm.sync_image(self._source, self._order.api_request([self._region]))
        return {"image_id": copies[self._region]}

    def _check(self) -> StepCheck:
        found = self.find()
        return Happened({"image_id": found.image_id}) if found else DidNotHappen()

    def find(self) -> Image | None:
        """Look for the copy by its name, which no image of the region had before.

        Raises:
            CvmimgError: whether there is one is unknown.
        """
        return find_when_visible(
            self.session,
            self.deadline,
            self._find,
        )

    def _find(self) -> Image | None:
        cloud, order = self.cloud, self._order
        return find_copy(cloud, self.log.id, order.name, size_gib=order.gib)
