"""cvm: CreateImage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from cvmimg.sandbox.services import disks, dry_run, images, instances, resource_tags, snapshots
from cvmimg.sandbox.services.disks import disk_content
from cvmimg.sandbox.state import ids, tasks
from cvmimg.sandbox.state.kinds import Content, Disk, Instance, Power, Snapshot
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

_SNAPSHOT_FRACTION = 0.9
"""Fraction of an image's duration after which its snapshots are complete."""


@dataclass(frozen=True)
class _Source:
    """The source of a new image.

    Attributes:
        read_content: reads the content of the system disk.
        disks: disks to create snapshots of.
        snapshots: existing snapshots.
        gib: size of the system disk.
        instance: None if the image is created from snapshots.
    """

    read_content: Callable[[], Content]
    disks: Sequence[Disk]
    snapshots: Sequence[Snapshot]
    gib: int
    instance: Instance | None = None


@action("cvm", "CreateImage", writes=True)
def create_image(call: Call) -> Answer:
    """Create an image from an instance or from snapshots."""
    images.check_family(call.params.get("ImageFamily", ""))
    resource_tags.check_specification(call, call.params)
    images.refuse_taken_name(call, call.params["ImageName"])
    source = _source(call)
    images.refuse_beyond_quota(call)
    if dry_run.requested(call):
        return dry_run.answer(call)
    return {"ImageId": _start(call, source)}


def _source(call: Call) -> _Source:
    if bool(call.params.get("InstanceId")) == bool(call.params.get("SnapshotIds")):
        raise refusal("InvalidParameter.SpecifyOneParameter")
    return _from_instance(call) if call.params.get("InstanceId") else _from_snapshots(call)


def _from_instance(call: Call) -> _Source:
    instance = instances.require(call, call.params["InstanceId"])
    _refuse_unsuitable(call, instance)
    attached = disks.of_instance(call, instance["Id"])
    chosen = [attached[0], *_chosen_data_disks(call, attached)]
    for disk in chosen:
        _refuse_disk(call, disk)
    return _Source(
        read_content=partial(_imaged, call, instance, attached[0]),
        disks=[disk for disk in chosen if not disks.is_local(disk)],
        snapshots=[],
        gib=attached[0]["SizeGib"],
        instance=instance,
    )


def _imaged(call: Call, instance: Instance, disk: Disk) -> Content:
    return disk_content.cleared(disk_content.of_instance(call, instance, disk))


def _refuse_unsuitable(call: Call, instance: Instance) -> None:
    instances.refuse_unless(call, instance, {"RUNNING", "STOPPED"})
    stopped = instances.state(instance, call.now) == "STOPPED"
    if stopped and instance["StoppedMode"] == "STOP_CHARGING":
        raise refusal("UnsupportedOperation.StoppedModeStopCharging", instance=instance["Id"])
    instances.refuse_if_operating(call, instance)
    if instance["RestrictState"] != "NORMAL":
        raise refusal("InvalidInstance.NotSupported", "create.unsuitable", instance=instance["Id"])


def _powers_off(call: Call) -> bool:
    return str(call.params.get("ForcePoweroff", "false")).lower() == "true"


def _chosen_data_disks(call: Call, attached: Sequence[Disk]) -> list[Disk]:
    by_id = {disk["Id"]: disk for disk in attached}
    chosen = []
    for identifier in dict.fromkeys(call.params.get("DataDiskIds", [])):
        if identifier == attached[0]["Id"]:
            raise refusal("InvalidParameter.DataDiskIdContainsRootDisk", id=identifier)
        if identifier not in by_id:
            raise refusal("InvalidParameter.DataDiskNotBelongSpecifiedInstance", id=identifier)
        chosen.append(by_id[identifier])
    if chosen and not call.settings.whole_machine_images:
        raise refusal("UnsupportedOperation.NotSupportInstanceImage")
    return chosen


