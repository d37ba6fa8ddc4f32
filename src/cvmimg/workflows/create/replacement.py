"""Make room for a new image where the quota is used up: delete the oldest unused one."""

from __future__ import annotations

import fnmatch

from cvmimg.checks.image_use import oldest_unused
from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message
from cvmimg.workflows.delete.plan import DeleteRequest, ImageDeletion, plan_delete
from cvmimg.workflows.find_image import FAMILY_PREFIX


def plan_replacement(cloud: Cloud, pattern: str) -> ImageDeletion:
    """Plan the deletion that makes room for an image. Nothing is deleted.

    Rests on DescribeImages and what ``plan_delete`` asks.

    Args:
        cloud: where to ask.
        pattern: which images may be deleted: ``family:NAME``, or a glob of names (``web-*``).

    Raises:
        PreconditionFailed: every image that matches the pattern is in use or shared.
    """
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    candidates = oldest_unused(cloud, [image for image in images if _fits(image, pattern)])
    if not candidates:
        raise PreconditionFailed(Message("NothingToReplace", region=cloud.region, pattern=pattern))
    (plan,) = plan_delete(cloud, candidates[:1], DeleteRequest())
    return plan


def _fits(image: Image, pattern: str) -> bool:
    if pattern.startswith(FAMILY_PREFIX):
        return image.image_family == pattern.removeprefix(FAMILY_PREFIX)
    return fnmatch.fnmatchcase(image.image_name, pattern)
