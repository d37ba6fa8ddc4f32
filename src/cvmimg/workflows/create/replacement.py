"""Make room for a new image where the quota is used up: delete the oldest unused one."""

from __future__ import annotations

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message
from cvmimg.workflows.delete.plan import DeleteRequest, ImageDeletion, plan_delete
from cvmimg.workflows.family.families import age_order
from cvmimg.workflows.find_image import FAMILY_PREFIX
from cvmimg.workflows.moments import now
from cvmimg.workflows.prune.facts import Selection, image_facts
from cvmimg.workflows.prune.plan import decide_images
from cvmimg.workflows.prune.rules import Action, Retention


def plan_replacement(cloud: Cloud, pattern: str) -> ImageDeletion:
    """Plan the deletion that makes room for an image. Nothing is deleted.

    Calls DescribeImages and what ``decide_images`` and ``plan_delete`` call.

    Args:
        cloud: where to ask.
        pattern: which images may be deleted: ``family:NAME``, or a glob of names (``web-*``).

    Raises:
        PreconditionFailed: every image that matches the pattern is kept by a rule of ``prune``.
    """
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    family = pattern.removeprefix(FAMILY_PREFIX)
    is_family = family != pattern
    selection = Selection(families=(family,)) if is_family else Selection(names=(pattern,))
    facts = image_facts(images, selection, now(cloud))
    decided = decide_images(cloud, facts, Retention())
    candidates = [one.image for one in decided if one.decision.action is Action.DELETE]
    if not candidates:
        raise PreconditionFailed(Message("NothingToReplace", region=cloud.region, pattern=pattern))
    (plan,) = plan_delete(cloud, [min(candidates, key=age_order)], DeleteRequest())
    return plan
