"""Mounts in a simulated guest: at boot, and on ``mount -a``.

Works on the guest's root folder and imports only the standard library, because the guest's own
``mount`` runs this file: ``python boot.py ROOT``.
"""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

DEVICES = "run/cvmimg-sandbox/devices.json"
"""In the guest: every name of a device → {"path", "number", "type"}."""
MOUNTS = "proc/self/mountinfo"
SWAPS = "proc/swaps"
_SWAPS_HEAD = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
_PSEUDO = {"proc", "sysfs", "tmpfs", "devpts", "devtmpfs", "cgroup2", "debugfs", "mqueue"}
_NETWORK = {"nfs", "nfs4", "cifs", "lustre", "fuse", "ceph"}


@dataclass(frozen=True)
class _Entry:
    source: str
    target: str
    fs_type: str
    options: list[str]

    @property
    def may_be_missing(self) -> bool:
        return "nofail" in self.options or self.fs_type in _NETWORK


def boot(root: Path) -> list[str]:
    """Mount what a boot mounts; return an error for each required mount that failed."""
    devices = _devices(root)
    system = devices["/"]
    base = [
        _mount_line(system["number"], "/", system["type"], system["path"]),
        _mount_line("0:21", "/proc", "proc", "proc"),
        _mount_line("0:22", "/sys", "sysfs", "sysfs"),
        _mount_line("0:23", "/run", "tmpfs", "tmpfs"),
    ]
    (root / MOUNTS).write_text("".join(base))
    (root / SWAPS).write_text(_SWAPS_HEAD)
    return mount_all(root)


def mount_all(root: Path) -> list[str]:
    """Mount what fstab asks for; return an error for each required mount that failed."""
    problems = []
    for entry in _entries(root):
        if "noauto" not in entry.options and not _mount(root, entry) and not entry.may_be_missing:
            problems.append(f"mount: {entry.target}: can't find {entry.source}.")
    return problems


def _mount(root: Path, entry: _Entry) -> bool:
    mounts = (root / MOUNTS).read_text(errors="surrogateescape")
    entry = replace(entry, target=_real_path(root, entry.target))
    if f" {_escaped(entry.target)} " in mounts:
        return True
    line = _line_of(root, entry, mounts)
    if line is None:
        return False
    path = root / (SWAPS if entry.fs_type == "swap" else MOUNTS)
    before = path.read_text(errors="surrogateescape")
    if line not in before:
        path.write_text(before + line, errors="surrogateescape")
    return True


def _real_path(root: Path, target: str) -> str:
    """Return a mount point as the mount table has it: without the links that lead to it."""
    try:
        real = os.path.realpath(root / target.lstrip("/"))
    except ValueError:  # it contains a NUL, so it leads nowhere
        return target
    base = os.path.realpath(root)
    return real.removeprefix(base) if real.startswith(f"{base}/") else target


def _line_of(root: Path, entry: _Entry, mounts: str) -> str | None:
    if entry.fs_type in _PSEUDO:
        return _mount_line("0:40", entry.target, entry.fs_type, entry.source)
    if "bind" in entry.options or "rbind" in entry.options:
        if not entry.source.startswith("/"):
            return None
        number = _number_at(entry.source, mounts)
        return _mount_line(number, entry.target, "none", entry.source)
    device = _devices(root).get(entry.source.replace('"', ""))
    if entry.fs_type == "swap":
        known = device or entry.source.startswith("/swap")
        return f"{entry.source} file 1048572 0 -2\n" if known else None
    if device is None:
        return None
    return _mount_line(device["number"], entry.target, device["type"], device["path"])


def _number_at(path: str, mounts: str) -> str:
    """Return the device number of the file system that holds ``path``."""
    found = [
        (len(fields[4]), fields[2])
        for fields in (line.split(" ") for line in mounts.splitlines())
        if (path + "/").startswith(fields[4].rstrip("/") + "/")
    ]
    return max(found)[1]


def _mount_line(number: str, target: str, fs_type: str, source: str) -> str:
    return (
        f"25 1 {number} / {_escaped(target)} rw,relatime shared:1"
        f" - {fs_type} {_escaped(source)} rw\n"
    )


def _entries(root: Path) -> list[_Entry]:
    try:
        text = (root / "etc/fstab").read_text(errors="surrogateescape")
    except FileNotFoundError:
        return []
    fields = [line.split() for line in text.split("\n")]
    return [
        _Entry(_plain(f[0]), _plain(f[1]), f[2], f[3].split(",") if len(f) > 3 else [])
        for f in fields
        if len(f) >= 3 and not f[0].startswith("#")
    ]


def _devices(root: Path) -> dict[str, dict[str, str]]:
    devices: dict[str, dict[str, str]] = json.loads((root / DEVICES).read_text())
    return devices


def _plain(field: str) -> str:
    return re.sub(r"\\([0-3][0-7]{2})", lambda match: chr(int(match[1], 8)), field)


def _escaped(field: str) -> str:
    return re.sub(r"[ \t\n\\]", lambda match: f"\\{ord(match[0]):03o}", field)


if __name__ == "__main__":
    found = mount_all(Path(sys.argv[1]))
    sys.stderr.write("".join(f"{problem}\n" for problem in found))
    sys.exit(32 if found else 0)
