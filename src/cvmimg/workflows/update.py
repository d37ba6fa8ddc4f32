"""Edit an image's name, description, family, deprecation or tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cvmimg.cloud import cvm, sts, tag
from cvmimg.cloud.models import Image
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.operation import Execution, Operation, prepare
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck
from cvmimg.durable.steps import Step
from cvmimg.errors import PreconditionFailed, UsageError
from cvmimg.message import Message

_SECONDS = 300.0
_LONGEST_DESCRIPTION = 256


@dataclass(frozen=True)
class UpdateRequest:
    """What is to change; None leaves a thing as it is.

    Attributes:
        name: a new name.
        description: a new description; may be empty.
        family: a new family; may be empty.
        deprecated: whether ``family:NAME`` skips the image.
        tags: tags to add or change.
        untag: keys of tags to remove.
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
            raise UsageError(Message("NothingToUpdate"))
        both = set(self.tags) & set(self.untag)
        if both:
            raise UsageError(Message("TagAddedAndRemoved", key=min(both)))
        if len(self.description or "") > _LONGEST_DESCRIPTION:
            raise UsageError(
                Message(
                    "DescriptionTooLong",
                    length=len(self.description or ""),
                    longest=_LONGEST_DESCRIPTION,
                )
            )

    @property
    def attributes(self) -> dict[str, Any]:
        """The changes as parameters of ModifyImageAttribute."""
        fields = {
            "ImageName": self.name,
            "ImageDescription": self.description,
            "ImageFamily": self.family,
            "ImageDeprecated": self.deprecated,
        }
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True)
class UpdateOrder:
    """What is to change, as the journal holds it.

    Attributes:
        image_id: the image.
        attributes: parameters of ModifyImageAttribute.
        tags: tags to add or change.
        untag: keys of tags to remove.
    """

    image_id: str
    attributes: dict[str, Any]
    tags: dict[str, str]
    untag: tuple[str, ...]


def update_image(session: Session, image: Image, request: UpdateRequest) -> Image:
    """Change an image; return it as it is then.

    Rests on ModifyImageAttribute, TagResources and UnTagResources.

    Raises:
        UsageError: nothing is to change, or a tag is both added and removed.
        PreconditionFailed: the image is not the account's own.
        CvmimgError: the API refused.
    """
    request.require_valid()
    require_own(image)
    order = UpdateOrder(
        image.image_id, request.attributes, dict(request.tags), tuple(request.untag)
    )
    with prepare(session) as preparation:
        return preparation.run(UpdateOperation, order, Deadline(session.clock, _SECONDS))


def require_own(image: Image) -> None:
    """Refuse an image that is not the account's own.

    Raises:
        PreconditionFailed: it is public, or another account's.
    """
    if image.image_type != cvm.PRIVATE:
        raise PreconditionFailed(
            Message("NotYourImage", image=image.image_id, type=image.image_type)
        )


class UpdateOperation(Operation[UpdateOrder, Image]):
    """The changes of one image; each call may be repeated without harm."""

    kind = "update"
    request_type = UpdateOrder

    def __init__(self, execution: Execution, request: UpdateOrder) -> None:
        super().__init__(execution, request)
        wanted = (
            Step("attributes", self._modify, self._check_attributes, single_call=True),
            Step("tags", self._add_tags, self._check_tags, single_call=True),
            Step("untag", self._remove_tags, self._check_removed_tags, single_call=True),
        )
        given = (request.attributes, request.tags, request.untag)
        self._steps = [step for step, value in zip(wanted, given, strict=True) if value]

    @property
    def steps(self) -> Sequence[Step]:
        """The calls that are needed."""
        return self._steps

    def finish(self) -> Image:
        """Make the changes that are not made yet."""
        image_id = self.request.image_id
        with self.session.progress.stage("update", subject=image_id) as stage:
            for step in self._steps:
                self.runner.run(step, stage)
        return cvm.describe_image(self.session.cloud, image_id)

    def closing_result(self) -> dict[str, Any]:
        """Return the image's id."""
        return {"image_id": self.request.image_id}

    def remains(self) -> list[Message]:
        """Return what was changed before the operation ended."""
        done = [step.name for step in self._steps if self.log.status(step.name) == "done"]
        image_id = self.request.image_id
        return [Message("AlreadyChanged", image=image_id, changes=done)] if done else []

    @property
    def _image(self) -> Image:
        return cvm.describe_image(self.session.cloud, self.request.image_id)

    @property
    def _resource(self) -> str:
        account = self.log.record.account.id
        account = account or sts.get_caller_identity(self.session.cloud).account_id
        return tag.image_resource(self.session.cloud.region, account, self.request.image_id)

    def _modify(self) -> Outcome:
        cvm.modify_image_attribute(
            self.session.cloud, self.request.image_id, self.request.attributes
        )
        return {}

    def _check_attributes(self) -> StepCheck:
        image, wanted = self._image, self.request.attributes
        now = {
            "ImageName": image.image_name,
            "ImageDescription": image.image_description,
            "ImageFamily": image.image_family,
            "ImageDeprecated": image.image_deprecated,
        }
        return _happened(all(now[name] == value for name, value in wanted.items()))

    def _add_tags(self) -> Outcome:
        tag.tag_resource(self.session.cloud, self._resource, self.request.tags)
        return {}

    def _check_tags(self) -> StepCheck:
        return _happened(self.request.tags.items() <= self._image.tag_map.items())

    def _remove_tags(self) -> Outcome:
        tag.untag_resource(self.session.cloud, self._resource, self.request.untag)
        return {}

    def _check_removed_tags(self) -> StepCheck:
        return _happened(not set(self.request.untag) & set(self._image.tag_map))


def _happened(done: bool) -> StepCheck:
    return Happened() if done else DidNotHappen()
