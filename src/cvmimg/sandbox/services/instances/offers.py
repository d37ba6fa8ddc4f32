"""cvm: DescribeZoneInstanceConfigInfos."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cvmimg.sandbox.services import answers, filters
from cvmimg.sandbox.services.instances import launch_request, pricing
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.world import catalog

_CHARGE_TYPES = ("POSTPAID_BY_HOUR", "PREPAID", "SPOTPAID")


@action("cvm", "DescribeZoneInstanceConfigInfos")
def describe_zone_instance_config_infos(call: Call) -> Answer:
    """List the instance types of each zone, with their price and whether they are available."""
    found = filters.select(call, _offers(call), _FILTERS, unknown="InvalidFilter")
    return {"InstanceTypeQuotaSet": list(found)}


def _offers(call: Call) -> Iterator[dict[str, Any]]:
    for zone in catalog.zones(call.region):
        for instance_type in catalog.INSTANCE_TYPES.values():
            for charge_type in _CHARGE_TYPES:
                yield _offer(call, zone, instance_type, charge_type)


def _offer(
    call: Call, zone: catalog.Zone, instance_type: catalog.InstanceType, charge_type: str
) -> Answer:
    family = instance_type.name.partition(".")[0]
    stock = call.store.get(launch_request.STOCK, f"{zone.id}/{instance_type.name}")
    sold_out = (
        not zone.available
        or (zone.id, family) in catalog.SOLD_OUT
        or (stock is not None and stock["Value"] == 0)
    )
    return {
        **answers.of("Offer"),
        "Zone": zone.id,
        "InstanceType": instance_type.name,
        "InstanceChargeType": charge_type,
        "InstanceFamily": family,
        "TypeName": f"Standard {family}",
        "Cpu": instance_type.cpu,
        "Memory": instance_type.memory,
        "Price": pricing.of_type(instance_type, charge_type),
        "Status": "SOLD_OUT" if sold_out else "SELL",
        "StatusCategory": "WithoutStock" if sold_out else "EnoughStock",
        "SoldOutReason": "Sold out" if sold_out else "",
    }


_FILTERS: filters.Known = {
    "zone": "Zone",
    "instance-family": "InstanceFamily",
    "instance-type": "InstanceType",
    "instance-charge-type": "InstanceChargeType",
}
