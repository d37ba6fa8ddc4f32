"""From what a user calls an image (id, exact name, ``family:web``) to the image."""

from __future__ import annotations

import difflib
import re

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.errors import NotFound, UsageError

FAMILY_PREFIX = "family:"
_IMAGE_ID = re.compile(r"img-[0-9a-z]{8}")


def find_image(cloud: Cloud, reference: str) -> Image:
    """The one image that ``reference`` means in the cloud's region.

    Args:
        cloud: where to look.
        reference: an id (img-…), an exact name, or ``family:NAME`` for the family's newest usable
            image (DescribeImageFromFamily).

    Raises:
        NotFound: there is no such image.
        UsageError: several images have the name; the message lists them.
    """
    if _IMAGE_ID.fullmatch(reference):
        return cvm.describe_image(cloud, reference)
    if reference.startswith(FAMILY_PREFIX):
        return _newest_of_family(cloud, reference.removeprefix(FAMILY_PREFIX))
    return _by_name(cloud, reference)


def _newest_of_family(cloud: Cloud, family: str) -> Image:
    image = cvm.describe_image_from_family(cloud, family)
    if image is None:
        raise NotFound(
            f"family {family!r} has no usable image in {cloud.region}",
            hint=f"see `cvmimg list --family {family} --region {cloud.region}`",
        )
    return image


def _by_name(cloud: Cloud, name: str) -> Image:
    similar = cvm.describe_images(cloud, name=name)  # the API finds parts of names, too
    exact = [image for image in similar if image.image_name == name]
    if len(exact) == 1:
        return exact[0]
    if exact:
        listed = ", ".join(f"{image.image_id} ({image.image_type})" for image in exact)
        raise UsageError(
            f"{len(exact)} images in {cloud.region} have the name {name!r}: {listed}",
            code="AmbiguousImage",
            hint="give the id",
        )
    close = difflib.get_close_matches(name, [image.image_name for image in similar], n=3)
    raise NotFound(
        f"no image in {cloud.region} has the name {name!r}",
        hint=f"did you mean {', '.join(map(repr, close))}?"
        if close
        else f"see `cvmimg list --region {cloud.region}`",
    )
