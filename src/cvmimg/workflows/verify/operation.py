"""Verify one image: exactly one probe instance, which is gone afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.models import Image
from cvmimg.durable.operation import (
    AfterFailure,
    Execution,
    Operation,
    ends_early,
    run_operation,
)
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Step
from cvmimg.errors import CloudRefused, CredentialsError, CvmimgError
from cvmimg.message import Message
from cvmimg.workflows.require_image import require_ready
from cvmimg.workflows.update import change_steps
from cvmimg.workflows.verify.request import VerifyRequest
from cvmimg.workflows.verify.verification import (
    Verification,
    VerifyFailed,
    VerifyResult,
    verified_tag,
)

_MARGIN_SECONDS = 1800.0
"""Time for what comes before and after the boot."""


@dataclass(frozen=True)
class VerifyOrder:
    """The verification of an image, as stored in the journal.

    Attributes:
        image_id: the image.
        request: what to probe.
        tag: whether to tag the image; another account's image cannot be.
    """

    image_id: str
    request: VerifyRequest
    tag: bool = True


def verify_image(session: Session, image: Image, request: VerifyRequest) -> VerifyResult:
    """Launch an instance from an image, probe it, terminate it, and tag the image.

    Calls RunInstances, DescribeInstances, TerminateInstances, DescribeAutomationAgentStatus,
    RunCommand, DescribeInvocationTasks and TagResources, and what ``plan_probe`` calls.

    Args:
        session: the cloud and the progress.
        image: any image that is ready.
        request: what to probe.

    Raises:
        UsageError: the request is invalid; the message names the option.
        PreconditionFailed: the image is not ready, or no instance can be launched from it.
        VerifyFailed: the instance did not boot, or failed a probe; the error has the result.
        CvmimgError: the API refused, or could not be reached.
    """
    request.require_valid()
    require_ready(image)
    order = VerifyOrder(image.image_id, request, tag=image.image_type == cvm.PRIVATE)
    return run_operation(session, VerifyOperation, order, request.timeout_seconds + _MARGIN_SECONDS)


class VerifyOperation(Operation[VerifyOrder, VerifyResult]):
    """The verification of one image."""

    kind = "verify"
    request_type = VerifyOrder

    def __init__(self, execution: Execution, request: VerifyOrder) -> None:
        super().__init__(execution, request)
        self._verification = Verification(execution, request.request)

    @property
    def steps(self) -> Sequence[Step]:
        """Launch a probe instance, probe it, terminate it; tag the image."""
        return [*self._verification.steps, *self._tagging]

    def finish(self) -> VerifyResult:
        """Verify the image, if that is not done yet, and tag it."""
        image = cvm.describe_image(self.cloud, self.request.image_id)
        result = self._verification.run(image)
        self._tag(result)
        return result

    def closing_result(self) -> dict[str, Any]:
        """Return the image's id, and whether it passed."""
        done = self._verification.is_done
        passed = self._verification.result.passed if done else None
        return {"image_id": self.request.image_id, "passed": passed}

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        """Keep a result; only what was not recorded on the image can be done later."""
        if isinstance(error, VerifyFailed):
            return AfterFailure.KEEP
        tagged_later = self._verification.is_done and ends_early(error)
        return AfterFailure.RESUME if tagged_later else AfterFailure.REVERT

    def state_notes(self) -> list[Message]:
        """Note that a probe instance may still be running."""
        left = self.has_changes_in_force
        return [Message("ProbeMayRun", image=self.request.image_id)] if left else []

    @property
    def _tagging(self) -> list[Step]:
        if not self.request.tag:
            return []
        return change_steps(
            self.execution, self.request.image_id, tags=verified_tag(self.execution)
        )

    def _tag(self, result: VerifyResult) -> None:
        for step in self._tagging:
            try:
                self.runner.run(step)
            except (CloudRefused, CredentialsError) as error:
                if locked_out(error.code):
                    raise
                message = Message("NotTaggedVerified", image=result.image_id, error=error.message)
                self.session.progress.notice(message)
