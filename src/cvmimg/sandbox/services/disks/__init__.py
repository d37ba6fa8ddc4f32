"""Cloud disks and local disks.

``FileSystem`` (``{"uuid", "label", "type", "device_hint"}`` or None) of a document is the disk's
content; ``DetachAt`` is when the termination of its instance detaches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cvmimg.sandbox.services import snapshots
from cvmimg.sandbox.state import timestamps
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.world import catalog

KIND = "disk"

SYSTEM_DISK, DATA_DISK = "SYSTEM_DISK", "DATA_DISK"

_NEVER = 1e18
"""Time from which cbs lists a local disk."""


def is_local(disk: Document) -> bool:
    """Return whether it is a local disk, which cbs does not know."""
    return disk["DiskType"] in catalog.LOCAL_DISK_TYPES


def instance_id(disk: Document, now: float) -> str:
    """Return the id of the instance that it is attached to, or ""."""
    detached = "DetachAt" in disk and disk["DetachAt"] <= now
    return "" if detached else str(disk["Parent"])


def of_instance(call: Call, identifier: str) -> list[Document]:
    """Return the disks attached to an instance, system disk first."""
    attached = [
        disk
        for disk in call.store.children(KIND, identifier)
        if instance_id(disk, call.now) == identifier
    ]
    return sorted(attached, key=lambda disk: (disk["DiskUsage"] != SYSTEM_DISK, disk["Position"]))


def new(
    identifier: str, instance: Document, usage: str, position: int, **fields: Any
) -> dict[str, Any]:
    """Return the document of a new disk of ``instance``.

    Args:
        identifier: the disk's id.
        instance: the instance it is attached to.
        usage: SYSTEM_DISK or DATA_DISK.
        position: its index among the instance's disks, from 0.
        fields: at least ``DiskType`` and ``SizeGib``.
    """
    listed = {"Listed": _NEVER} if fields["DiskType"] in catalog.LOCAL_DISK_TYPES else {}
    return {
        "Kind": KIND,
        "Id": identifier,
        "Account": instance["Account"],
        "Region": instance["Region"],
        "Parent": instance["Id"],
        "Name": "",
        "Created": instance["Created"],
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


def in_instance(disk: Document) -> dict[str, Any]:
    """Return a disk as DescribeInstances answers it."""
    answer: dict[str, Any] = {
        "DiskType": disk["DiskType"],
        "DiskId": disk["Id"],
        "DiskSize": disk["SizeGib"],
        "DiskName": disk["Name"],
        "Encrypt": disk["Encrypt"],
        "KmsKeyId": "",
    }
    if disk["DiskUsage"] == DATA_DISK:
        answer["DeleteWithInstance"] = disk["DeleteWithInstance"]
        if disk.get("FromSnapshot"):
            answer["SnapshotId"] = disk["FromSnapshot"]
    return answer


def to_response(call: Call, disk: Document) -> dict[str, Any]:
    """Return the disk as DescribeDisks answers it."""
    attached_to = instance_id(disk, call.now)
    taken = snapshots.of_disk(call, disk["Id"])
    return {
        **_CONSTANT_FIELDS,
        "DiskId": disk["Id"],
        "DiskName": disk["Name"] or "未命名",
        "DiskType": disk["DiskType"],
        "DiskUsage": disk["DiskUsage"],
        "DiskSize": disk["SizeGib"],
        "DiskState": "ATTACHED" if attached_to else "UNATTACHED",
        "DiskChargeType": charge_type(disk),
        "Attached": bool(attached_to),
        "InstanceId": attached_to,
        "InstanceIdList": [attached_to] if attached_to else [],
        "LastAttachInsId": disk["Parent"],
        "InstanceType": "CVM" if attached_to else "",
        "DeleteWithInstance": disk["DeleteWithInstance"],
        "Portable": disk["DiskUsage"] == DATA_DISK,
        "Encrypt": disk["Encrypt"],
        "CreateTime": timestamps.china(disk["Created"]),
        "SnapshotCount": len(taken),
        "SnapshotSize": sum(snapshot["SizeGib"] for snapshot in taken),
        "Tags": _plain(disk["Tags"]),
        "Placement": snapshots.placement(disk["Zone"]),
    }


def charge_type(disk: Document) -> str:
    """Return its DiskChargeType."""
    return "PREPAID" if disk["ChargeType"] == "PREPAID" else "POSTPAID_BY_HOUR"


def _plain(tags: Sequence[Document]) -> list[dict[str, str]]:
    return [{"Key": tag["Key"], "Value": tag["Value"]} for tag in tags]


_CONSTANT_FIELDS: dict[str, Any] = {
    "RenewFlag": "NOTIFY_AND_MANUAL_RENEW",
    "AutoRenewFlagError": False,
    "Rollbacking": False,
    "RollbackPercent": 100,
    "BackupDisk": True,
    "AttachMode": "PF",
    "AutoSnapshotPolicyIds": [],
    "ThroughputPerformance": 0,
    "Migrating": False,
    "MigratePercent": 100,
    "IsReturnable": True,
    "DeadlineTime": "",
    "SnapshotAbility": True,
    "DeadlineError": False,
    "DifferDaysOfDeadline": 0,
    "ReturnFailCode": 0,
    "Shareable": False,
    "DeleteSnapshot": 0,
    "DiskBackupQuota": 0,
    "DiskBackupCount": 0,
    "ErrorPrompt": "",
    "BurstPerformance": False,
    "EncryptType": "",
    "KmsKeyId": "",
}