def _refuse_disk(call: Call, disk: Disk) -> None:
    if disks.is_local(disk):
        if disk["DiskUsage"] == disks.DATA_DISK:
            raise refusal("InvalidParameter.LocalDataDiskNotSupport", disk=disk["Id"])
        return
    if disk["Encrypt"]:
        raise refusal(
            "UnsupportedOperation.EncryptedImagesNotSupported",
            "create.encrypted-disk",
            disk=disk["Id"],
        )
    for snapshot in snapshots.of_disk(call, disk["Id"]):
        if snapshots.state(snapshot, call.now) == "CREATING":
            raise refusal(
                "ResourceUnavailable.SnapshotCreating", "create.disk-in-snapshot", disk=disk["Id"]
            )


def _from_snapshots(call: Call) -> _Source:
    found = [
        snapshots.require(call, identifier, "InvalidParameter.SnapshotNotFound")
        for identifier in dict.fromkeys(call.params["SnapshotIds"])
    ]
    for snapshot in found:
        if snapshots.state(snapshot, call.now) == "TORECYCLE":
            raise snapshots.not_found(snapshot["Id"], "InvalidParameter.SnapshotNotFound")
    systems = [
        (snapshot["Content"], snapshot["SizeGib"])
        for snapshot in found
        if snapshot["DiskUsage"] == disks.SYSTEM_DISK
    ]
    if not systems:
        raise refusal("InvalidParameter.SystemSnapshotNotFound")
    if len(systems) > 1:
        raise refusal("InvalidParameter.DuplicateSystemSnapshots")
    for snapshot in found:
        if snapshots.state(snapshot, call.now) == "CREATING":
            raise refusal(
                "ResourceUnavailable.SnapshotCreating",
                "snapshot-creating",
                snapshot=snapshot["Id"],
            )
    content, gib = systems[0]
    if content is None:  # a data disk that was called a system disk
        raise refusal("InvalidParameter.SystemSnapshotNotFound")
    return _Source(read_content=lambda: content, disks=[], snapshots=found, gib=gib)


def _start(call: Call, source: _Source) -> str:
    identifier = ids.new_id(call, "img")
    content = source.read_content()
    largest = max([source.gib, *(disk["SizeGib"] for disk in source.disks)])
    seconds = images.work_seconds(largest)
    if source.instance is not None:
        seconds += _occupy(call, source.instance, seconds)
    created = [
        _snapshot(call, identifier, disk, content, seconds, number)
        for number, disk in enumerate(source.disks)
    ]
    used = [*created, *source.snapshots]
    for snapshot in used:
        call.store.put({**snapshot, "Images": [*snapshot["Images"], identifier]})
    call.store.put(
        {
            **images.new(call, identifier, "CREATING", SizeGib=source.gib),
            **content,
            **images.requested(call),
            "Task": tasks.new(call.now, seconds, call.task_fault),
            "Snapshots": [_in_image(snapshot) for snapshot in used],
        }
    )
    return identifier


def _in_image(snapshot: Snapshot) -> Answer:
    return {
        "SnapshotId": snapshot["Id"],
        "DiskUsage": snapshot["DiskUsage"],
        "DiskSize": snapshot["SizeGib"],
    }


def _snapshot(
    call: Call,
    image_id: str,
    disk: Disk,
    content: Content,
    seconds: float,
    number: int,
) -> Snapshot:
    return snapshots.new(
        call,
        ids.new_id(call, "snap", number),
        disk,
        seconds * _SNAPSHOT_FRACTION,
        Name=f"{call.params['ImageName']}_{image_id}",
        Content=content if disk["DiskUsage"] == disks.SYSTEM_DISK else None,
    )


def _occupy(call: Call, instance: Instance, seconds: float) -> float:
    """Mark the instance as busy, shut down if requested; return the extra seconds this takes."""
    longer = 0.0
    power: Power = instance["Power"]
    mode = instance["StoppedMode"]
    if _powers_off(call) and instances.state(instance, call.now) == "RUNNING":
        longer, mode = instances.STOP_SECONDS, "KEEP_CHARGING"
        stopping = tasks.new(call.now, longer)
        power = {**instances.steady("STOPPED"), "During": "STOPPING", "Task": stopping}
    call.store.put(
        {
            **instance,
            "Power": power,
            "StoppedMode": mode,
            "Operation": instances.operation(call, seconds + longer),
        }
    )
    return longer
