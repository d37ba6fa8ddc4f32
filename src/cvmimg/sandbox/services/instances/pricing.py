"""cvm InquiryPriceRunInstances: made-up prices of a plausible size."""

from __future__ import annotations

from cvmimg.sandbox.services.instances.launch_request import (
    SPOT_PRICE_RATIO,
    DiskRequest,
    LaunchRequest,
    read,
)
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.world import catalog


@action("cvm", "InquiryPriceRunInstances")
def inquiry_price_run_instances(call: Call) -> Answer:
    """Return the price of instances, all together."""
    return {"Price": price(read(call))}


_HOURS_A_MONTH = 730
_PREPAID_RATIO = 0.45
"""Price of a prepaid month, relative to the hourly price."""
_YEAR_DISCOUNT = 85.0
_CNY_PER_GB = 0.8
_CNY_PER_MBIT_AN_HOUR = 0.063


def price(request: LaunchRequest) -> Answer:
    """Return the price of all instances together, in CNY."""
    hourly = request.count * (
        _instance(request) + sum(map(_disk, (request.system_disk, *request.data_disks)))
    )
    if request.charge_type == "PREPAID":
        months = request.params["InstanceChargePrepaid"]["Period"]
        instances = _in_advance(hourly, months)
    else:
        instances = _by_unit(hourly, "HOUR")
    return {"InstancePrice": instances, "BandwidthPrice": _bandwidth(request)}


def of_type(instance_type: catalog.InstanceType, charge_type: str) -> Answer:
    """Return the price of one instance without its disks, in CNY."""
    if charge_type == "PREPAID":
        return _in_advance(instance_type.price, 1)
    ratio = SPOT_PRICE_RATIO if charge_type == "SPOTPAID" else 1.0
    return _by_unit(instance_type.price * ratio, "HOUR")


def _instance(request: LaunchRequest) -> float:
    ratio = SPOT_PRICE_RATIO if request.charge_type == "SPOTPAID" else 1.0
    return request.instance_type.price * ratio


def _disk(disk: DiskRequest) -> float:
    return disk.gib * catalog.CLOUD_DISK_PRICES.get(disk.type, 0.0)


def _bandwidth(request: LaunchRequest) -> Answer:
    internet = request.params.get("InternetAccessible", {})
    bandwidth = internet.get("InternetMaxBandwidthOut", 0)
    if not bandwidth:
        return _by_unit(0.0, "HOUR")
    if internet.get("InternetChargeType", "").startswith("BANDWIDTH"):
        return _by_unit(request.count * bandwidth * _CNY_PER_MBIT_AN_HOUR, "HOUR")
    return _by_unit(_CNY_PER_GB, "GB")


def _by_unit(cny: float, unit: str) -> Answer:
    amount = round(cny, 4)
    return {
        "UnitPrice": amount,
        "UnitPriceDiscount": amount,
        "Discount": 100.0,
        "ChargeUnit": unit,
    }


def _in_advance(hourly: float, months: int) -> Answer:
    original = hourly * _HOURS_A_MONTH * _PREPAID_RATIO * months
    discount = _YEAR_DISCOUNT if months >= 12 else 100.0
    return {
        "OriginalPrice": round(original, 2),
        "DiscountPrice": round(original * discount / 100, 2),
        "Discount": discount,
    }
