"""cvm InquiryPriceRunInstances: made-up prices of a plausible size."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox.services.instances.launch_request import SPOT_SHARE, DiskOrder, Order, read
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.world import catalog


@action("cvm", "InquiryPriceRunInstances")
def inquiry_price_run_instances(call: Call) -> dict[str, Any]:
    """What instances would cost, all together."""
    return {"Price": price(read(call))}


_HOURS_A_MONTH = 730
_PREPAID_SHARE = 0.45
"""A month paid for in advance, as a part of that month paid for by the hour."""
_YEAR_DISCOUNT = 85.0
_YUAN_PER_GB = 0.8
_YUAN_PER_MBIT_AN_HOUR = 0.063


def price(order: Order) -> dict[str, Any]:
    """The price of all instances of ``order`` together, in yuan."""
    hourly = order.count * (
        _instance(order) + sum(map(_disk, (order.system_disk, *order.data_disks)))
    )
    if order.charge_type == "PREPAID":
        months = order.params["InstanceChargePrepaid"]["Period"]
        instances = _in_advance(hourly, months)
    else:
        instances = _by_unit(hourly, "HOUR")
    return {"InstancePrice": instances, "BandwidthPrice": _bandwidth(order)}


def _instance(order: Order) -> float:
    share = SPOT_SHARE if order.charge_type == "SPOTPAID" else 1.0
    return order.instance_type.price * share


def _disk(disk: DiskOrder) -> float:
    return disk.gib * catalog.CLOUD_DISK_PRICES.get(disk.type, 0.0)


def _bandwidth(order: Order) -> dict[str, Any]:
    internet = order.params.get("InternetAccessible", {})
    bandwidth = internet.get("InternetMaxBandwidthOut", 0)
    if not bandwidth:
        return _by_unit(0.0, "HOUR")
    if internet.get("InternetChargeType", "").startswith("BANDWIDTH"):
        return _by_unit(order.count * bandwidth * _YUAN_PER_MBIT_AN_HOUR, "HOUR")
    return _by_unit(_YUAN_PER_GB, "GB")


def _by_unit(yuan: float, unit: str) -> dict[str, Any]:
    amount = round(yuan, 4)
    return {
        "UnitPrice": amount,
        "UnitPriceDiscount": amount,
        "Discount": 100.0,
        "ChargeUnit": unit,
    }


def _in_advance(hourly: float, months: int) -> dict[str, Any]:
    original = hourly * _HOURS_A_MONTH * _PREPAID_SHARE * months
    discount = _YEAR_DISCOUNT if months >= 12 else 100.0
    return {
        "OriginalPrice": round(original, 2),
        "DiscountPrice": round(original * discount / 100, 2),
        "Discount": discount,
    }
