"""Change which image a family serves; a change that fails half way is reverted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Image
from cvmimg.durable.operation import Operation, run_operation
from cvmimg.durable.session import Session
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.message import Message
from cvmimg.workflows.family.plan import FamilyPlan
from cvmimg.workflows.image_edit import ImageEdit, edit_steps

_SECONDS = 300.0


@dataclass(frozen=True)
class FamilyOrder:
    """The change of a family, as stored in the journal.

    Attributes:
        family: its name.
        after: the id of the image that serves then; empty if none will.
        edits: what is changed.
    """

    family: str
    after: str
    edits: tuple[ImageEdit, ...]


def change_family(session: Session, plan: FamilyPlan) -> Image | None:
    """Make the changes of a plan; return the image that the family serves then.

    Calls ModifyImageAttribute, TagResources and DescribeImageFromFamily.

    Raises:
        CvmimgError: the API refused; the images are as they were.
    """
    order = FamilyOrder(plan.family, plan.after.image_id if plan.after else "", plan.edits)
    return run_operation(session, FamilyOperation, order, _SECONDS)


class FamilyOperation(Operation[FamilyOrder, Image | None]):
    """The change of the image that a family serves."""

    kind = "family"
    request_type = FamilyOrder

    @property
    def steps(self) -> list[Step]:
        """All steps of all images."""
        return [step for edit in self.request.edits for step in edit_steps(self.execution, edit)]

    def finish(self) -> Image | None:
        """Change the images, then ask which one the family serves."""
        family, steps = self.request.family, self.steps
        self.runner.verify_temporary(steps)
        self.runner.run_all(steps, StageTitle("family", family))
        serving = cvm.describe_image_from_family(self.cloud, family)
        serving_id = serving.image_id if serving else ""
        if serving_id != self.request.after:
            self.session.progress.notice(
                Message("FamilyServesOther", family=family, image=serving_id or "-")
            )
        return serving

    def closing_result(self) -> dict[str, Any]:
        """Return the family and the image that it serves."""
        return {"family": self.request.family, "image_id": self.request.after}
