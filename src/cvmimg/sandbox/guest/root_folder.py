"""The root folder of a simulated guest: Linux, as far as disks and mounts are concerned."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cvmimg.sandbox.guest import boot, system_disk
from cvmimg.sandbox.guest.system_disk import Differences

_TOOLS = (
    "base64 cat cksum cp cut find grep gzip head id ln mkdir mv od readlink rm sed sh sha256sum"
    " sort tail touch tr"
)
"""Programs of the host that the guest may call; they write only to files given as arguments."""


@dataclass(frozen=True)
class FileSystem:
    """A file system on a disk: ``device`` is the kernel's name of its disk or partition."""

    device: str
    uuid: str
    fs_type: str = "ext4"
    label: str = ""


@dataclass(frozen=True)
class GuestDisk:
    """A disk as the guest sees it: ``name`` is the kernel's, ``disk_id`` its serial."""

    name: str
    disk_id: str
    size_gib: int
    file_systems: tuple[FileSystem, ...] = ()


@dataclass(frozen=True)
class Machine:
    """The hardware and the initial state of a guest.

    Attributes:
        instance_id: names its folder on the host.
        fstab: its initial /etc/fstab.
        disks: the system disk first.
        boot: identifies the current boot.
        profile_output: what root's shell profile prints, before the output of every command.
        files: how its system disk differs from a fresh installation at first.
        hostname: the host name that the cloud gives it.
        boot_fails: whether it hangs when it boots, whatever its files are.
        boot_finished: whether systemd has started everything.
        windows: whether it runs Windows, of which nothing but an answer is simulated.
    """

    instance_id: str
    fstab: str
    disks: tuple[GuestDisk, ...]
    boot: str
    profile_output: str = ""
    files: Differences = ()
    hostname: str = "localhost"
    boot_fails: bool = False
    boot_finished: bool = True
    windows: bool = False


def make_tools(folder: Path) -> None:
    """Fill the folder used as the guest's PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    for tool in _TOOLS.split():
        found = shutil.which(tool)
        if found and not (folder / tool).exists():
            (folder / tool).symlink_to(found)
    sync = folder / "sync"
    sync.write_text("#!/bin/sh\nexit 0\n")
    sync.chmod(0o755)


def make_root(root: Path, machine: Machine) -> None:
    """Create the contents of the system disk."""
    system_disk.write(root, machine.files)
    fstab = root / system_disk.FSTAB
    fstab.write_text(machine.fstab, newline="", errors="surrogateescape")


def show_devices(root: Path, disks: tuple[GuestDisk, ...]) -> None:
    """Recreate what the kernel and udev provide: /sys, /proc, /dev and /run/udev."""
    for folder in ("sys", "proc", "dev", "run/udev", "run/cvmimg", "run/frozen"):
        shutil.rmtree(root / folder, ignore_errors=True)
    write(root / "proc/sys/kernel/ostype", "Linux\n")
    for folder in ("sys/class/block", "dev"):
        (root / folder).mkdir(parents=True)
    names: dict[str, dict[str, str]] = {}
    for index, disk in enumerate(disks):
        names.update(_show_disk(root, disk, index))
    write(root / boot.DEVICES, json.dumps(names))
    (root / boot.MOUNTS).parent.mkdir(parents=True)


def escapes(root: Path) -> Iterator[Path]:
    """Yield the symbolic links that lead out of the folder."""
    real_root = os.path.realpath(root)
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            if os.path.islink(path):
                target = os.path.realpath(path)
                if target != os.devnull and os.path.commonpath([target, real_root]) != real_root:
                    yield Path(path)


def _show_disk(root: Path, disk: GuestDisk, index: int) -> Iterator[tuple[str, dict[str, str]]]:
    folder = root / "sys/devices/virtio" / disk.name
    _show_device(root, folder, f"254:{index * 16}", disk.size_gib)
    write(folder / "serial", disk.disk_id)
    _link(root, f"by-id/virtio-{disk.disk_id}", disk.name)
    for minor, file_system in enumerate(disk.file_systems, 1):
        number = f"254:{index * 16}"
        if file_system.device != disk.name:
            number = f"254:{index * 16 + minor}"
            part = folder / file_system.device
            _show_device(root, part, number, disk.size_gib)
            write(part / "partition", f"{minor}\n")
        yield from _show_file_system(root, file_system, number, is_root=index == 0 and minor == 1)


def _show_device(root: Path, folder: Path, number: str, size_gib: int) -> None:
    write(folder / "dev", f"{number}\n")
    write(folder / "size", f"{size_gib * 2 * 1024 * 1024}\n")
    link = root / "sys/class/block" / folder.name
    link.symlink_to(os.path.relpath(folder, link.parent))


def _show_file_system(
    root: Path, file_system: FileSystem, number: str, *, is_root: bool
) -> Iterator[tuple[str, dict[str, str]]]:
    path = f"/dev/{file_system.device}"
    names = [path, f"UUID={file_system.uuid}", f"/dev/disk/by-uuid/{file_system.uuid}"]
    udev = f"E:ID_FS_UUID={file_system.uuid}\nE:ID_FS_TYPE={file_system.fs_type}\n"
    _link(root, f"by-uuid/{file_system.uuid}", file_system.device)
    if file_system.label:
        names += [f"LABEL={file_system.label}", f"/dev/disk/by-label/{file_system.label}"]
        udev += f"E:ID_FS_LABEL_ENC={file_system.label}\n"
        _link(root, f"by-label/{file_system.label}", file_system.device)
    write(root / f"run/udev/data/b{number}", udev)
    device = {"path": path, "number": number, "type": file_system.fs_type}
    for name in [*names, "/"] if is_root else names:
        yield name, device


def _link(root: Path, name: str, device: str) -> None:
    link = root / "dev/disk" / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(f"../../{device}")


def write(path: Path, text: str) -> None:
    """Write a text file, in a folder that is created if necessary."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
