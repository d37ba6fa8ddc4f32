"""CreateImage exactly once, though it takes no client token.

The image carries the operation's id as a tag. After any doubt it is looked for: by this tag, and
where there are no tags by its exact name, its time and its source.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.models import Image
from cvmimg.durable.journal.journal import OperationLog
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Outcome, Step
from cvmimg.errors import CredentialsError
from cvmimg.workflows.create.plan import CreatePlan
from cvmimg.workflows.own_tags import OPERATION_TAG

STEP = "image"
_VISIBLE_WITHIN = timedelta(seconds=60)
_CLOCKS_APART = timedelta(minutes=6)
"""By how much this machine's clock can be ahead: with more the cloud refuses the signature."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0


class ImageRequest:
    """The request for the image of one operation."""

    def __init__(self, session: Session, log: OperationLog, plan: CreatePlan) -> None:
        self._session = session
        self._log = log
        self._plan = plan

    def as_step(self) -> Step:
        """The request as a durable step; its outcome is ``{"image_id"}``."""
        return Step(STEP, do=self._send, look=self.look, one_call=True)

    def look(self) -> Outcome | None:
        """The operation's image, if there is one; allows for its not being listed yet."""
        step = self._log.record.step(STEP)
        asked_at = step.at if step else self._now()
        pause = _FIRST_PAUSE
        while True:
            image = self._find()
            if image is not None:
                return {"image_id": image.image_id}
            if self._now() - asked_at > _VISIBLE_WITHIN:
                return None
            self._session.interrupt.check()
            self._session.clock.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)

    def _send(self) -> Outcome:
        request = self._plan.request
        body = request.api_request(self._log.id, self._plan.data_disk_ids)
        try:
            return {"image_id": cvm.create_image(self._session.cloud, body)}
        except CredentialsError as error:
            if "TagSpecification" in body:
                error.hint += "; if the policy forbids tags alone, add --no-tags"
            raise

    def _find(self) -> Image | None:
        cloud, request = self._session.cloud, self._plan.request
        if request.own_tags:
            tagged = cvm.describe_images(
                cloud, image_type=cvm.PRIVATE, tags={OPERATION_TAG: self._log.id}
            )
            if tagged:
                return tagged[0]
        named = cvm.describe_images(cloud, image_type=cvm.PRIVATE, name=request.name)
        return next((image for image in named if self._is_ours(image)), None)

    def _is_ours(self, image: Image) -> bool:
        if image.image_name != self._plan.request.name:
            return False
        if OPERATION_TAG in image.tag_map:
            return image.tag_map[OPERATION_TAG] == self._log.id
        if image.created_time is None or image.created_time < self._begun() - _CLOCKS_APART:
            return False
        return self._same_source(image)

    def _same_source(self, image: Image) -> bool:
        """Whether the image's snapshots are of the plan's disks; true where nothing is known."""
        snapshot_ids = [snapshot.snapshot_id for snapshot in image.snapshot_set]
        if not snapshot_ids or not self._plan.disk_ids:
            return True
        snapshots = cbs.describe_snapshots(self._session.cloud, snapshot_ids=snapshot_ids)
        disk_ids = {snapshot.disk_id for snapshot in snapshots if snapshot.disk_id}
        return not disk_ids or disk_ids <= set(self._plan.disk_ids)

    def _begun(self) -> datetime:
        return self._log.record.created

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._session.clock.now(), timezone.utc)
