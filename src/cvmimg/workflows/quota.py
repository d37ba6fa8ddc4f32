"""How many custom images regions hold, and how many they may hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from cvmimg.cloud import cvm
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.region import all_regions as every_region

ASSUMED_QUOTA = 10
"""Custom images that a region may hold where DescribeImageQuota does not say."""


@dataclass(frozen=True)
class RegionQuota:
    """The custom images of a region.

    Attributes:
        used: how many there are.
        allowed: how many there may be.
        assumed: whether ``allowed`` is the tool's own figure, because the API did not say.
    """

    region: str
    used: int
    allowed: int
    assumed: bool = False

    @property
    def free(self) -> int:
        """How many more there may be."""
        return max(0, self.allowed - self.used)


def image_quota(cloud: Cloud, *, all_regions: bool = False) -> list[RegionQuota]:
    """Used and allowed custom images, of the cloud's region or of all.

    Calls DescribeImageQuota and DescribeImages' TotalCount.

    Raises:
        CvmimgError: a region could not be queried.
    """
    clouds = every_region(cloud) if all_regions else [cloud]
    return concurrently([partial(_region_quota, each) for each in clouds])


def _region_quota(cloud: Cloud) -> RegionQuota:
    allowed = cvm.describe_image_quota(cloud)
    return RegionQuota(
        region=cloud.region,
        used=cvm.count_private_images(cloud),
        allowed=ASSUMED_QUOTA if allowed is None else allowed,
        assumed=allowed is None,
    )
