"""region: which regions there are."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox import regions
from cvmimg.sandbox.call import Call, action


@action("region", "DescribeRegions")
def describe_regions(_: Call) -> dict[str, Any]:
    """The regions in which a product is sold: here, the same for all."""
    found = [
        {
            "Region": region,
            "RegionName": name_zh,
            "RegionState": "AVAILABLE",
            "RegionTypeMC": None,
            "LocationMC": None,
            "RegionNameMC": None,
            "RegionIdMC": None,
        }
        for region, (_, name_zh) in regions.NAMES.items()
    ]
    return {"TotalCount": len(found), "RegionSet": found}
