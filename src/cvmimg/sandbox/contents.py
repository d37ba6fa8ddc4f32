"""What is on a system disk at a moment: it goes into images and snapshots of it."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox import machines
from cvmimg.sandbox.call import Call
from cvmimg.sandbox.store import Document

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
        "Guest": {**instance["Guest"], "fstab": machines.fstab(call, instance)},
    }


def of_image(image: Document) -> dict[str, Any]:
    """What is on the system disks of instances that start from ``image``."""
    return {name: image[name] for name in _MEMBERS}
