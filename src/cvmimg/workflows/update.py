"""Edit an image's name, description, family, deprecation or tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cvmimg.cloud import cvm, tag
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.limits import DESCRIPTION_LENGTH
from cvmimg.cloud.models import Image
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.operation import Operation, prepare
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck
from cvmimg.durable.steps import Step
from cvmimg.errors import PreconditionFailed, UsageError
from cvmimg.message import Message
from cvmimg.workflows.require_image import require_changeable, require_own

_SECONDS = 300.0


@dataclass(frozen=True)
class UpdateRequest:
    """What to change; None leaves a value unchanged.

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

    def require_valid(self, *, count: int = 1) -> None:
        """Refuse a request that is invalid in itself, whatever the cloud says.

        Args:
            count: how many images are to be changed.

        Raises:
            UsageError: nothing is to change, or an option is wrong; the message names it.
        """
        if not (self.attributes or self.tags or self.untag):
            raise UsageError(Message("NothingToUpdate"))
        if self.name is not None and count > 1:
            raise UsageError(Message("NameForSeveral", count=count))
        both = set(self.tags) & set(self.untag)
        if both:
            raise UsageError(Message("TagAddedAndRemoved", key=min(both)))
        if len(self.description or "") > DESCRIPTION_LENGTH:
            raise UsageError(
                Message(
                    "DescriptionTooLong",
                    length=len(self.description or ""),
                    longest=DESCRIPTION_LENGTH,
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
    """What is to change, as stored in the journal.

    Attributes:
        image_ids: the images.
        attributes: parameters of ModifyImageAttribute.
        tags: tags to add or change.
        untag: keys of tags to remove.
    """

    image_ids: tuple[str, ...]
    attributes: dict[str, Any]
    tags: dict[str, str]
    untag: tuple[str, ...]


def update_images(session: Session, images: Sequence[Image], request: UpdateRequest) -> list[Image]:
    """Change images; return them as they are then.

    Calls ModifyImageAttribute, TagResources, UnTagResources and DescribeImageSharePermission.

    Raises:
        UsageError: nothing is to change, a tag is both added and removed, or several images are to
            get one name.
        PreconditionFailed: an image is not the account's own or is shared, another image has the
            name, or a tag to remove does not exist; nothing was changed.
        CvmimgError: the API refused.
    """
    request.require_valid(count=len(images))
    for image in images:
        require_own(image)
        _require_tags(image, request.untag)
    if request.attributes:
        require_changeable(session.cloud, images)
    if request.name is not None:
        _require_free_name(session.cloud, request.name, images)
    order = UpdateOrder(
        tuple(image.image_id for image in images),
        request.attributes,
        dict(request.tags),
        tuple(request.untag),
    )
    with prepare(session) as preparation:
        return preparation.run(UpdateOperation, order, Deadline(session.clock, _SECONDS))


def _require_tags(image: Image, keys: Sequence[str]) -> None:
    missing = [key for key in keys if key not in image.tag_map]
    if missing:
        raise PreconditionFailed(Message("TagMissing", image=image.image_id, keys=missing))


def _require_free_name(cloud: Cloud, name: str, images: Sequence[Image]) -> None:
    """Refuse a name that another image has; the API's filter finds parts of names too."""
    renamed = {image.image_id for image in images}
    for other in cvm.describe_images(cloud, name=name, image_type=cvm.PRIVATE):
        if other.image_name == name and other.image_id not in renamed:
            taken = Message("NameTaken", image=other.image_id, region=cloud.region, name=name)
            raise PreconditionFailed(taken, hint=Message("ChooseOtherName"))


def attributes_of(image: Image) -> dict[str, Any]:
    """Return an image's attributes as parameters of ModifyImageAttribute."""
    return {
        "ImageName": image.image_name,
        "ImageDescription": image.image_description,
        "ImageFamily": image.image_family,
        "ImageDeprecated": image.image_deprecated,
    }


class ImageChange:
    """The steps that change one image; used by every operation that changes images.

    Args:
        cloud: the region of the image.
        image_id: the image.
        account: who owns it; may be empty.
        attributes: parameters of ModifyImageAttribute.
        tags: tags to add or change.
        untag: keys of tags to remove.
        suffix: behind the names of the steps, where an operation changes several images.
    """

    def __init__(
        self,
        cloud: Cloud,
        image_id: str,
        *,
        account: str,
        attributes: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        untag: Sequence[str] = (),
        suffix: str = "",
    ) -> None:
        self._cloud = cloud
        self._image_id = image_id
        self._resource = tag.image_resource(cloud.region, account, image_id)
        self._attributes = dict(attributes or {})
        self._tags = dict(tags or {})
        self._untag = tuple(untag)
        self._suffix = suffix

    @property
    def steps(self) -> list[Step]:
        """The calls that are needed; each can safely be repeated."""
        wanted = (
            ("attributes", self._attributes, self._modify, self._check_attributes),
            ("tags", self._tags, self._add_tags, self._check_tags),
            ("untag", self._untag, self._remove_tags, self._check_removed_tags),
        )
        return [
            Step(f"{name}{self._suffix}", do, check, single_call=True)
            for name, given, do, check in wanted
            if given
        ]

    @property
    def _image(self) -> Image:
        return cvm.describe_image(self._cloud, self._image_id)

    def _modify(self) -> Outcome:
        cvm.modify_image_attribute(self._cloud, self._image_id, self._attributes)
        return {}

    def _check_attributes(self) -> StepCheck:
        return _happened(self._attributes.items() <= attributes_of(self._image).items())

    def _add_tags(self) -> Outcome:
        tag.tag_resource(self._cloud, self._resource, self._tags)
        return {}

    def _check_tags(self) -> StepCheck:
        return _happened(self._tags.items() <= self._image.tag_map.items())

    def _remove_tags(self) -> Outcome:
        tag.untag_resource(self._cloud, self._resource, self._untag)
        return {}

    def _check_removed_tags(self) -> StepCheck:
        return _happened(not set(self._untag) & set(self._image.tag_map))


class UpdateOperation(Operation[UpdateOrder, list[Image]]):
    """The same changes of one image, or of several."""

    kind = "update"
    request_type = UpdateOrder

    @property
    def steps(self) -> Sequence[Step]:
        """The calls that are needed for all images."""
        return [step for image_id in self.request.image_ids for step in self._steps_of(image_id)]

    def finish(self) -> list[Image]:
        """Make the changes that are not made yet."""
        for image_id in self.request.image_ids:
            with self.session.progress.stage("update", subject=image_id) as stage:
                for step in self._steps_of(image_id):
                    self.runner.run(step, stage)
        return [
            cvm.describe_image(self.session.cloud, image_id) for image_id in self.request.image_ids
        ]

    def closing_result(self) -> dict[str, Any]:
        """Return the ids of the images."""
        return {"image_ids": list(self.request.image_ids)}

    def remains(self) -> list[Message]:
        """Return what was changed before the operation ended."""
        changes = {
            image_id: [
                step.name.partition(" ")[0]
                for step in self._steps_of(image_id)
                if self.log.status(step.name) == "done"
            ]
            for image_id in self.request.image_ids
        }
        return [
            Message("AlreadyChanged", image=image_id, changes=done)
            for image_id, done in changes.items()
            if done
        ]

    def _steps_of(self, image_id: str) -> list[Step]:
        return ImageChange(
            self.session.cloud,
            image_id,
            account=self.log.record.account.id,
            attributes=self.request.attributes,
            tags=self.request.tags,
            untag=self.request.untag,
            suffix=f" {image_id}",
        ).steps


def _happened(done: bool) -> StepCheck:
    return Happened() if done else DidNotHappen()
