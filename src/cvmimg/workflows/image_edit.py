"""Change one image's attributes and tags in steps that can be reverted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from cvmimg.cloud.models import Image
from cvmimg.durable.operation import Execution
from cvmimg.durable.step_check import Outcome
from cvmimg.durable.steps import Step
from cvmimg.workflows.find_image import image_may_be_gone
from cvmimg.workflows.update import attributes_of, change_steps, step_kind


@dataclass(frozen=True)
class ImageEdit:
    """A change of an image and how the image was before, as stored in the journal.

    Attributes:
        image_id: the image.
        name: its name, for people.
        attributes: parameters of ModifyImageAttribute.
        tags: tags to add or change.
        old_attributes: the values that ``attributes`` replaces.
        old_tags: the values that ``tags`` replaces; a key without one is not listed.
    """

    image_id: str
    name: str
    attributes: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    old_attributes: dict[str, Any] = field(default_factory=dict)
    old_tags: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, image: Image, attributes: Mapping[str, Any], tags: Mapping[str, str]) -> ImageEdit:
        """Return the change of an image to these attributes and tags."""
        before = attributes_of(image)
        return cls(
            image.image_id,
            image.image_name,
            dict(attributes),
            dict(tags),
            {name: before[name] for name in attributes},
            {key: value for key, value in image.tag_map.items() if key in tags},
        )


def edit_steps(execution: Execution, edit: ImageEdit) -> list[Step]:
    """Return the steps that change the attributes, then the tags, named after the image.

    They call ModifyImageAttribute, TagResources, UnTagResources and DescribeImages.
    """
    added = sorted(edit.tags.keys() - edit.old_tags.keys())
    change = partial(change_steps, execution, edit.image_id, suffix=f" {edit.image_id}")
    undo = change(attributes=edit.old_attributes, tags=edit.old_tags, untag=added)

    def revert(kinds: Sequence[str], _: Outcome) -> None:
        """Carry out the steps of these kinds; an image that is gone needs none."""
        with image_may_be_gone(execution.session.cloud, edit.image_id):
            for step in undo:
                if step_kind(step) in kinds:
                    step.do()

    reverts = {
        "attributes": partial(revert, ["attributes"]),
        "tags": partial(revert, ["tags", "untag"]),
    }
    return [
        replace(step, revert=reverts[step_kind(step)])
        for step in change(attributes=edit.attributes, tags=edit.tags)
    ]
