"""Edit an image's name, description, family, deprecation or tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cvmimg.cloud import cvm, tag
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.limits import DESCRIPTION_LENGTH
from cvmimg.cloud.models import Image
from cvmimg.durable.operation import Execution, Operation, run_operation
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import StepCheck, happened
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.errors import PreconditionFailed, UsageError
from cvmimg.message import Message
from cvmimg.workflows.require_image import require_changeable, require_own

_SECONDS = 300.0
_NOTHING: Mapping[str, Any] = {}


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
        if missing := [key for key in request.untag if key not in image.tag_map]:
            raise PreconditionFailed(Message("TagMissing", image=image.image_id, keys=missing))
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
    return run_operation(session, UpdateOperation, order, _SECONDS)


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


def change_steps(
    execution: Execution,
    image_id: str,
    *,
    attributes: Mapping[str, Any] = _NOTHING,
    tags: Mapping[str, str] = _NOTHING,
    untag: Sequence[str] = (),
    suffix: str = "",
) -> list[Step]:
    """Return the steps that change one image: the calls that are needed, which can be repeated.

    Args:
        execution: of the operation, in the region of the image.
        image_id: the image.
        attributes: parameters of ModifyImageAttribute.
        tags: tags to add or change.
        untag: keys of tags to remove.
        suffix: behind the names of the steps, where an operation changes several images.
    """
    cloud = execution.session.cloud
    resource = tag.image_resource(cloud.region, execution.log.record.account.id, image_id)

    def modify() -> None:
        cvm.modify_image_attribute(cloud, image_id, attributes)

    def check_attributes() -> StepCheck:
        image = cvm.describe_image(cloud, image_id)
        return happened(attributes.items() <= attributes_of(image).items())

    def add_tags() -> None:
        tag.tag_resource(cloud, resource, tags)

    def check_tags() -> StepCheck:
        return happened(tags.items() <= cvm.describe_image(cloud, image_id).tag_map.items())

    def remove_tags() -> None:
        tag.untag_resource(cloud, resource, untag)

    def check_removed_tags() -> StepCheck:
        return happened(not set(untag) & set(cvm.describe_image(cloud, image_id).tag_map))

    wanted = (
        ("attributes", attributes, modify, check_attributes),
        ("tags", tags, add_tags, check_tags),
        ("untag", untag, remove_tags, check_removed_tags),
    )
    return [
        Step(f"{name}{suffix}", do, check, single_call=True)
        for name, given, do, check in wanted
        if given
    ]


def step_kind(step: Step) -> str:
    """Return what such a step changes: "attributes", "tags" or "untag"."""
    return step.name.partition(" ")[0]


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
            self.runner.run_all(self._steps_of(image_id), StageTitle("update", image_id))
        return [cvm.describe_image(self.cloud, image_id) for image_id in self.request.image_ids]

    def closing_result(self) -> dict[str, Any]:
        """Return the ids of the images."""
        return {"image_ids": list(self.request.image_ids)}

    def remains(self) -> list[Message]:
        """Return what was changed before the operation ended."""
        changes = {
            image_id: [
                step_kind(step)
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
        return change_steps(
            self.execution,
            image_id,
            attributes=self.request.attributes,
            tags=self.request.tags,
            untag=self.request.untag,
            suffix=f" {image_id}",
        )
