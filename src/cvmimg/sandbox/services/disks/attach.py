"""cbs: AttachDisks and DetachDisks."""

from __future__ import annotations

from cvmimg.sandbox.services import disks, instances
from cvmimg.sandbox.state.kinds import Disk, Instance
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import refusal

_MAX_DISKS = 21
_CHANGE_SECONDS = 5.0


@action("cbs", "AttachDisks", writes=True)
def attach_disks(call: Call) -> None:
    """Attach disks to an instance; it takes some seconds."""
    instance = instances.require(call, call.params["InstanceId"])
    found = disks.requested(call)
    for disk in found:
        _refuse_unattachable(call, disk, instance)
    attached = disks.of_instance(call, instance["Id"])
    if len(attached) + len(found) > _MAX_DISKS:
        raise refusal("LimitExceeded.InstanceAttachedDisk")
    first = max(disk["Position"] for disk in attached) + 1
    for position, disk in enumerate(found, first):
        changed = {
            **disk,
            "Parent": instance["Id"],
            "Position": position,
            "DeleteWithInstance": call.params.get("DeleteWithInstance", disk["DeleteWithInstance"]),
            "Change": {"State": "ATTACHING", "Until": call.now + _CHANGE_SECONDS},
        }
        changed.pop("DetachAt", None)
        call.store.put(changed)
    disks.refresh_instance(call, instance["Id"])


@action("cbs", "DetachDisks", writes=True)
def detach_disks(call: Call) -> None:
    """Detach data disks; it takes some seconds."""
    found = disks.requested(call)
    for disk in found:
        _refuse_undetachable(call, disk)
    for disk in found:
        change = {"State": "DETACHING", "Until": call.now + _CHANGE_SECONDS}
        call.store.put({**disk, "DetachAt": call.now, "Change": change})
    for instance_id in {disk["Parent"] for disk in found}:
        disks.refresh_instance(call, instance_id)


def _refuse_unattachable(call: Call, disk: Disk, instance: Instance) -> None:
    if disks.instance_id(disk, call.now):
        raise refusal("ResourceUnavailable.Attached", disk=disk["Id"])
    if disk["Zone"] != instance["Placement"]["Zone"]:
        raise refusal("ResourceUnavailable.ZoneNotMatch", disk=disk["Id"])
    disks.refuse_busy(call, disk)


def _refuse_undetachable(call: Call, disk: Disk) -> None:
    if disk["DiskUsage"] == disks.SYSTEM_DISK:
        raise refusal("InvalidDisk.NotPortable", disk=disk["Id"])
    attached_to = disks.instance_id(disk, call.now)
    if not attached_to or call.params.get("InstanceId", attached_to) != attached_to:
        raise refusal("InvalidDisk.NotSupported", disk=disk["Id"])
    disks.refuse_busy(call, disk)
