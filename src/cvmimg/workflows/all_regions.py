"""Ask the same of every region, side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import UNKNOWN_REGION, matches
from cvmimg.cloud.region import all_regions as every_region
from cvmimg.errors import CvmimgError
from cvmimg.workflows.several import failure_of

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
    if not all_regions:
        return _sorted(read(cloud), order)
    clouds = every_region(cloud)
    answers = concurrently([partial(_answer, each, read) for each in clouds])
    found = [item for answer in answers if isinstance(answer, list) for item in answer]
    pairs = zip(clouds, answers, strict=True)
    errors = {each.region: error for each, error in pairs if isinstance(error, CvmimgError)}
    failure = failure_of(errors, len(clouds))
    if failure is None:
        return _sorted(found, order)
    failure.result = _sorted(found, order) if len(errors) < len(clouds) else None
    raise failure


def _sorted(found: list[Found], order: Callable[[Found], Any] | None) -> list[Found]:
    return found if order is None else sorted(found, key=order)


def _answer(cloud: Cloud, read: Callable[[Cloud], list[Found]]) -> list[Found] | CvmimgError:
    try:
        return read(cloud)
    except CvmimgError as error:
        return [] if matches(error.code, UNKNOWN_REGION) else error
