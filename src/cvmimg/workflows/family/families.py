"""Which image of a family serves: the newest usable one, as DescribeImageFromFamily decides it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import FAMILY_TAG
from cvmimg.cloud.states import IMAGE_READY
from cvmimg.workflows.all_regions import read_regions

_LONG_AGO = datetime.fromtimestamp(0, timezone.utc)


@dataclass(frozen=True)
class Family:
    """A family in a region.

    Attributes:
        name: its name.
        region: where.
        images: its images, newest first, with those that are only meant for it.
        serving: the image that serves; None if no image is usable.
    """

    name: str
    region: str
    images: tuple[Image, ...]
    serving: Image | None


def list_families(cloud: Cloud, *, all_regions: bool = False) -> list[Family]:
    """List the families of the custom images, by name (DescribeImages).

    Raises:
        CvmimgError: a region could not be queried; its ``result`` has the families of the others.
    """
    return read_regions(cloud, _list_region, all_regions=all_regions)


def _list_region(cloud: Cloud) -> list[Family]:
    images = newest_first(cvm.describe_images(cloud, image_type=cvm.PRIVATE))
    serving = serving_images(images)
    return [
        Family(name, cloud.region, tuple(members(images, name)), serving.get(name))
        for name in family_names(images)
    ]


def family_of(image: Image) -> str:
    """Return the family of an image, or the one it is meant for; empty for none."""
    return image.image_family or image.tag_map.get(FAMILY_TAG, "")


def family_names(images: Iterable[Image]) -> list[str]:
    """Return the names of the families that images belong to or are meant for."""
    return sorted(filter(None, {family_of(image) for image in images}))


def members(images: Iterable[Image], family: str) -> list[Image]:
    """Return the images of a family, with those that are only meant for it."""
    return [image for image in images if family_of(image) == family]


def is_usable(image: Image) -> bool:
    """Return whether an image can serve its family: it is ready and not deprecated."""
    return image.image_state == IMAGE_READY and not image.image_deprecated


def age_order(image: Image) -> tuple[datetime, str]:
    """Return a key that sorts images by the time of their creation, oldest first."""
    return (image.created_time or _LONG_AGO, image.image_id)


def newest_first(images: Iterable[Image]) -> list[Image]:
    """Sort images by the time of their creation; those without one come last."""
    return sorted(images, key=age_order, reverse=True)


def serving_images(images: Iterable[Image]) -> dict[str, Image]:
    """Return the image that serves, by family; a family without a usable image has none."""
    serving: dict[str, Image] = {}
    for image in newest_first(images):
        if image.image_family and is_usable(image):
            serving.setdefault(image.image_family, image)
    return serving
