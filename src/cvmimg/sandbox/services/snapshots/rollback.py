"""cbs: ApplySnapshot."""

from __future__ import annotations

from cvmimg.sandbox.services import disks, instances, snapshots
from cvmimg.sandbox.services.disks import disk_content
from cvmimg.sandbox.services.instances import guests
from cvmimg.sandbox.state import tasks
from cvmimg.sandbox.state.kinds import Disk, Instance, Snapshot
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import refusal

_SECONDS = 60.0


@action("cbs", "ApplySnapshot", writes=True)
def apply_snapshot(call: Call) -> None:
    """Start to roll a disk back to one of its snapshots."""
    snapshot = snapshots.require(call, call.params["SnapshotId"])
    disk = disks.require(call, call.params["DiskId"])
    if snapshot["Parent"] != disk["Id"] or snapshots.state(snapshot, call.now) != "NORMAL":
        raise refusal(
            "InvalidSnapshot.NotSupported",
            "rollback.apply-snapshot",
            snapshot=snapshot["Id"],
            disk=disk["Id"],
        )
    disks.refuse_busy(call, disk)
    instance = call.store.get(instances.KIND, disks.instance_id(disk, call.now))
    _refuse_in_use(call, disk, instance)
    task = tasks.new(call.now, _SECONDS, call.task_fault)
    content = {} if call.task_fault else {"FileSystem": snapshot["FileSystem"]}
    call.store.put({**disk, "Rollback": task, **content})
    if instance is not None:
        _change_instance(call, instance, snapshot)


def _refuse_in_use(call: Call, disk: Disk, instance: Instance | None) -> None:
    """Refuse a disk that is in use: a portable one has to be detached, others' instance stopped."""
    stops, starts = (bool(call.params.get(f"Auto{word}Instance")) for word in ("Stop", "Start"))
    if starts and not stops:
        raise refusal("InvalidParameter", "rollback.in-use")
    if instance is None:
        return
    if stops:
        instances.refuse_if_operating(call, instance)
    elif disk["DiskUsage"] == disks.DATA_DISK:
        raise refusal("ResourceUnavailable.Attached", disk=disk["Id"])
    elif instances.state(instance, call.now) != "STOPPED":
        raise refusal("UnsupportedOperation.InstanceNotStopped", instance=instance["Id"])


def _change_instance(call: Call, instance: Instance, snapshot: Snapshot) -> None:
    """Stop the instance if requested, and give it the content of its system disk's snapshot."""
    changed = instance
    if instances.state(instance, call.now) == "RUNNING":
        after = "RUNNING" if call.params.get("AutoStartInstance") else "STOPPED"
        changed = instances.change_power(call, instance, "STOPPING", after, _SECONDS)
    content = snapshot.get("Content")
    if content is not None and call.task_fault is None:
        changed = {**changed, **disk_content.of_image(content)}
        guests.discard(call, instance["Id"])
    call.store.put(changed)
