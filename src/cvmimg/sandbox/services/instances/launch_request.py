"""What RunInstances and InquiryPriceRunInstances ask for, with what follows from it."""

# ruff: noqa: RUF001 - Chinese messages have Chinese punctuation

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cvmimg.sandbox.services import disks, images, launch_templates, snapshots
from cvmimg.sandbox.state import documents
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import ApiError
from cvmimg.sandbox.world import catalog
from cvmimg.sandbox.world.catalog import InstanceType

STOCK = "stock"
"""The kind of the documents that tell how many instances can still be had."""
SPOT_SHARE = 0.2
"""The market price of a spot instance, as a part of the usual one."""

_CHARGE_TYPES = ("PREPAID", "POSTPAID_BY_HOUR", "SPOTPAID")
_PERIODS = frozenset({*range(1, 13), 24, 36, 48, 60})
_LARGEST_DISK = 32000
_SMALLEST_DISK = {"CLOUD_SSD": 20, "CLOUD_HSSD": 20, "CLOUD_TSSD": 20}
_SYSTEM_GIB = 50


@dataclass(frozen=True)
class DiskOrder:
    """A disk to be made; ``snapshot`` is what it starts with."""

    type: str
    gib: int
    name: str = ""
    encrypt: bool = False
    delete_with_instance: bool = True
    snapshot: Document | None = None


@dataclass(frozen=True)
class Order:
    """Instances to be started.

    Attributes:
        params: the request, on top of its launch template.
        count: how many.
        zone: where.
        image: what they start from.
        instance_type: their size.
        charge_type: how they are paid for.
        system_disk: of each.
        data_disks: of each.
    """

    params: Mapping[str, Any]
    count: int
    zone: str
    image: Document
    instance_type: InstanceType
    charge_type: str
    system_disk: DiskOrder
    data_disks: tuple[DiskOrder, ...]


def read(call: Call) -> Order:
    """What ``call`` orders.

    Raises:
        ApiError: it makes no sense, or cannot be had.
    """
    params = launch_templates.merged(call)
    for name in ("Placement", "ImageId"):
        if name not in params:
            raise ApiError(
                "MissingParameter",
                f"The request is missing a required parameter `{name}`.",
                f"缺少参数：`{name}`。",
            )
    image = _image(call, params["ImageId"])
    zone = _zone(call, params["Placement"]["Zone"])
    instance_type = _instance_type(params, zone)
    return Order(
        params=params,
        count=params.get("InstanceCount", 1),
        zone=zone,
        image=image,
        instance_type=instance_type,
        charge_type=_charge_type(params, instance_type),
        system_disk=_system_disk(params.get("SystemDisk", {}), image),
        data_disks=_data_disks(call, params, image),
    )


def stock_id(order: Order) -> str:
    """The id of the document that tells how many such instances can still be had."""
    return f"{order.zone}/{order.instance_type.name}"


def _image(call: Call, identifier: str) -> Document:
    image = images.usable(call, identifier)
    if image is None:
        raise images.not_found(identifier)
    if images.state(image, call.now) != "NORMAL":
        raise ApiError(
            "InvalidParameterValue.InvalidImageState",
            f"The image `{identifier}` is in the state {images.state(image, call.now)}.",
            f"镜像 `{identifier}` 的状态不支持该操作。",
        )
    return image


def _zone(call: Call, zone: str) -> str:
    if any(zone == known.id for known in catalog.zones(call.region)):
        return zone
    elsewhere = not zone.startswith(f"{call.region}-")
    raise ApiError(
        "InvalidZone.MismatchRegion" if elsewhere else "InvalidParameterValue.ZoneNotSupported",
        f"The zone `{zone}` is not one of the region {call.region}.",
        f"可用区 `{zone}` 不属于地域 {call.region}。",
    )


def _instance_type(params: Mapping[str, Any], zone: str) -> InstanceType:
    name = params.get("InstanceType", catalog.DEFAULT_INSTANCE_TYPE)
    if name not in catalog.INSTANCE_TYPES:
        raise ApiError(
            "InvalidParameterValue.InstanceTypeNotFound",
            f"The instance type `{name}` does not exist.",
            f"实例机型 `{name}` 不存在。",
        )
    if (zone, name.partition(".")[0]) in catalog.SOLD_OUT:
        raise ApiError(
            "ResourcesSoldOut.SpecifiedInstanceType",
            f"The instance type `{name}` is sold out in {zone}.",
            f"实例机型 `{name}` 在 {zone} 已售罄。",
        )
    return catalog.INSTANCE_TYPES[name]


def _charge_type(params: Mapping[str, Any], instance_type: InstanceType) -> str:
    charge_type = str(params.get("InstanceChargeType", "POSTPAID_BY_HOUR"))
    if charge_type not in _CHARGE_TYPES:
        raise ApiError(
            "InvalidParameterValue",
            f"The sandbox has no instances that are paid for by {charge_type}.",
            f"沙箱不支持计费模式 {charge_type}。",
        )
    if charge_type == "PREPAID":
        _check_period(params)
    if charge_type == "SPOTPAID":
        _check_spot(params, instance_type)
    return charge_type


