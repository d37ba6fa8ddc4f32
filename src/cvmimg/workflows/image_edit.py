"""Change one image's attributes and tags in steps that can be reverted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cvmimg.cloud.models import Image
from cvmimg.durable.operation import Execution
from cvmimg.durable.progress import Stage
from cvmimg.durable.step_check import Outcome
from cvmimg.durable.steps import Step
from cvmimg.workflows.find_image import image_may_be_gone
from cvmimg.workflows.update import ImageChange, attributes_of


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


class ImageEditing:
    """The steps of one edit, named after the image.

    Calls ModifyImageAttribute, TagResources, UnTagResources and DescribeImages.
    """

    def __init__(self, execution: Execution, edit: ImageEdit) -> None:
        self._execution = execution
        self._edit = edit

    @property
    def steps(self) -> list[Step]:
        """Change the attributes, then the tags."""
        edit = self._edit
        added = sorted(edit.tags.keys() - edit.old_tags.keys())
        undo = self._change(edit.old_attributes, edit.old_tags, added)
        reverts = {
            "attributes": self._revert(undo, "attributes"),
            "tags": self._revert(undo, "tags", "untag"),
        }
        return [
            replace(step, revert=reverts[_kind(step)])
            for step in self._change(edit.attributes, edit.tags)
        ]

    def run(self, stage: Stage) -> None:
        """Carry the steps out as parts of a stage.

        Raises:
            CvmimgError: a step failed.
        """
        for step in self.steps:
            self._execution.runner.run(step, stage)

    def _change(
        self, attributes: Mapping[str, Any], tags: Mapping[str, str], untag: Sequence[str] = ()
    ) -> list[Step]:
        return ImageChange(
            self._execution.session.cloud,
            self._edit.image_id,
            account=self._execution.log.record.account.id,
            attributes=attributes,
            tags=tags,
            untag=untag,
            suffix=f" {self._edit.image_id}",
        ).steps

    def _revert(self, undo: Sequence[Step], *kinds: str) -> Callable[[Outcome], None]:
        """Return what carries out the steps of these kinds; an image that is gone needs none."""

        def revert(_: Outcome) -> None:
            with image_may_be_gone(self._execution.session.cloud, self._edit.image_id):
                for step in undo:
                    if _kind(step) in kinds:
                        step.do()

        return revert


def _kind(step: Step) -> str:
    return step.name.partition(" ")[0]
