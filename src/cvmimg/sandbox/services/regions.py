"""region DescribeRegions; cvm DescribeRegions and DescribeZones."""

from __future__ import annotations

from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.world import catalog, regions


@action("region", "DescribeRegions")
def describe_regions(_: Call) -> Answer:
    """List the regions of a product: the same for all products."""
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


@action("cvm", "DescribeRegions")
def describe_cvm_regions(_: Call) -> Answer:
    """List regions; the newest are missing."""
    found = [
        {"Region": region, "RegionName": name_zh, "RegionState": "AVAILABLE"}
        for region, (_, name_zh) in regions.NAMES.items()
        if region not in regions.UNKNOWN_TO_CVM
    ]
    return {"TotalCount": len(found), "RegionSet": found}


@action("cvm", "DescribeZones")
def describe_zones(call: Call) -> Answer:
    """List the zones of the region."""
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
