"""cvm: ResetInstance, ResetInstancesType, ResetInstancesPassword and ResizeInstanceDisks."""

from __future__ import annotations

from cvmimg.sandbox.services import agenda, disks, instances
from cvmimg.sandbox.services.disks import disk_content
from cvmimg.sandbox.services.instances import (
    guests,
    launch_checks,
    launch_request,
    login_settings,
    run,
)
from cvmimg.sandbox.state.kinds import ApiObject, Disk, Instance
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog

_RESIZE_SECONDS = 20.0
_PASSWORD_SECONDS = 20.0


@action("cvm", "ResetInstance", writes=True)
def reset_instance(call: Call) -> None:
    """Reinstall the system disk of an instance from an image; data disks keep their content."""
    instance = instances.require(call, call.params["InstanceId"])
    instances.refuse_unless_idle(call, instance, {"RUNNING", "STOPPED"})
    _refuse_local(instance)
    image = launch_request.usable_image(call, str(call.params.get("ImageId", instance["ImageId"])))
    login = login_settings.read(call, call.params.get("LoginSettings", {}), image)
    launch_checks.check_user_data(call.params.get("UserData", ""))
    launch_checks.check_host_name(
        call.params.get("HostName", ""), windows=image["Platform"] == "Windows"
    )
    system = disks.of_instance(call, instance["Id"])[0]
    gib = call.params.get("SystemDisk", {}).get("DiskSize", system["SizeGib"])
    _refuse_shrinking(system, max(gib, 0), least=image["SizeGib"])
    if call.task_fault is None:
        call.store.put({**system, "SizeGib": gib, "FileSystem": image["FileSystem"]})
    changed = {
        **instance,
        **instances.rebooted(call, instance),
        "ImageId": image["Id"],
        "LoginSettings": {"KeyIds": list(login.key_ids) or None},
        "HostName": call.params.get("HostName", instance["HostName"]),
        "UserData": call.params.get("UserData", instance["UserData"]),
        **disk_content.with_agent(
            disk_content.of_image(image), run.agent_is_installed(call, call.params, image)
        ),
    }
    call.store.put(changed)
    disks.refresh_instance(call, instance["Id"])
    guests.discard(call, instance["Id"])


@action("cvm", "ResetInstancesType", writes=True)
def reset_instances_type(call: Call) -> None:
    """Change the type of instances: stopped ones, or running ones with ForceStop."""
    name = call.params["InstanceType"]
    found = instances.requested(call, instances.stopped_or_forced(call))
    for instance in found:
        instance_type = launch_request.instance_type(name, instance["Placement"]["Zone"])
        if instance["InstanceType"] == name:
            raise refusal(
                "InvalidParameterValue",
                "reinstall.reset-instances-type",
                instance=instance["Id"],
                name=name,
            )
        _refuse_local(instance)
    for instance in found:
        changed = _change(call, instance, _RESIZE_SECONDS)
        size = {"CPU": instance_type.cpu, "Memory": instance_type.memory}
        call.store.put({**changed, "InstanceType": name, **size})


@action("cvm", "ResetInstancesPassword", writes=True)
def reset_instances_password(call: Call) -> None:
    """Set a password, which is checked and discarded; instances lose their key pairs."""
    login_settings.check_password(call.params["Password"])
    for instance in instances.requested(call, instances.stopped_or_forced(call)):
        changed = _change(call, instance, _PASSWORD_SECONDS)
        call.store.put({**changed, "LoginSettings": {"KeyIds": None}})


@action("cvm", "ResizeInstanceDisks", writes=True)
def resize_instance_disks(call: Call) -> None:
    """Enlarge the system disk or one data disk of an instance."""
    instance = instances.require(call, call.params["InstanceId"])
    wanted = _disk_to_resize(call.params)
    online = call.params.get("ResizeOnline")
    states = {"RUNNING", "STOPPED"} if online else instances.stopped_or_forced(call)
    instances.refuse_unless_idle(call, instance, states)
    disk = _find_disk(call, instance, wanted)
    _refuse_shrinking(disk, wanted["DiskSize"], least=disk["SizeGib"] + 1)
    disks.check_size(disk["DiskType"], wanted["DiskSize"])
    if call.task_fault is None:
        resized: Disk = {**disk, "NewSizeGib": wanted["DiskSize"]}
        call.store.put(agenda.scheduled(resized, call.now + _RESIZE_SECONDS))
    if online:
        call.store.put({**instance, "Operation": instances.operation(call, _RESIZE_SECONDS)})
    else:
        call.store.put(_change(call, instance, _RESIZE_SECONDS))


@agenda.acts(disks.KIND)
def _finish_resizing(call: Call, disk: Disk, _: float) -> None:
    """Give a disk its new size when the operation ends: clients wait for it."""
    call.store.put({**agenda.scheduled(disk, None), "SizeGib": disk["NewSizeGib"]})
    disks.refresh_instance(call, disks.instance_id(disk, call.now))


def _change(call: Call, instance: Instance, seconds: float) -> Instance:
    """Return the instance during a change: a running one is stopped for it and started again."""
    if instances.state(instance, call.now) == "RUNNING":
        return instances.change_power(call, instance, "REBOOTING", "RUNNING", seconds)
    return {**instance, "Operation": instances.operation(call, seconds)}


def _refuse_local(instance: Instance) -> None:
    if instance["SystemDisk"]["DiskType"] in catalog.LOCAL_DISK_TYPES:
        raise refusal("InvalidInstance.NotSupported", "reinstall.local", instance=instance["Id"])


def _refuse_shrinking(disk: Disk, gib: int, *, least: int) -> None:
    if gib < max(disk["SizeGib"], least):
        raise refusal(
            "InvalidParameterValue",
            "reinstall.shrinking",
            disk=disk["Id"],
            size_gib=disk["SizeGib"],
            gib=gib,
        )


def _disk_to_resize(params: ApiObject) -> ApiObject:
    """Return the one disk of the request: SystemDisk, or an item of DataDisks."""
    data = params.get("DataDisks") or []
    if ("SystemDisk" in params) == bool(data):
        raise refusal("InvalidParameterCombination", "reinstall.one-disk")
    if len(data) > 1:
        raise refusal("InvalidParameterValue", "reinstall.several-disks")
    wanted: ApiObject = data[0] if data else params["SystemDisk"]
    if "DiskSize" not in wanted:
        raise refusal("MissingParameter", "reinstall.missing-size")
    return wanted


def _find_disk(call: Call, instance: Instance, wanted: ApiObject) -> Disk:
    usage = disks.DATA_DISK if "DataDisks" in call.params else disks.SYSTEM_DISK
    attached = [d for d in disks.of_instance(call, instance["Id"]) if d["DiskUsage"] == usage]
    found = [disk for disk in attached if wanted.get("DiskId", disk["Id"]) == disk["Id"]]
    if len(found) != 1:
        raise refusal("InvalidParameterValue", "reinstall.find-disk", instance=instance["Id"])
    disks.refuse_busy(call, found[0])
    return found[0]
