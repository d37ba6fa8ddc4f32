"""The content of system disks, which images and snapshots preserve."""

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
    """Return the current content of an instance's system disk."""
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
    """Return the ``FileSystem`` and ``Guest`` of an unmodified system disk.

    Args:
        seed: determines the file system's UUID.
        windows: whether it contains Windows, whose guest is not simulated.
        agent: whether the automation agent is installed.
    """
    guest = {
        "fstab": "",
        "agent": agent,
        "platform": "windows",
        "mounts": [],
        "profile_output": "",
    }
    if windows:
        return {"FileSystem": None, "Guest": guest}
    root = str(uuid.uuid5(uuid.NAMESPACE_OID, seed))
    fstab = f"UUID={root}\t/\text4\tdefaults\t0 1\n"
    return {
        "FileSystem": {"uuid": root, "label": "", "type": "ext4", "device_hint": "vda1"},
        "Guest": {**guest, "platform": "linux", "fstab": fstab, "mounts": ["/"]},
    }


def of_image(image: Document) -> dict[str, Any]:
    """Return the initial content of system disks created from ``image``."""
    return {name: image[name] for name in _MEMBERS}
