"""cbs: CreateSnapshot, DescribeSnapshots, DeleteSnapshots and DescribeSnapshotOverview."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox.services import disks, filters, images, instances, resource_tags, snapshots
from cvmimg.sandbox.services.disks import disk_content
from cvmimg.sandbox.state import documents, ids, tasks, timestamps
from cvmimg.sandbox.state.kinds import Content, Disk, Snapshot
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

_FREE_GIB = 50
_DELETE_SECONDS = 5.0
_MIN_LIFETIME = 86400


@action("cbs", "CreateSnapshot", writes=True)
def create_snapshot(call: Call) -> Answer:
    """Start to create a snapshot of a disk."""
    disk = _disk(call)
    refuse_disk(call, disk)
    snapshots.refuse_beyond_quota(call)
    fields: dict[str, Any] = {
        "Name": call.params.get("SnapshotName", ""),
        **resource_tags.on_creation(call, call.params.get("Tags", [])),
        "DiskUsage": call.params.get("DiskUsage", disk["DiskUsage"]),
    }
    if "Deadline" in call.params:
        fields |= _deadline(call)
    if call.task_fault == "fail":
        fields["Gone"] = call.now + snapshots.work_seconds(disk["SizeGib"]) * tasks.FAILS_AT
    return {"SnapshotId": take(call, disk, **fields)}


def take(call: Call, disk: Disk, *place: Any, **fields: Any) -> str:
    """Start to create a snapshot of ``disk``, which is not refused; return its id.

    Args:
        call: the request.
        disk: the disk.
        place: makes the ids of several snapshots differ.
        fields: members other than the disk's, such as ``Name`` and ``Tags``.
    """
    identifier = ids.new_id(call, "snap", *place)
    seconds = snapshots.work_seconds(disk["SizeGib"])
    fields["Content"] = _content(call, disk)
    call.store.put(snapshots.new(call, identifier, disk, seconds, **fields))
    return identifier


@action("cbs", "DescribeSnapshots")
def describe_snapshots(call: Call) -> Answer:
    """List snapshots, newest first by default."""
    if call.params.get("SnapshotIds"):
        found = documents.owned(call, snapshots.KIND, call.params["SnapshotIds"])
    else:
        named = filters.candidates(
            call, snapshots.KIND, ids="snapshot-id", names="snapshot-name", parents="disk-id"
        )
        found = filters.select(call, named, _filters(call))
    ordered = filters.in_order(call, found)
    return filters.answer(call, "SnapshotSet", ordered, snapshots.to_response)


@action("cbs", "DeleteSnapshots", writes=True)
def delete_snapshots(call: Call) -> None:
    """Start to delete snapshots: all of them, or none if one cannot be deleted."""
    wanted = dict.fromkeys(call.params["SnapshotIds"])
    delete(call, [snapshots.require(call, identifier) for identifier in wanted])


def delete(call: Call, found: list[Snapshot]) -> None:
    """Start to delete snapshots, and the images that use them if the request says so.

    Raises:
        ApiError: one of them cannot be deleted; then none is.
    """
    for snapshot in found:
        _refuse_undeletable(call, snapshot)
    bound = {image["Id"]: image for each in found for image in snapshots.images(call, each)}
    for image in bound.values():
        images.begin_deletion(call, image)
    if call.task_fault is None:
        for snapshot in found:
            snapshots.begin_deletion(call, snapshot, _DELETE_SECONDS)


@action("cbs", "ModifySnapshotAttribute", writes=True)
def modify_snapshot_attribute(call: Call) -> None:
    """Change the name or the deadline of a snapshot."""
    snapshot = snapshots.require(call, call.params["SnapshotId"])
    changed = {**snapshot, "Name": call.params.get("SnapshotName", snapshot["Name"])}
    if call.params.get("IsPermanent"):
        changed = {k: v for k, v in changed.items() if k not in ("Gone", "Deadline")}
    if "Deadline" in call.params:
        changed |= _deadline(call)
    call.store.put(changed)


@action("cbs", "DescribeSnapshotOverview")
def describe_snapshot_overview(call: Call) -> Answer:
    """Return the total size of snapshots, and how much of it is charged."""
    sizes = [snapshot["SizeGib"] for snapshot in documents.listed(call, snapshots.KIND)]
    return {
        "TotalNums": len(sizes),
        "TotalSize": float(sum(sizes)),
        "FreeQuota": float(_FREE_GIB),
        "RealTradeSize": float(max(0, sum(sizes) - _FREE_GIB)),
    }


def _disk(call: Call) -> Disk:
    identifier = call.params.get("DiskId")
    if not identifier:
        raise refusal("MissingParameter", "actions.disk")
    return disks.require(call, identifier)


def refuse_disk(call: Call, disk: Disk) -> None:
    """Refuse a disk of which no snapshot can be created now.

    Raises:
        ApiError: with the code of CreateSnapshot.
    """
    disks.refuse_busy(call, disk)
    if call.params.get("LocalSnap"):
        raise refusal("ResourceUnavailable.NotSupported")
    taken = snapshots.of_disk(call, disk["Id"])
    if any(snapshots.state(snapshot, call.now) == "CREATING" for snapshot in taken):
        raise refusal("InvalidDisk.SnapshotCreating", disk=disk["Id"])


def _content(call: Call, disk: Disk) -> Content | None:
    """Return the content of a system disk, or None for a data disk."""
    instance = call.store.get(instances.KIND, disks.instance_id(disk, call.now))
    if disk["DiskUsage"] != disks.SYSTEM_DISK or instance is None:
        return None
    return disk_content.of_instance(call, instance, disk)


def _deadline(call: Call) -> dict[str, Any]:
    try:
        moment = timestamps.seconds(call.params["Deadline"])
        if moment >= call.now + _MIN_LIFETIME:
            return {"Gone": moment, "Deadline": timestamps.china(moment)}
    except (ValueError, OverflowError):
        pass
    raise refusal("InvalidParameterValue", "actions.deadline")


def _refuse_undeletable(call: Call, snapshot: Snapshot) -> None:
    identifier = snapshot["Id"]
    if snapshot["Locked"] or snapshots.state(snapshot, call.now) == "TORECYCLE":
        raise refusal("InvalidSnapshot.NotSupported", "actions.undeletable", id=identifier)
    if snapshots.state(snapshot, call.now) != "NORMAL":
        raise refusal(
            "ResourceUnavailable.SnapshotCreating", "snapshot-creating", snapshot=identifier
        )
    using = snapshots.images(call, snapshot)
    if using and not call.params.get("DeleteBindImages"):
        raise refusal(
            "UnsupportedOperation.SnapshotHasBindedImage", id=identifier, using=using[0]["Id"]
        )
    for image in using:
        images.refuse_undeletable(call, image)


def _filters(call: Call) -> filters.Known:
    return {
        **_FILTERS,
        "snapshot-state": lambda snapshot: (snapshots.state(snapshot, call.now),),
    }


_FILTERS: filters.Known = {
    "snapshot-id": "Id",
    "snapshot-name": "Name",
    "disk-usage": "DiskUsage",
    "project-id": lambda _: ("0",),
    "disk-id": "Parent",
    "encrypt": lambda snapshot: ("true" if snapshot["Encrypt"] else "false",),
    "snapshot-type": lambda _: ("PRIVATE_SNAPSHOT",),
    # Not among the documented filters, but the official example uses it.
    "zone": "Zone",
}
