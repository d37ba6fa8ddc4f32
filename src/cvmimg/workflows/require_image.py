"""Refuse an image that a command cannot work with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cvmimg.cloud import cvm
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import REVOKED_TAG
from cvmimg.cloud.states import IMAGE_IN_PROGRESS, IMAGE_READY
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message
from cvmimg.workflows.if_permitted import if_permitted


def require_own(image: Image) -> None:
    """Refuse an image that is not the account's own.

    Raises:
        PreconditionFailed: it is public, or another account's.
    """
    if image.image_type != cvm.PRIVATE:
        raise PreconditionFailed(
            Message("NotYourImage", image=image.image_id, type=image.image_type)
        )


def require_ready(image: Image) -> None:
    """Refuse an image that cannot be used.

    Raises:
        PreconditionFailed: it is still being created, or that failed.
    """
    if image.image_state == IMAGE_READY:
        return
    code = "ImageInProgress" if image.image_state in IMAGE_IN_PROGRESS else "ImageUnusable"
    message = Message(code, image=image.image_id, state=image.image_state)
    raise PreconditionFailed(message, code="ImageNotReady")


def require_not_revoked(image: Image) -> None:
    """Refuse an image that ``family rollback`` has revoked.

    Raises:
        PreconditionFailed: it was revoked; the message has the reason.
    """
    if REVOKED_TAG in image.tag_map:
        reason = image.tag_map[REVOKED_TAG]
        raise PreconditionFailed(Message("ImageRevoked", image=image.image_id, reason=reason))


def require_changeable(cloud: Cloud, images: Sequence[Image]) -> None:
    """Refuse images that are shared: the API then changes none of their attributes.

    Calls DescribeImageSharePermission; where it may not be called, the API has the last word.

    Raises:
        PreconditionFailed: some are shared; the message names them.
    """
    ask = partial(cvm.describe_image_share_permission, cloud)
    questions = [partial(ask, image.image_id) for image in images]
    shares = concurrently([partial(if_permitted, question) for question in questions])
    shared = [image.image_id for image, accounts in zip(images, shares, strict=True) if accounts]
    if shared:
        raise PreconditionFailed(Message("SharedImageUnchangeable", images=shared, image=shared[0]))
