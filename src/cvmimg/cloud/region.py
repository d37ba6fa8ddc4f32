"""The regions of Tencent Cloud (region 2022-06-27)."""

from __future__ import annotations

from cvmimg.cloud.answers import parse_list
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Region

_AVAILABLE = "AVAILABLE"


def describe_regions(cloud: Cloud) -> list[Region]:
    """List the regions in which instances can be created (DescribeRegions).

    The action of the same name in cvm is no longer kept up to date.
    """
    answer = cloud.read("region", "DescribeRegions", {"Product": "cvm"}, has=("RegionSet",))
    return parse_list(Region, answer, "RegionSet", action="DescribeRegions")


def all_regions(cloud: Cloud) -> list[Cloud]:
    """Return the cloud in every region that is available now (DescribeRegions)."""
    return [
        cloud.in_region(region.region)
        for region in describe_regions(cloud)
        if region.region_state == _AVAILABLE
    ]
