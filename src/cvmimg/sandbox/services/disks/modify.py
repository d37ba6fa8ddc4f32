"""cbs: ModifyDiskAttributes, ResizeDisk and TerminateDisks."""

from __future__ import annotations

from cvmimg.sandbox.services import disks, snapshots
from cvmimg.sandbox.state import documents
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import refusal

_DELETE_SECONDS = 5.0
_MEMBERS = {
    "DiskName": "Name",
    "DeleteWithInstance": "DeleteWithInstance",
    "DiskType": "DiskType",
}


@action("cbs", "ModifyDiskAttributes", writes=True)
def modify_disk_attributes(call: Call) -> None:
    """Change the name, type or lifetime of disks."""
    found = disks.requested(call)
    changes = documents.given(call, _MEMBERS)
    for disk in found:
        disks.refuse_busy(call, disk)
    for disk in found:
        call.store.put({**disk, **changes})
    for instance_id in {disks.instance_id(disk, call.now) for disk in found}:
        disks.refresh_instance(call, instance_id)


@action("cbs", "ResizeDisk", writes=True)
def resize_disk(call: Call) -> None:
    """Enlarge a disk."""
    if not call.params.get("DiskId"):
        raise refusal("MissingParameter", "modify.missing-disk")
    disk = disks.require(call, call.params["DiskId"])
    gib = call.params["DiskSize"]
    disks.refuse_busy(call, disk)
    disks.check_size(disk["DiskType"], gib)
    if gib <= disk["SizeGib"]:
        raise refusal(
            "InvalidParameterValue",
            "modify.shrinking-disk",
            disk=disk["Id"],
            size_gib=disk["SizeGib"],
        )
    call.store.put({**disk, "SizeGib": gib})
    disks.refresh_instance(call, disks.instance_id(disk, call.now))


@action("cbs", "TerminateDisks", writes=True)
def terminate_disks(call: Call) -> None:
    """Delete disks that are not attached; their snapshots stay unless requested."""
    found = disks.requested(call)
    for disk in found:
        disks.refuse_busy(call, disk)
        if disks.instance_id(disk, call.now):
            raise refusal("ResourceUnavailable.Attached", disk=disk["Id"])
    for disk in found:
        call.store.put({**disk, "Gone": call.now + _DELETE_SECONDS})
        if call.params.get("DeleteSnapshot"):
            for snapshot in snapshots.of_disk(call, disk["Id"]):
                if "Deadline" in snapshot:
                    snapshots.begin_deletion(call, snapshot, _DELETE_SECONDS)
