"""Listing images: of a region or of all, filtered, newest first."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.workflows.all_regions import read_regions

TYPES: Mapping[str, str | None] = {
    "private": cvm.PRIVATE,
    "public": cvm.PUBLIC,
    "shared": cvm.SHARED,
    "all": None,
}
"""The API's image type for each word of ``--type``."""

_WILDCARD = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class ImageQuery:
    """Which images are wanted.

    Attributes:
        name: a glob (``web-*``); upper and lower case differ; empty means any.
        family: an image family; empty means any.
        state: such as "NORMAL" or "CREATING"; empty means any.
        type: a key of ``TYPES``.
        tags: tags that the image must carry.
    """

    name: str = ""
    family: str = ""
    state: str = ""
    type: str = "private"
    tags: Mapping[str, str] = field(default_factory=dict)

    def matches(self, image: Image) -> bool:
        """Whether ``image`` is wanted."""
        return (
            (not self.name or fnmatch.fnmatchcase(image.image_name, self.name))
            and (not self.family or image.image_family == self.family)
            and (not self.state or image.image_state == self.state)
            and all(image.tag_map.get(key) == value for key, value in self.tags.items())
        )


@dataclass(frozen=True)
class RegionalImage:
    """An image and the region that holds it."""

    image: Image
    region: str


def list_images(
    cloud: Cloud, query: ImageQuery, *, all_regions: bool = False
) -> list[RegionalImage]:
    """The images that fit, newest first (DescribeImages).

    Raises:
        CvmimgError: a region could not be queried: a list is never silently incomplete; its
            ``result`` has the images of the others.
    """
    read = partial(_list_region, query)
    return read_regions(cloud, read, all_regions=all_regions, order=_newest_first)


def _list_region(query: ImageQuery, cloud: Cloud) -> list[RegionalImage]:
    # The API's name filter finds parts of names: only a name without wildcards can be left to it.
    plain_name = query.name if query.name and not _WILDCARD.search(query.name) else None
    images = cvm.describe_images(
        cloud, image_type=TYPES[query.type], name=plain_name, tags=query.tags
    )
    return [RegionalImage(image, cloud.region) for image in images if query.matches(image)]


def _newest_first(found: RegionalImage) -> tuple[float, str, str]:
    made = found.image.created_time
    return (-made.timestamp() if made else 0.0, found.region, found.image.image_id)
