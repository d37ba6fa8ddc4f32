"""Making a place for a new image where the quota is used up: the oldest one that may go."""

from __future__ import annotations

import fnmatch

from cvmimg.checks.facts import ASSUMED_QUOTA
from cvmimg.checks.image_use import oldest_unused
from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.errors import PreconditionFailed
from cvmimg.workflows.delete.plan import DeleteRequest, ImageDeletion, plan_delete
from cvmimg.workflows.find_image import FAMILY_PREFIX


def plan_replacement(cloud: Cloud, pattern: str) -> ImageDeletion | None:
    """The deletion that makes a place; None if there is one already. Nothing is deleted.

    Rests on DescribeImages, DescribeImageQuota, and what ``plan_delete`` asks.

    Args:
        cloud: where to ask.
        pattern: which images may go: ``family:NAME``, or a glob of names (``web-*``).

    Raises:
        PreconditionFailed: every image that fits the pattern is in use or shared.
    """
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    quota = cvm.describe_image_quota(cloud)
    if len(images) < (ASSUMED_QUOTA if quota is None else quota):
        return None
    candidates = oldest_unused(cloud, [image for image in images if _fits(image, pattern)])
    if not candidates:
        raise PreconditionFailed(
            f"--replace-oldest: no image in {cloud.region} fits {pattern!r} and is used by nothing",
            code="NothingToReplace",
            hint="name other images, such as 'web-*' or family:web, or delete one yourself",
        )
    (plan,) = plan_delete(cloud, candidates[:1], DeleteRequest())
    return plan


def _fits(image: Image, pattern: str) -> bool:
    if pattern.startswith(FAMILY_PREFIX):
        return image.image_family == pattern.removeprefix(FAMILY_PREFIX)
    return fnmatch.fnmatchcase(image.image_name, pattern)
