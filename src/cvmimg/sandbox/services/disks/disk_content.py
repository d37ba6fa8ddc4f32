"""What is on a system disk at a moment: it goes into images and snapshots of it."""

from __future__ import annotations

import uuid
from typing import Any

from cvmimg.sandbox.services.instances import guests
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call

_MEMBERS = (
    "OsName",
    "Platform",
    "Architecture",
    "LicenseType",
    "Cloudinit",
    "Guest",
    "FileSystem",
)


def of_instance(call: Call, instance: Document, system_disk: Document) -> dict[str, Any]:
    """What is on an instance's system disk now."""
    return {
        "FileSystem": system_disk["FileSystem"],
        "OsName": instance["OsName"],
        "Platform": instance["Platform"],
        "Architecture": "x86_64",
        "LicenseType": instance["LicenseType"],
        "Cloudinit": True,
        "Guest": {**instance["Guest"], "fstab": guests.fstab(call, instance)},
    }


def fresh(seed: str, *, windows: bool, agent: bool) -> dict[str, Any]:
    """The ``FileSystem`` and the ``Guest`` of a system disk on which nobody has changed anything.

    Args:
        seed: decides the file system's UUID.
        windows: whether Windows is on it, whose insides the sandbox does not have.
        agent: whether the automation agent is installed.
    """
    guest = {"fstab": "", "agent": agent, "platform": "windows", "mounts": []}
    if windows:
        return {"FileSystem": None, "Guest": guest}
    root = str(uuid.uuid5(uuid.NAMESPACE_OID, seed))
    fstab = f"UUID={root}\t/\text4\tdefaults\t0 1\n"
    return {
        "FileSystem": {"uuid": root, "label": "", "type": "ext4", "device_hint": "vda1"},
        "Guest": {**guest, "platform": "linux", "fstab": fstab, "mounts": ["/"]},
    }


def of_image(image: Document) -> dict[str, Any]:
    """What is on the system disks of instances that start from ``image``."""
    return {name: image[name] for name in _MEMBERS}
