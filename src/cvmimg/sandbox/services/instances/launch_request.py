"""The parsed parameters of RunInstances and InquiryPriceRunInstances."""

from __future__ import annotations

from dataclasses import dataclass

from cvmimg.sandbox.services import disks, images, launch_templates, snapshots
from cvmimg.sandbox.state import documents, kinds
from cvmimg.sandbox.state.kinds import ApiObject, Image, Snapshot
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog
from cvmimg.sandbox.world.catalog import InstanceType

STOCK = kinds.STOCK
"""Kind of the documents that hold how many instances are available."""
SPOT_PRICE_RATIO = 0.2
"""Market price of spot instances, relative to the normal price."""

_CHARGE_TYPES = ("PREPAID", "POSTPAID_BY_HOUR", "SPOTPAID")
_PERIODS = frozenset({*range(1, 13), 24, 36, 48, 60})
_MAX_DISK_GIB = 32000
_SYSTEM_GIB = 50


@dataclass(frozen=True)
class DiskRequest:
    """A disk to create; ``snapshot`` is its initial content."""

    type: str
    gib: int
    name: str = ""
    encrypt: bool = False
    delete_with_instance: bool = True
    snapshot: Snapshot | None = None


@dataclass(frozen=True)
class LaunchRequest:
    """A request for instances.

    Attributes:
        params: the request's parameters, merged with its launch template.
        count: number of instances.
        zone: id of the zone.
        image: document of the image.
        instance_type: of the instances.
        charge_type: InstanceChargeType.
        system_disk: of each instance.
        data_disks: of each instance.
    """

    params: ApiObject
    count: int
    zone: str
    image: Image
    instance_type: InstanceType
    charge_type: str
    system_disk: DiskRequest
    data_disks: tuple[DiskRequest, ...]


def read(call: Call) -> LaunchRequest:
    """Parse the parameters of ``call``.

    Raises:
        ApiError: they are invalid or unavailable.
    """
    params = launch_templates.merged(call)
    for name in ("Placement", "ImageId"):
        if name not in params:
            raise refusal("MissingParameter", name=name)
    image = usable_image(call, params["ImageId"])
    zone = _zone(call, params["Placement"]["Zone"])
    wanted_type = instance_type(params.get("InstanceType", catalog.DEFAULT_INSTANCE_TYPE), zone)
    return LaunchRequest(
        params=params,
        count=params.get("InstanceCount", 1),
        zone=zone,
        image=image,
        instance_type=wanted_type,
        charge_type=_charge_type(params, wanted_type),
        system_disk=_system_disk(params.get("SystemDisk", {}), image),
        data_disks=_data_disks(call, params),
    )


def stock_id(request: LaunchRequest) -> str:
    """Return the id of the document that holds how many such instances are available."""
    return f"{request.zone}/{request.instance_type.name}"


def usable_image(call: Call, identifier: str) -> Image:
    """Return the image of that id if instances can be created from it.

    Raises:
        ApiError: InvalidImageId.NotFound, or InvalidParameterValue.InvalidImageState.
    """
    image = images.require(call, identifier)
    if images.state(image, call.now) != "NORMAL":
        raise refusal(
            "InvalidParameterValue.InvalidImageState",
            id=identifier,
            state=images.state(image, call.now),
        )
    return image


def _zone(call: Call, zone: str) -> str:
    if any(zone == known.id for known in catalog.zones(call.region)):
        return zone
    elsewhere = not zone.startswith(f"{call.region}-")
    raise refusal(
        "InvalidZone.MismatchRegion" if elsewhere else "InvalidParameterValue.ZoneNotSupported",
        "launch-request.zone",
        zone=zone,
        region=call.region,
    )


def instance_type(name: str, zone: str) -> InstanceType:
    """Return the instance type of that name if it is available in ``zone``.

    Raises:
        ApiError: InvalidParameterValue.InstanceTypeNotFound, or
            ResourcesSoldOut.SpecifiedInstanceType.
    """
    if name not in catalog.INSTANCE_TYPES:
        raise refusal("InvalidParameterValue.InstanceTypeNotFound", name=name)
    if (zone, name.partition(".")[0]) in catalog.SOLD_OUT:
        raise refusal("ResourcesSoldOut.SpecifiedInstanceType", name=name, zone=zone)
    return catalog.INSTANCE_TYPES[name]


