"""The simulated guests and automation agents of instances."""

from __future__ import annotations

import re
import string
from typing import Any

from cvmimg.sandbox.guest import system_disk
from cvmimg.sandbox.guest.root_folder import FileSystem, GuestDisk, Machine
from cvmimg.sandbox.services import disks, instances
from cvmimg.sandbox.state.kinds import Boot, Disk, Instance
from cvmimg.sandbox.wire.call import Call


def machine(call: Call, instance: Instance) -> Machine:
    """Return the guest machine of an instance."""
    attached = disks.of_instance(call, instance["Id"])
    return Machine(
        instance["Id"],
        instance["Guest"]["fstab"],
        tuple(_disk(disk, letter) for disk, letter in zip(attached, string.ascii_lowercase)),  # noqa: B905 - more letters than disks
        boot=str(_started(instance)),
        profile_output=instance["Guest"]["profile_output"],
        files=system_disk.from_json(instance["Guest"].get("files", {})),
        hostname=instance["HostName"],
        boot_fails=_boot(instance).get("Fails", False),
        boot_finished=call.now >= _started(instance) + 2 * _boot_seconds(call, instance),
        windows=instances.is_windows(instance),
    )


def fstab(call: Call, instance: Instance) -> str:
    """Return the guest's current /etc/fstab."""
    if call.guests is None or instances.is_windows(instance):
        return str(instance["Guest"]["fstab"])
    return call.guests.fstab(machine(call, instance))


def files(call: Call, instance: Instance) -> dict[str, Any]:
    """Return how the guest's system disk differs from a fresh installation, for its document."""
    known: dict[str, Any] = instance["Guest"].get("files", {})
    if call.guests is None or instances.is_windows(instance):
        return known
    guest = machine(call, instance)
    if instances.state(instance, call.now) == "RUNNING":
        call.guests.boots(guest)
    return system_disk.to_json(call.guests.differences(guest))


def discard(call: Call, instance_id: str) -> None:
    """Delete the guest's files once ``call`` has ended: its system disk has new content."""
    runtime = call.guests
    if runtime is not None:
        call.defer(lambda: runtime.discard(instance_id), lambda _view, _result: None)


def has_agent(instance: Instance) -> bool:
    """Return whether the automation agent is installed."""
    return bool(instance["Guest"]["agent"])


def agent_online(call: Call, instance: Instance) -> bool:
    """Return whether the agent is online: the instance is running and booted successfully."""
    running = instances.state(instance, call.now) == "RUNNING"
    if not running or call.now < _started(instance) + _boot_seconds(call, instance):
        return False
    if call.guests is None or instances.is_windows(instance):
        return not _boot(instance).get("Fails", False)
    return call.guests.boots(machine(call, instance))


def _boot(instance: Instance) -> Boot:
    """Return the faults of its latest boot."""
    return instance.get("Boot", {})


def _boot_seconds(call: Call, instance: Instance) -> float:
    """Return the delay between its start and its agent being online."""
    return float(_boot(instance).get("Seconds", call.settings.boot_seconds))


def _started(instance: Instance) -> float:
    """Return when its last change of state ended."""
    task = instance["Power"]["Task"]
    return float(task["Start"] + task["Seconds"]) if task else 0.0


def _disk(disk: Disk, letter: str) -> GuestDisk:
    name = f"vd{letter}"
    content = disk["FileSystem"]
    if content is None:
        return GuestDisk(name, disk["Id"], disk["SizeGib"])
    partition = re.sub(r"^[a-z]+", "", content["device_hint"])
    file_system = FileSystem(
        name + partition, content["uuid"], content["type"], content.get("label") or ""
    )
    return GuestDisk(name, disk["Id"], disk["SizeGib"], (file_system,))
