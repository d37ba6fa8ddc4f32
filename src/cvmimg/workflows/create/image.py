"""CreateImage exactly once, even though it takes no client token.

The image carries the operation's id as a tag. When in doubt, it is searched for by this tag or,
without tags, by its exact name, which is unique in the region, and its source.
"""

from __future__ import annotations

from datetime import datetime, timezone

from cvmimg.cloud import cvm
from cvmimg.cloud.create_image_request import TAGS, without_tags
from cvmimg.cloud.errors import UNKNOWN_TAG, matches
from cvmimg.cloud.find_ours import find_image, is_name_taken
from cvmimg.cloud.models import Image
from cvmimg.durable.operation import Execution, Part
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck
from cvmimg.durable.steps import Step
from cvmimg.durable.visibility import find_when_visible
from cvmimg.errors import CloudRefused, CredentialsError
from cvmimg.message import Message
from cvmimg.workflows.create.plan import CreatePlan

STEP = "image"
_CAUSED_BY_ITSELF = ("InvalidImageName.Duplicate", "ImageQuotaLimitExceeded")
_ANY_TIME = datetime.fromtimestamp(0, timezone.utc)


class ImageCreation(Part):
    """The step that requests the image of one operation."""

    def __init__(self, execution: Execution, plan: CreatePlan) -> None:
        super().__init__(execution)
        self._plan = plan
        self.step = Step(
            STEP, self._request, self._check, single_call=True, conflicts=_CAUSED_BY_ITSELF
        )

    @property
    def image_id(self) -> str:
        """The image's id; empty if none is known to have been requested."""
        return str(self.log.outcome(STEP).get("image_id", ""))

    @property
    def was_tagged(self) -> bool:
        """Whether CreateImage accepted the tags, as far as that is known."""
        return bool(self.log.outcome(STEP).get("tagged", True))

    def _request(self) -> Outcome:
        if self._plan.image_id:
            return {"image_id": self._plan.image_id}
        body = self._plan.request.api_request(self.log.id, self._plan.data_disk_ids)
        try:
            return {"image_id": cvm.create_image(self.cloud, body)}
        except CloudRefused as error:
            if not matches(error.code, UNKNOWN_TAG):
                raise
            # The refusal of its tags has changed nothing.
            image_id = cvm.create_image(self.cloud, without_tags(body))
            return {"image_id": image_id, "tagged": False}
        except CredentialsError as error:
            if TAGS in body:
                error.notes.append(Message("TagsMayBeForbidden"))
            raise

    def _check(self) -> StepCheck:
        found = find_when_visible(
            self.session,
            self.deadline,
            self._find,
            # Another operation's image has the name, so this one has none.
            ruled_out=lambda: is_name_taken(self.cloud, self._plan.request.name, self.log.id),
        )
        return Happened({"image_id": found.image_id}) if found else DidNotHappen()

    def _find(self) -> Image | None:
        request = self._plan.request
        # An image that had the name before is known, so the time need not be believed: the clock
        # of this machine may have been wrong.
        found = find_image(self.cloud, self.log.id, request.name, _ANY_TIME, self._plan.disk_ids)
        return found if found and found.image_id not in self._plan.same_name_ids else None
