"""Changing what is said of an image: name, description, family, deprecation, tags.

Each call may be repeated without harm, so a change that was cut off is simply made again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cvmimg.cloud import cvm, sts, tag
from cvmimg.cloud.models import Image
from cvmimg.durable.closing import closed_on_failure
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.journal import OperationLog
from cvmimg.durable.progress import stage
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Outcome, Runner, Step
from cvmimg.errors import PreconditionFailed, UsageError

KIND = "update"
_SECONDS = 300.0
_LONGEST_DESCRIPTION = 256


@dataclass(frozen=True)
class UpdateRequest:
    """What is to change; None leaves a thing as it is.

    Attributes:
        name: a new name.
        description: a new description; may be empty.
        family: a new family; may be empty.
        deprecated: whether the image is to be passed over by its family.
        tags: tags to add, or to give another value.
        untag: keys of tags to take off.
    """

    name: str | None = None
    description: str | None = None
    family: str | None = None
    deprecated: bool | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    untag: Sequence[str] = ()

    def require_valid(self) -> None:
        """Refuse what cannot be right, whatever the cloud says.

        Raises:
            UsageError: nothing is to change, or an option is wrong; the message names it.
        """
        if not (self.attributes or self.tags or self.untag):
            raise UsageError(
                "nothing is to be changed", hint="add --name, --description, --family, --tag, …"
            )
        both = set(self.tags) & set(self.untag)
        if both:
            raise UsageError(f"--untag: {min(both)} is also given with --tag")
        if len(self.description or "") > _LONGEST_DESCRIPTION:
            raise UsageError(
                f"--description: more than {_LONGEST_DESCRIPTION} characters", hint="shorten it"
            )

    @property
    def attributes(self) -> dict[str, Any]:
        """The changes in ModifyImageAttribute's words."""
        fields = {
            "ImageName": self.name,
            "ImageDescription": self.description,
            "ImageFamily": self.family,
            "ImageDeprecated": self.deprecated,
        }
        return {name: value for name, value in fields.items() if value is not None}


def update_image(session: Session, image: Image, request: UpdateRequest) -> Image:
    """Change an image; the image as it is then.

    Rests on ModifyImageAttribute, TagResources and UnTagResources.

    Raises:
        UsageError: nothing is to change, or a tag is both to be added and taken off.
        PreconditionFailed: the image is not the account's own.
        CvmimgError: the API refused.
    """
    request.require_valid()
    require_own(image)
    page = {
        "image_id": image.image_id,
        "attributes": request.attributes,
        "tags": dict(request.tags),
        "untag": list(request.untag),
    }
    with session.journal.claim([]) as claim:
        log = claim.begin(KIND, region=session.cloud.region, origin=session.origin, request=page)
        return go_on(session, log)


def require_own(image: Image) -> None:
    """Refuse an image that is not the account's own.

    Raises:
        PreconditionFailed: it is public, or another account's.
    """
    if image.image_type != cvm.PRIVATE:
        raise PreconditionFailed(
            f"{image.image_id} is no custom image of this account ({image.image_type})",
            code="NotYourImage",
            hint="copy or launch it instead",
        )


def go_on(session: Session, log: OperationLog) -> Image:
    """Do what is left of a change; raises as ``update_image`` does."""
    page = log.record.request
    image_id = page["image_id"]
    runner = Runner(session, log, Deadline(session.clock, _SECONDS))
    with (
        closed_on_failure(session, log),
        stage(session.observer, "update", f"changing {image_id}"),
    ):
        for step in _steps(session, page):
            runner.run(step)
    log.close("done", result={"image_id": image_id})
    return cvm.describe_image(session.cloud, image_id)


def leave(log: OperationLog) -> str:
    """Give a change up; what is changed already stays (``resume --undo``)."""
    log.close("left")
    done = [step.name for step in log.record.steps if step.status == "done"]
    return f"already changed: {', '.join(done)}" if done else ""


def _steps(session: Session, page: Mapping[str, Any]) -> list[Step]:
    cloud, image_id = session.cloud, page["image_id"]

    def modify() -> Outcome:
        cvm.modify_image_attribute(cloud, image_id, page["attributes"])
        return {}

    def put_tags() -> Outcome:
        tag.tag_resource(cloud, _resource(session, image_id), page["tags"])
        return {}

    def take_tags_off() -> Outcome:
        tag.untag_resource(cloud, _resource(session, image_id), page["untag"])
        return {}

    wanted = (
        ("attributes", page["attributes"], modify),
        ("tags", page["tags"], put_tags),
        ("untag", page["untag"], take_tags_off),
    )
    return [Step(name, do, lambda: None, one_call=True) for name, given, do in wanted if given]


def _resource(session: Session, image_id: str) -> str:
    account = sts.get_caller_identity(session.cloud).account_id
    return tag.image_resource(session.cloud.region, account, image_id)
