"""The content of system disks, which images and snapshots preserve."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, cast

from cvmimg.sandbox.services.instances import guests
from cvmimg.sandbox.state.kinds import Content, Disk, Guest, Instance
from cvmimg.sandbox.wire.call import Call


def of_instance(call: Call, instance: Instance, system_disk: Disk) -> Content:
    """Return the current content of an instance's system disk."""
    return {
        "FileSystem": system_disk["FileSystem"],
        "OsName": instance["OsName"],
        "Platform": instance["Platform"],
        "Architecture": "x86_64",
        "LicenseType": instance["LicenseType"],
        "Cloudinit": True,
        "Guest": {
            **instance["Guest"],
            "fstab": guests.fstab(call, instance),
            "files": guests.files(call, instance),
        },
    }


def fresh(seed: str, *, windows: bool, agent: bool) -> dict[str, Any]:
    """Return the ``FileSystem`` and ``Guest`` of an unmodified system disk.

    Args:
        seed: determines the file system's UUID.
        windows: whether it contains Windows, whose guest is not simulated.
        agent: whether the automation agent is installed.
    """
    guest: Guest = {
        "fstab": "",
        "agent": agent,
        "platform": "windows",
        "mounts": [],
        "profile_output": "",
        "files": {},
    }
    if windows:
        return {"FileSystem": None, "Guest": guest}
    root = str(uuid.uuid5(uuid.NAMESPACE_OID, seed))
    fstab = f"UUID={root}\t/\text4\tdefaults\t0 1\n"
    return {
        "FileSystem": {"uuid": root, "label": "", "type": "ext4", "device_hint": "vda1"},
        "Guest": {**guest, "platform": "linux", "fstab": fstab, "mounts": ["/"]},
    }


def of_image(image: Content) -> Content:
    """Return the initial content of system disks created from ``image``."""
    members: Mapping[str, Any] = image
    return cast("Content", {name: members[name] for name in Content.__annotations__})


def cleared(content: Content) -> Content:
    """Return the content of a system disk without what CreateImage clears."""
    guest = content["Guest"]
    files = {path: file for path, file in guest["files"].items() if not _is_cleared(path)}
    return {**content, "Guest": {**guest, "files": files}}


def _is_cleared(path: str) -> bool:
    return path.startswith("var/log/") or path in _HISTORIES


_HISTORIES = ("root/.bash_history", "home/ubuntu/.bash_history")


def with_agent(content: Content, installed: bool) -> Content:
    """Return ``content`` with or without the automation agent."""
    return {**content, "Guest": {**content["Guest"], "agent": installed}}
