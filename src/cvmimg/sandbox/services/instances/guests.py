"""Instances as their simulated insides and automation agents need them."""

from __future__ import annotations

import re
import string

from cvmimg.sandbox.guest.root_folder import FileSystem, GuestDisk, Machine
from cvmimg.sandbox.services import disks, instances
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call

_AGENT_SECONDS = 10.0
"""How long after its instance an agent is on-line."""


def machine(call: Call, instance: Document) -> Machine:
    """What the guest of an instance is made of."""
    attached = disks.of_instance(call, instance["Id"])
    return Machine(
        instance["Id"],
        instance["Guest"]["fstab"],
        tuple(_disk(disk, letter) for disk, letter in zip(attached, string.ascii_lowercase)),  # noqa: B905 - as many as there are
        boot=str(_started(instance)),
    )


def fstab(call: Call, instance: Document) -> str:
    """The guest's /etc/fstab as it is now: what an image would hold."""
    if call.guests is None or instances.is_windows(instance):
        return str(instance["Guest"]["fstab"])
    return call.guests.fstab(machine(call, instance))


def has_agent(instance: Document) -> bool:
    """Whether the automation agent is installed."""
    return bool(instance["Guest"]["agent"])


def agent_online(call: Call, instance: Document) -> bool:
    """Whether the agent answers: the instance runs, and its boot came up."""
    running = instances.state(instance, call.now) == "RUNNING"
    if not running or call.now < _started(instance) + _AGENT_SECONDS:
        return False
    if call.guests is None or instances.is_windows(instance):
        return True
    return call.guests.boots(machine(call, instance))


def _started(instance: Document) -> float:
    """When its last change of power ended."""
    task = instance["Power"]["Task"]
    return float(task["Start"] + task["Seconds"]) if task else 0.0


def _disk(disk: Document, letter: str) -> GuestDisk:
    name = f"vd{letter}"
    content = disk["FileSystem"]
    if content is None:
        return GuestDisk(name, disk["Id"], disk["SizeGib"])
    partition = re.sub(r"^[a-z]+", "", content["device_hint"])
    file_system = FileSystem(
        name + partition, content["uuid"], content["type"], content.get("label") or ""
    )
    return GuestDisk(name, disk["Id"], disk["SizeGib"], (file_system,))
