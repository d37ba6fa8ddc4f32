"""cbs: CreateDisks and DescribeDiskConfigQuota."""

from __future__ import annotations

from cvmimg.sandbox.services import answers, disks, resource_tags, snapshots
from cvmimg.sandbox.state import documents, ids, kinds
from cvmimg.sandbox.state.kinds import ApiObject, DiskClientToken, DiskHolder, Snapshot
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog

_TOKENS = kinds.DISK_CLIENT_TOKEN
"""Kind of the documents that hold the disks created with a ClientToken."""
_CHARGE_TYPES = ("PREPAID", "POSTPAID_BY_HOUR")
_HOURS_A_MONTH = 730


@action("cbs", "CreateDisks", writes=True)
def create_disks(call: Call) -> Answer:
    """Create data disks that are not attached."""
    token = call.params.get("ClientToken")
    token_id = f"{call.account}/{call.region}/{token}" if token else ""
    known = call.store.get(_TOKENS, token_id) if token_id else None
    if known is not None:
        return {"DiskIdSet": known["DiskIds"]}
    _check_zone(call, call.params["Placement"]["Zone"])
    snapshot = _snapshot(call)
    gib = _size(call, snapshot)
    count = call.params.get("DiskCount", 1)
    created = [_create(call, number, gib, snapshot) for number in range(count)]
    if token_id:
        call.store.put(_token(call, token_id, created))
    return {"DiskIdSet": created}


@action("cbs", "DescribeDiskConfigQuota")
def describe_disk_config_quota(call: Call) -> Answer:
    """List the disk types of each zone with their sizes and prices."""
    params = call.params
    found = [
        _config(zone, disk_type, usage, charge_type)
        for zone in catalog.zones(call.region)
        for disk_type in catalog.CLOUD_DISK_PRICES
        for usage in (disks.SYSTEM_DISK, disks.DATA_DISK)
        for charge_type in _CHARGE_TYPES
        if zone.id in params.get("Zones", [zone.id])
        if disk_type in params.get("DiskTypes", [disk_type])
        if usage == params.get("DiskUsage", usage)
        if charge_type == params.get("DiskChargeType", charge_type)
    ]
    return {"DiskConfigSet": found}


def _check_zone(call: Call, zone: str) -> None:
    if zone not in [known.id for known in catalog.zones(call.region)]:
        raise refusal("InvalidParameterValue", "create.zone", zone=zone, region=call.region)


def _snapshot(call: Call) -> Snapshot | None:
    identifier = call.params.get("SnapshotId")
    if not identifier:
        return None
    found = snapshots.require(call, identifier)
    if found["DiskUsage"] != disks.DATA_DISK or snapshots.state(found, call.now) != "NORMAL":
        raise refusal("InvalidSnapshot.NotSupported", "create.snapshot", id=identifier)
    return found


def _size(call: Call, snapshot: Snapshot | None) -> int:
    least = snapshot["SizeGib"] if snapshot else None
    gib = call.params.get("DiskSize", least)
    if gib is None:
        raise refusal("MissingParameter", "create.size")
    if least is not None and gib < least:
        raise refusal("InvalidParameter.DiskSizeNotMatch")
    disks.check_size(call.params["DiskType"], gib)
    return int(gib)


def _create(call: Call, number: int, gib: int, snapshot: Snapshot | None) -> str:
    identifier = ids.new_id(call, "disk", number)
    unattached: DiskHolder = {
        "Id": "",
        "Account": call.account,
        "Region": call.region,
        "Created": call.now,
        "Placement": call.params["Placement"],
        "InstanceChargeType": call.params["DiskChargeType"],
    }
    call.store.put(
        {
            **disks.new(
                identifier,
                unattached,
                disks.DATA_DISK,
                0,
                DiskType=call.params["DiskType"],
                SizeGib=gib,
                Name=call.params.get("DiskName", ""),
                Encrypt=call.params.get("Encrypt") == "ENCRYPT",
                DeleteWithInstance=False,
                FileSystem=snapshot["FileSystem"] if snapshot else None,
                FromSnapshot=snapshot["Id"] if snapshot else "",
            ),
            **resource_tags.on_creation(call, call.params.get("Tags", [])),
        }
    )
    return identifier


def _token(call: Call, identifier: str, created: list[str]) -> DiskClientToken:
    return {**documents.new(call, _TOKENS, identifier), "DiskIds": created}


def _config(zone: catalog.Zone, disk_type: str, usage: str, charge_type: str) -> Answer:
    least, most = disks.size_range(disk_type)
    return {
        **answers.of("DiskConfig"),
        "Available": zone.available,
        "DiskChargeType": charge_type,
        "Zone": zone.id,
        "DiskType": disk_type,
        "DiskUsage": usage,
        "MinDiskSize": least,
        "MaxDiskSize": most if usage == disks.DATA_DISK else 2048,
        "Price": _price(catalog.CLOUD_DISK_PRICES[disk_type], charge_type),
    }


def _price(hourly: float, charge_type: str) -> ApiObject:
    month = round(hourly * _HOURS_A_MONTH, 4)
    by_hour = {
        "ChargeUnit": "HOUR",
        **dict.fromkeys(("UnitPrice", "UnitPriceDiscount"), hourly),
        **dict.fromkeys(("UnitPriceHigh", "UnitPriceDiscountHigh"), f"{hourly:.6f}"),
    }
    by_month = {
        **dict.fromkeys(("OriginalPrice", "DiscountPrice"), month),
        **dict.fromkeys(("OriginalPriceHigh", "DiscountPriceHigh"), f"{month:.6f}"),
    }
    if charge_type == "PREPAID":
        return {**dict.fromkeys(by_hour), **by_month}
    return {**by_hour, **dict.fromkeys(by_month)}