def _check_period(params: Mapping[str, Any]) -> None:
    if "InstanceChargePrepaid" not in params:
        raise ApiError(
            "MissingParameter",
            "A prepaid instance needs `InstanceChargePrepaid`.",
            "包年包月实例缺少参数：`InstanceChargePrepaid`。",
        )
    if params["InstanceChargePrepaid"]["Period"] not in _PERIODS:
        raise ApiError(
            "InvalidPeriod", "The period is not one that is offered.", "购买时长不合法。"
        )


def _check_spot(params: Mapping[str, Any], instance_type: InstanceType) -> None:
    if instance_type.name.startswith("IT"):
        raise ApiError(
            "UnsupportedOperation.NoInstanceTypeSupportSpot",
            f"There are no spot instances of the type {instance_type.name}.",
            f"机型 {instance_type.name} 不支持竞价实例。",
        )
    options = params.get("InstanceMarketOptions")
    if options is None:
        return
    try:
        bid = float(options["SpotOptions"]["MaxPrice"])
    except ValueError as error:
        raise ApiError(
            "InvalidParameterValue", "The highest price is no number.", "竞价价格不合法。"
        ) from error
    if not bid >= instance_type.price * SPOT_SHARE:  # nor is it "nan"
        raise ApiError(
            "InvalidParameterValue.InsufficientPrice",
            "The highest price is below the market's.",
            "竞价价格低于市场价。",
        )


def _system_disk(told: Mapping[str, Any], image: Document) -> DiskOrder:
    order = DiskOrder(
        type=told.get("DiskType", catalog.DEFAULT_DISK_TYPE),
        gib=told.get("DiskSize", max(_SYSTEM_GIB, image["SizeGib"])),
        name=told.get("DiskName", ""),
        encrypt=told.get("Encrypt", False),
    )
    _check_disk(order, largest=2048)
    if order.gib < image["SizeGib"]:
        raise ApiError(
            "InvalidParameterValue",
            f"The system disk of {order.gib} GiB is smaller than the image"
            f" of {image['SizeGib']} GiB.",
            f"系统盘大小 {order.gib} GiB 小于镜像大小 {image['SizeGib']} GiB。",
        )
    return order


def _data_disks(call: Call, params: Mapping[str, Any], image: Document) -> tuple[DiskOrder, ...]:
    """Those that are ordered; else those of the image, if it is one of a whole machine."""
    if "DataDisks" in params:
        return tuple(_data_disk(call, told) for told in params["DataDisks"])
    held = (call.store.get(snapshots.KIND, each["SnapshotId"]) for each in image["Snapshots"])
    return tuple(
        DiskOrder(catalog.DEFAULT_DISK_TYPE, snapshot["SizeGib"], snapshot=snapshot)
        for snapshot in held
        if snapshot is not None and snapshot["DiskUsage"] == disks.DATA_DISK
    )


def _data_disk(call: Call, told: Mapping[str, Any]) -> DiskOrder:
    order = DiskOrder(
        type=told.get("DiskType", catalog.DEFAULT_DISK_TYPE),
        gib=told["DiskSize"],
        name=told.get("DiskName", ""),
        encrypt=told.get("Encrypt", False),
        delete_with_instance=told.get("DeleteWithInstance", True),
        snapshot=_snapshot(call, told.get("SnapshotId")),
    )
    if order.type == "CLOUD_SSD" and order.gib < _SMALLEST_DISK["CLOUD_SSD"]:
        raise ApiError(
            "InvalidParameterValue.CloudSsdDataDiskSizeTooSmall",
            "An SSD cloud disk has 20 GiB or more.",
            "SSD 云硬盘的数据盘容量过小。",
        )
    _check_disk(order, largest=_LARGEST_DISK)
    if order.snapshot is not None and order.snapshot["SizeGib"] > order.gib:
        raise ApiError(
            "FailedOperation.SnapshotSizeLargerThanDataSize",
            f"The snapshot `{order.snapshot['Id']}` of {order.snapshot['SizeGib']} GiB is larger"
            f" than the disk of {order.gib} GiB.",
            f"快照 `{order.snapshot['Id']}` 的容量大于数据盘容量。",
        )
    return order


def _snapshot(call: Call, identifier: str | None) -> Document | None:
    """The snapshot that a data disk starts with: an own one, or one of an image in use."""
    if not identifier:
        return None
    found = call.store.get(snapshots.KIND, identifier)
    if (
        found is None
        or not documents.exists(found, call.now)
        or found["Account"] != call.account
        or found["Region"] != call.region
    ):
        raise ApiError(
            "InvalidParameter.SnapshotNotFound",
            f"The snapshot `{identifier}` does not exist.",
            f"快照 `{identifier}` 不存在。",
        )
    if snapshots.state(found, call.now) != "NORMAL":
        raise ApiError(
            "UnsupportedOperation.InvalidDisk",
            f"The snapshot `{identifier}` is still being made.",
            f"快照 `{identifier}` 正在创建中。",
        )
    return found


def _check_disk(order: DiskOrder, *, largest: int) -> None:
    known = order.type in catalog.CLOUD_DISK_PRICES or order.type in catalog.LOCAL_DISK_TYPES
    smallest = _SMALLEST_DISK.get(order.type, 10)
    if known and smallest <= order.gib <= largest:
        return
    raise ApiError(
        "InvalidParameterValue",
        f"There are no disks {order.type} of {order.gib} GiB.",
        f"磁盘类型 {order.type} 或容量 {order.gib} GiB 不合法。",
    )
