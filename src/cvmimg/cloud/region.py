"""The regions of Tencent Cloud (region 2022-06-27)."""

from __future__ import annotations

from cvmimg.cloud.answers import parse_list, unexpected
from cvmimg.cloud.api_model import Unreadable
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.ids import REGION, is_id
from cvmimg.cloud.models import Region

_AVAILABLE = "AVAILABLE"


def describe_regions(cloud: Cloud) -> list[Region]:
    """List the regions in which instances can be created (DescribeRegions).

    The action of the same name in cvm is no longer kept up to date.

    Raises:
        Unreachable: a name is not that of a region; names of regions become parts of host names.
    """
    answer = cloud.read("region", "DescribeRegions", {"Product": "cvm"}, has=("RegionSet",))
    regions = parse_list(Region, answer, "RegionSet", action="DescribeRegions")
    if not all(is_id(REGION, region.region) for region in regions):
        raise unexpected("DescribeRegions", Unreadable("RegionSet.Region"))
    return regions


def all_regions(cloud: Cloud) -> list[Cloud]:
    """Return the cloud in every region that is available now (DescribeRegions)."""
    available = [each for each in describe_regions(cloud) if each.region_state == _AVAILABLE]
    return [cloud.in_region(name) for name in dict.fromkeys(each.region for each in available)]