def _charge_type(params: ApiObject, instance_type: InstanceType) -> str:
    charge_type = str(params.get("InstanceChargeType", "POSTPAID_BY_HOUR"))
    if charge_type not in _CHARGE_TYPES:
        raise refusal(
            "InvalidParameterValue", "launch-request.charge-type", charge_type=charge_type
        )
    if charge_type == "PREPAID":
        _check_period(params)
    if charge_type == "SPOTPAID":
        _check_spot(params, instance_type)
    return charge_type


def _check_period(params: ApiObject) -> None:
    if "InstanceChargePrepaid" not in params:
        raise refusal("MissingParameter", "launch-request.period")
    if params["InstanceChargePrepaid"]["Period"] not in _PERIODS:
        raise refusal("InvalidPeriod")


def _check_spot(params: ApiObject, instance_type: InstanceType) -> None:
    if instance_type.name.startswith("IT"):
        raise refusal("UnsupportedOperation.NoInstanceTypeSupportSpot", name=instance_type.name)
    options = params.get("InstanceMarketOptions")
    if options is None:
        return
    try:
        bid = float(options["SpotOptions"]["MaxPrice"])
    except ValueError as error:
        raise refusal("InvalidParameterValue", "launch-request.spot") from error
    if not bid >= instance_type.price * SPOT_PRICE_RATIO:  # also false for NaN
        raise refusal("InvalidParameterValue.InsufficientPrice")


def _system_disk(given: ApiObject, image: Image) -> DiskRequest:
    disk = DiskRequest(
        type=given.get("DiskType", catalog.DEFAULT_DISK_TYPE),
        gib=given.get("DiskSize", max(_SYSTEM_GIB, image["SizeGib"])),
        name=given.get("DiskName", ""),
        encrypt=given.get("Encrypt", False),
    )
    _check_disk(disk, maximum=2048)
    if disk.gib < image["SizeGib"]:
        raise refusal(
            "InvalidParameterValue",
            "launch-request.system-disk",
            gib=disk.gib,
            size_gib=image["SizeGib"],
        )
    return disk


def _data_disks(call: Call, params: ApiObject) -> tuple[DiskRequest, ...]:
    """Return the requested data disks: the image's own ones are not created by themselves."""
    return tuple(_data_disk(call, given) for given in params.get("DataDisks", []))


def _data_disk(call: Call, given: ApiObject) -> DiskRequest:
    disk = DiskRequest(
        type=given.get("DiskType", catalog.DEFAULT_DISK_TYPE),
        gib=given["DiskSize"],
        name=given.get("DiskName", ""),
        encrypt=given.get("Encrypt", False),
        delete_with_instance=given.get("DeleteWithInstance", True),
        snapshot=_snapshot(call, given.get("SnapshotId")),
    )
    if disk.type == "CLOUD_SSD" and disk.gib < disks.size_range("CLOUD_SSD")[0]:
        raise refusal("InvalidParameterValue.CloudSsdDataDiskSizeTooSmall")
    _check_disk(disk, maximum=_MAX_DISK_GIB)
    if disk.snapshot is not None and disk.snapshot["SizeGib"] > disk.gib:
        raise refusal(
            "FailedOperation.SnapshotSizeLargerThanDataSize",
            snapshot=disk.snapshot["Id"],
            size_gib=disk.snapshot["SizeGib"],
            gib=disk.gib,
        )
    return disk


def _snapshot(call: Call, identifier: str | None) -> Snapshot | None:
    """Return the snapshot that a data disk is created from."""
    if not identifier:
        return None
    found = call.store.get(snapshots.KIND, identifier)
    if (
        found is None
        or not documents.exists(found, call.now)
        or found["Account"] != call.account
        or found["Region"] != call.region
    ):
        raise refusal("InvalidParameter.SnapshotNotFound", id=identifier)
    if snapshots.state(found, call.now) != "NORMAL":
        raise refusal("UnsupportedOperation.InvalidDisk", id=identifier)
    return found


def _check_disk(disk: DiskRequest, *, maximum: int) -> None:
    known = disk.type in catalog.CLOUD_DISK_PRICES or disk.type in catalog.LOCAL_DISK_TYPES
    minimum, _ = disks.size_range(disk.type)
    if known and minimum <= disk.gib <= maximum:
        return
    raise refusal("InvalidParameterValue", "launch-request.disk", type=disk.type, gib=disk.gib)
