"""Ask the same of every region, side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import UNKNOWN_REGION, matches
from cvmimg.cloud.region import all_regions as every_region
from cvmimg.errors import CvmimgError
from cvmimg.workflows.several import attempt_all, failure_of

Found = TypeVar("Found")


def read_regions(
    cloud: Cloud,
    read: Callable[[Cloud], list[Found]],
    *,
    all_regions: bool = True,
    order: Callable[[Found], Any] | None = None,
) -> list[Found]:
    """Return what a region, or every region, answers (DescribeRegions).

    The region service lists regions that not every account may use, such as finance regions; one
    that refuses the account with UnsupportedRegion holds nothing of it.

    Args:
        cloud: the region to ask, and how to reach the others.
        read: asks one region.
        all_regions: whether to ask all of them.
        order: the key to sort by; None for the order of the regions.

    Raises:
        CvmimgError: regions could not be queried; the message names them, and ``result`` holds what
            the others answered.
    """
    clouds = every_region(cloud) if all_regions else [cloud]
    answers = attempt_all([partial(read, each) for each in clouds])
    found = [item for answer in answers if isinstance(answer, list) for item in answer]
    if order is not None:
        found.sort(key=order)
    pairs = zip(clouds, answers, strict=True)
    errors = {
        each.region: error
        for each, error in pairs
        if isinstance(error, CvmimgError)
        and not (all_regions and matches(error.code, UNKNOWN_REGION))
    }
    failure = failure_of(errors, len(clouds))
    if failure is None:
        return found
    failure.result = found if len(errors) < len(clouds) else None
    raise failure
