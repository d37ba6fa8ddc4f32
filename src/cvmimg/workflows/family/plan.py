"""Plan which images have to change so that a family serves another one.

The API knows no "current" image of a family: it serves the newest image that is not deprecated. An
older image can therefore only serve if all newer ones are deprecated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.limits import TAG_VALUE_LENGTH
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import DEPRECATED_TAG, PROMOTED_TAG, REVOKED_TAG
from cvmimg.errors import NotFound, PreconditionFailed, UsageError
from cvmimg.message import Message
from cvmimg.suggest import did_you_mean
from cvmimg.workflows.family.families import (
    age_order,
    family_names,
    family_of,
    is_usable,
    newest_first,
    serving_images,
)
from cvmimg.workflows.image_edit import ImageEdit
from cvmimg.workflows.moments import as_tag, now
from cvmimg.workflows.require_image import (
    require_changeable,
    require_not_revoked,
    require_own,
    require_ready,
)


@dataclass(frozen=True)
class FamilyPlan:
    """A change of the image that a family serves.

    Attributes:
        family: its name.
        before: the image that serves now; None if none does.
        after: the image that serves then; None if none will.
        deprecated: images that are deprecated for it.
        edits: what is changed, in this order; empty if nothing has to be.
    """

    family: str
    before: Image | None
    after: Image | None
    deprecated: tuple[Image, ...]
    edits: tuple[ImageEdit, ...]


def plan_promotion(cloud: Cloud, image: Image, family: str = "") -> FamilyPlan:
    """Plan that an image serves its family: it is not deprecated, and every newer one is.

    Calls DescribeImages and DescribeImageSharePermission.

    Args:
        cloud: the image's region.
        image: the image that is to serve.
        family: the family; empty for the image's own, or the one it is meant for.

    Raises:
        UsageError: the image has no family, and none is given.
        PreconditionFailed: the image is not ready, revoked or another account's, or an image that
            has to change is shared.
    """
    family = family or family_of(image)
    if not family:
        raise UsageError(Message("FamilyMissing", image=image.image_id))
    require_own(image)
    require_ready(image)
    require_not_revoked(image)
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    newer = [
        each
        for each in newest_first(images)
        if each.image_family == family and is_usable(each) and age_order(each) > age_order(image)
    ]
    moment = as_tag(now(cloud))
    changes: dict[str, Any] = {"ImageDeprecated": False} if image.image_deprecated else {}
    if image.image_family != family:
        changes["ImageFamily"] = family
    edits = [
        ImageEdit.of(each, {"ImageDeprecated": True}, {DEPRECATED_TAG: moment}) for each in newer
    ]
    if changes or edits:
        edits.insert(0, ImageEdit.of(image, changes, {PROMOTED_TAG: moment}))
        require_changeable(cloud, [image, *newer] if changes else newer)
    before = serving_images(images).get(family)
    return FamilyPlan(family, before, image, tuple(newer), tuple(edits))


def plan_rollback(cloud: Cloud, family: str, reason: str, *, force: bool = False) -> FamilyPlan:
    """Plan that the image which serves a family is revoked, so that the one before it serves.

    Calls DescribeImages and DescribeImageSharePermission.

    Args:
        cloud: the region.
        family: its name.
        reason: why the image must not be launched any more; the value of a tag.
        force: roll back although no older image can serve.

    Raises:
        UsageError: the reason is empty or too long for a tag.
        NotFound: the family serves no image.
        PreconditionFailed: no older image can serve, or the image is shared.
    """
    if not 1 <= len(reason) <= TAG_VALUE_LENGTH:
        raise UsageError(Message("ReasonLength", longest=TAG_VALUE_LENGTH))
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    bad = serving_images(images).get(family)
    if bad is None:
        raise NotFound(
            Message("FamilyServesNothing", family=family, region=cloud.region),
            hint=did_you_mean(family, lambda: set(family_names(images)) - {family}),
        )
    others = [image for image in images if image.image_id != bad.image_id]
    after = serving_images(others).get(family)
    if after is None and not force:
        raise PreconditionFailed(Message("NothingToRollBackTo", family=family, image=bad.image_id))
    require_changeable(cloud, [bad])
    tags = {REVOKED_TAG: reason, DEPRECATED_TAG: as_tag(now(cloud))}
    edit = ImageEdit.of(bad, {"ImageDeprecated": True}, tags)
    return FamilyPlan(family, bad, after, (bad,), (edit,))
