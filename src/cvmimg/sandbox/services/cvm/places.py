"""cvm DescribeRegions and DescribeZones."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox import catalog, regions
from cvmimg.sandbox.call import Call, action


@action("cvm", "DescribeRegions")
def describe_regions(_: Call) -> dict[str, Any]:
    """All regions."""
    found = [
        {"Region": region, "RegionName": name_zh, "RegionState": "AVAILABLE"}
        for region, (_, name_zh) in regions.NAMES.items()
    ]
    return {"TotalCount": len(found), "RegionSet": found}


@action("cvm", "DescribeZones")
def describe_zones(call: Call) -> dict[str, Any]:
    """The zones of the region."""
    found = [
        {
            "Zone": zone.id,
            "ZoneName": zone.name,
            "ZoneId": zone.number,
            "ZoneState": "AVAILABLE" if zone.available else "UNAVAILABLE",
        }
        for zone in catalog.zones(call.region)
    ]
    return {"TotalCount": len(found), "ZoneSet": found}
