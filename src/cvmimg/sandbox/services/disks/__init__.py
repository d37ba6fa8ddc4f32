"""Cloud disks and local disks.

``FileSystem`` (``{"uuid", "label", "type", "device_hint"}`` or None) of a document is the disk's
content; ``DetachAt`` is when it is detached from its parent; ``Change`` (``{"State", "Until"}``) is
its DiskState while that changes; ``Rollback`` is the task that restores a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from cvmimg.sandbox.services import answers, resource_tags, snapshots
from cvmimg.sandbox.state import documents, kinds, tasks, timestamps
from cvmimg.sandbox.state.kinds import Disk, DiskHolder
from cvmimg.sandbox.wire.call import Answer, Call
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog

KIND = kinds.DISK
POLICY = kinds.SNAPSHOT_POLICY
"""Kind of the documents of auto snapshot policies, with the ``DiskIds`` they apply to."""

SYSTEM_DISK, DATA_DISK = "SYSTEM_DISK", "DATA_DISK"

_SIZES = {"CLOUD_SSD": 20, "CLOUD_HSSD": 20, "CLOUD_TSSD": 20}
"""Smallest sizes in GiB, where it is not 10."""
_MAX_GIB = 32000
_ATTACHED = 10
"""ReturnFailCode of an attached disk."""
_NEVER = 1e18
"""Time from which cbs lists a local disk."""


def is_local(disk: Disk) -> bool:
    """Return whether it is a local disk, which cbs does not know."""
    return disk["DiskType"] in catalog.LOCAL_DISK_TYPES


def instance_id(disk: Disk, now: float) -> str:
    """Return the id of the instance that it is attached to, or ""."""
    detached = "DetachAt" in disk and disk["DetachAt"] <= now
    return "" if detached else str(disk["Parent"])


def require(call: Call, identifier: str) -> Disk:
    """Return the caller's cloud disk of that id.

    Raises:
        ApiError: InvalidDiskId.NotFound.
    """
    found = documents.own(call, KIND, identifier)
    if found is None or is_local(found):
        raise refusal("InvalidDiskId.NotFound", id=identifier)
    return found


def requested(call: Call) -> list[Disk]:
    """Return the cloud disks of the request's DiskIds.

    Raises:
        ApiError: InvalidDiskId.NotFound.
    """
    return [require(call, each) for each in dict.fromkeys(call.params["DiskIds"])]


def refuse_busy(call: Call, disk: Disk) -> None:
    """Refuse a disk that is being attached, detached or rolled back.

    Raises:
        ApiError: InvalidDisk.Busy, or ResourceInUse.DiskRollbacking.
    """
    if tasks.running(disk.get("Rollback"), call.now):
        raise refusal("ResourceInUse.DiskRollbacking", disk=disk["Id"])
    if _is_changing(disk, call.now):
        raise refusal("InvalidDisk.Busy", disk=disk["Id"])


def size_range(disk_type: str) -> tuple[int, int]:
    """Return the smallest and largest size of a cloud disk in GiB."""
    return _SIZES.get(disk_type, 10), _MAX_GIB


def check_size(disk_type: str, gib: int) -> None:
    """Refuse an unknown type or an invalid size of a cloud disk.

    Raises:
        ApiError: InvalidParameterValue.
    """
    least, most = size_range(disk_type)
    if disk_type not in catalog.CLOUD_DISK_PRICES or not least <= gib <= most:
        raise refusal("InvalidParameterValue", "disks.size", disk_type=disk_type, gib=gib)


def refresh_instance(call: Call, identifier: str) -> None:
    """Update the disks in the document of an instance, if there is one of that id."""
    instance = call.store.get(kinds.INSTANCE, identifier)
    if instance is not None:
        call.store.put({**instance, **in_instance(of_instance(call, identifier))})


def _is_changing(disk: Disk, now: float) -> bool:
    return bool("Change" in disk and now < disk["Change"]["Until"])


def state(disk: Disk, now: float) -> str:
    """Return its DiskState."""
    if _is_changing(disk, now):
        return str(disk["Change"]["State"])
    if tasks.running(disk.get("Rollback"), now):
        return "ROLLBACKING"
    return "ATTACHED" if instance_id(disk, now) else "UNATTACHED"


def of_instance(call: Call, identifier: str) -> list[Disk]:
    """Return the disks attached to an instance, system disk first."""
    attached = [
        disk
        for disk in call.store.children(KIND, identifier)
        if instance_id(disk, call.now) == identifier
    ]
    return sorted(attached, key=lambda disk: (disk["DiskUsage"] != SYSTEM_DISK, disk["Position"]))


def new(identifier: str, instance: DiskHolder, usage: str, position: int, **fields: Any) -> Disk:
    """Return the document of a new disk of ``instance``.

    Args:
        identifier: the disk's id.
        instance: the instance it is attached to, or the same members with an empty ``Id``.
        usage: SYSTEM_DISK or DATA_DISK.
        position: its index among the instance's disks, from 0.
        fields: at least ``DiskType`` and ``SizeGib``.
    """
    listed = {"Listed": _NEVER} if fields["DiskType"] in catalog.LOCAL_DISK_TYPES else {}
    place = (instance["Account"], instance["Region"], instance["Created"])
    made = {
        **kinds.base(KIND, identifier, *place),
        "Parent": instance["Id"],
        "Name": f"{instance['Id']}_SYSTEM_DISK" if usage == SYSTEM_DISK else "",
        "DiskUsage": usage,
        "Position": position,
        "Zone": instance["Placement"]["Zone"],
        "DeleteWithInstance": True,
        "Encrypt": False,
        "ChargeType": instance["InstanceChargeType"],
        "FileSystem": None,
        "Tags": [],
        **listed,
        **fields,
    }
    return cast("Disk", made)


def in_instance(attached: Iterable[Disk]) -> Answer:
    """Return the disks of an instance, system disk first, as DescribeInstances returns them."""
    system, *data = map(_in_instance, attached)
    return {"SystemDisk": system, "DataDisks": data}


def _in_instance(disk: Disk) -> Answer:
    answer = answers.of("DiskOfInstance", disk)
    if disk["DiskUsage"] == DATA_DISK:
        answer["DeleteWithInstance"] = disk["DeleteWithInstance"]
        if disk.get("FromSnapshot"):
            answer["SnapshotId"] = disk["FromSnapshot"]
    return answer


def to_response(call: Call, disk: Disk) -> Answer:
    """Return the disk as DescribeDisks returns it."""
    attached_to = instance_id(disk, call.now)
    taken = snapshots.of_disk(call, disk["Id"])
    prepaid = charge_type(disk) == "PREPAID"
    return {
        **answers.of("Disk", disk),
        **_rollback_to_response(disk, call.now),
        "AutoSnapshotPolicyIds": _policies(call, disk),
        "DiskName": disk["Name"] or "未命名",
        "DiskState": state(disk, call.now),
        "DiskChargeType": charge_type(disk),
        "Attached": bool(attached_to),
        "InstanceId": attached_to,
        "InstanceIdList": [attached_to] if attached_to else [],
        "InstanceType": "CVM" if attached_to else "",
        "Portable": disk["DiskUsage"] == DATA_DISK,
        "CreateTime": timestamps.china(disk["Created"]),
        "SnapshotCount": len(taken),
        "SnapshotSize": sum(snapshot["SizeGib"] for snapshot in taken),
        "Tags": resource_tags.of(disk, call.now),
        "Placement": {**snapshots.placement(disk["Zone"]), "DedicatedClusterId": None},
        "RenewFlag": "NOTIFY_AND_MANUAL_RENEW" if prepaid else "",
        "DifferDaysOfDeadline": 30 if prepaid else None,
        "IsReturnable": not attached_to,
        "ReturnFailCode": _ATTACHED if attached_to else 0,
    }


def charge_type(disk: Disk) -> str:
    """Return its DiskChargeType."""
    return "PREPAID" if disk["ChargeType"] == "PREPAID" else "POSTPAID_BY_HOUR"


def _rollback_to_response(disk: Disk, now: float) -> Answer:
    task = disk.get("Rollback")
    rolling = tasks.running(task, now)
    return {
        "Rollbacking": rolling,
        "RollbackPercent": tasks.percent(task, now) if task and rolling else 0,
    }


def _policies(call: Call, disk: Disk) -> list[str] | None:
    """Return the auto snapshot policies of a disk, if the request asks for them."""
    if not call.params.get("ReturnBindAutoSnapshotPolicy"):
        return None
    listed = documents.listed(call, POLICY)
    return [policy["Id"] for policy in listed if disk["Id"] in policy["DiskIds"]]
