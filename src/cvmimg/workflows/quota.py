"""How many custom images regions hold, and how many they may hold."""

from __future__ import annotations

from dataclasses import dataclass

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.workflows.all_regions import read_regions

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
        CvmimgError: a region could not be queried; its ``result`` has the quotas of the others.
    """
    return read_regions(cloud, _region_quota, all_regions=all_regions)


def _region_quota(cloud: Cloud) -> list[RegionQuota]:
    allowed = cvm.describe_image_quota(cloud)
    quota = RegionQuota(
        region=cloud.region,
        used=cvm.count_private_images(cloud),
        allowed=ASSUMED_QUOTA if allowed is None else allowed,
        assumed=allowed is None,
    )
    return [quota]
