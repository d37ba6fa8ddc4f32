"""The rules: what kind of mount an entry asks for, and whether it keeps a new instance up."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab.devices import CloudDisk, Devices, tag_of
from cvmimg.guest.fstab.fs_types import LAYERED, NETWORK, PSEUDO
from cvmimg.guest.fstab.lines import Entry

_SYSTEM_TARGETS = frozenset(("/", "/boot", "/boot/efi", "/efi", "/usr"))
_KERNEL_NAME = re.compile(r"/dev/(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+)p?\d*")
_FIRST_DISK = re.compile(r"/dev/(?:(?:[shv]d|xvd)a|nvme0n1p?)\d*")
_DISC = re.compile(r"/dev/(?:sr\d+|scd\d+|cdrom\d*|dvd\d*|cdrw|fd\d+|floppy)")
_MEMORY = re.compile(r"/dev/z?ram\d+")
_PATHS = re.compile(r"(?<![^=:,])/(?:[^:,\\]|\\.)*")
_LAYERS = 16
"""How deep mounts may be stacked upon each other."""
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")


class Level(str, Enum):
    """How bad it is."""

    PASS = "pass"  # noqa: S105  a verdict
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """What a rule says of an entry.

    Attributes:
        level: how bad it is.
        why: the reason, in one clause.
        devices: kernel names of the devices.
        disks: the disks under them, as they are shown.
        on_data: whether a data disk that the image will not hold is needed.
    """

    level: Level
    why: str
    devices: tuple[str, ...] = ()
    disks: tuple[str, ...] = ()
    on_data: bool = False

    def softened(self, because: str) -> Finding:
        """The same as a warning, and why it is no more."""
        return replace(self, level=Level.WARN, why=f"{self.why}, but {because}")


class Rules:
    """Judges entries, each in the light of all.

    Args:
        facts: what was seen inside.
        devices: the same, as devices on disks.
        cloud_disks: what is attached.
        entries: all entries of fstab and of units.
    """

    def __init__(
        self,
        facts: GuestFacts,
        devices: Devices,
        cloud_disks: Sequence[CloudDisk],
        entries: Sequence[Entry],
    ) -> None:
        self._facts = facts
        self._devices = devices
        self._cloud_disks = {disk.id: disk for disk in cloud_disks if disk.id}
        self._has_data_disks = any(not disk.is_system for disk in cloud_disks)
        self._data_mounts: dict[str, tuple[str, ...]] = {}
        self._find_data_mounts(entries)

    def judge(self, entry: Entry) -> Finding:
        """Whether a new instance boots with this entry."""
        finding = self._by_kind(entry)
        if finding.level is not Level.FAIL:
            finding = self._by_dependence(entry) or finding
        if finding.level is Level.FAIL:
            return self._softened(entry, finding)
        return finding

    def of_device(self, source: str) -> Finding:
        """Whether a new instance has what ``source`` names, as a path or a tag of a device."""
        if not self._facts.devices_seen:
            return self._from_copy(source)
        names = self._devices.find(source)
        if not names:
            return Finding(Level.FAIL, "no such device exists: the boot waits for it in vain")
        return self._of_devices(source, names)

    def _softened(self, entry: Entry, finding: Finding) -> Finding:
        if entry.has("noauto", "auto"):
            return finding.softened("noauto: nothing mounts it at boot")
        if entry.has("nofail", "fail"):
            return finding.softened("nofail: the boot goes on without it")
        if "x-systemd.automount" in entry.options and self._facts.systemd:
            return finding.softened("x-systemd.automount: mounted only when its path is used")
        return finding

    def _by_kind(self, entry: Entry) -> Finding:
        kinds: tuple[Callable[[Entry], Finding | None], ...] = (
            self._bind,
            self._pseudo,
            self._network,
            self._layered,
            self._pool,
            self._special_device,
            self._file,
        )
        for kind in kinds:
            finding = kind(entry)
            if finding is not None:
                return finding
        return self._device(entry)

    def _bind(self, entry: Entry) -> Finding | None:
        if not entry.is_bind:
            return None
        finding = self._on_paths([entry.source])
        if finding is None and self._is_missing(entry.source):
            return Finding(Level.FAIL, "no such folder exists")
        return finding or Finding(Level.PASS, "shows a folder of the system disk once more")

    def _pseudo(self, entry: Entry) -> Finding | None:
        if entry.fs_type not in PSEUDO:
            return None
        return Finding(Level.PASS, "made by the kernel, on no disk")

    def _network(self, entry: Entry) -> Finding | None:
        remote = entry.fs_type in NETWORK or _is_remote(entry)
        if not remote:
            return None
        why = "a network file system: comes along in the image, every new instance mounts it"
        if not entry.may_be_missing and not entry.has("_netdev"):
            why += "; without _netdev or nofail the boot can stop where it cannot be reached"
        return Finding(Level.WARN, why)

    def _layered(self, entry: Entry) -> Finding | None:
        if entry.fs_type not in LAYERED:
            return None
        words = [entry.source, *entry.options]
        paths = [path for word in words for path in _PATHS.findall(word)]
        return self._on_paths(paths) or Finding(Level.PASS, "made of folders of the system disk")

    def _pool(self, entry: Entry) -> Finding | None:
        if entry.fs_type != "zfs":
            return None
        if self._has_data_disks:
            return Finding(
                Level.FAIL, "a ZFS pool, which may lie on a data disk: this cannot be told"
            )
        return Finding(Level.PASS, "a ZFS pool, and no data disk is attached")

    def _special_device(self, entry: Entry) -> Finding | None:
        if _MEMORY.fullmatch(entry.source):
            return Finding(Level.PASS, "made of memory, on no disk")
        if _DISC.fullmatch(entry.source):
            if entry.may_be_missing:
                return Finding(Level.PASS, "a drive for discs, not needed at boot")
            return Finding(Level.FAIL, "a drive for discs, which a new instance lacks")
        if entry.source in ("/dev/root", "rootfs") and entry.target == "/":
            return Finding(Level.PASS, "the root, by whatever the boot loader takes for it")
        return None

    def _file(self, entry: Entry) -> Finding | None:
        source = entry.source
        if not source.startswith("/") or source.startswith("/dev/"):
            return None
        finding = self._on_paths([source])
        if finding:
            return finding
        if self._is_missing(source):
            return Finding(Level.FAIL, "no such file exists")
        real = self._facts.paths.get(source, "")
        if real.startswith("/dev/"):
            return self._device(replace(entry, source=real))
        return Finding(Level.PASS, "a file on the system disk")

    def _device(self, entry: Entry) -> Finding:
        if not entry.source.startswith("/dev/") and tag_of(entry.source) is None:
            if self._facts.devices_seen or self._has_data_disks:
                return Finding(Level.FAIL, "what it names cannot be found on any disk")
            return Finding(Level.WARN, "what it names cannot be told; no data disk is attached")
        if not self._facts.devices_seen and entry.target in _SYSTEM_TARGETS:
            return self._named(entry.source, Finding(Level.PASS, "belongs to the system disk"))
        return self.of_device(entry.source)

    def _of_devices(self, source: str, names: tuple[str, ...]) -> Finding:
        lacking = {name: self._lacking(self._devices.disks([name])) for name in names}
        disks = self._devices.disks(names)
        finding = Finding(Level.PASS, "", names, tuple(map(self._shown, disks)))
        files = list(filter(None, (self._facts.devices[name].backing_file for name in names)))
        if files:
            return self._loop(files, finding)
        if all(lacking.values()):
            partly = "partly " if len(disks) > len(self._lacking(disks)) else ""
            why = f"lies {partly}on a data disk that a new instance lacks"
            return replace(finding, level=Level.FAIL, why=why, on_data=True)
        if any(lacking.values()):
            why = "several devices carry this name, one of them on a data disk"
            return replace(finding, level=Level.WARN, why=why)
        if all(self._devices.is_system(disk) for disk in disks):
            return self._named(source, replace(finding, why="lies on the system disk"))
        why = "lies on a data disk that the image brings along"
        return self._named(source, replace(finding, why=why))

    def _named(self, source: str, finding: Finding) -> Finding:
        """``finding``, or worse if ``source`` is a name that a new instance's device may lack."""
        if _KERNEL_NAME.fullmatch(source):
            why = f"{finding.why}, but {source} is a name that can change: better its UUID"
            return replace(finding, level=Level.WARN, why=why)
        folder, _, name = source.rpartition("/")
        tag = tag_of(source)
        if folder == "/dev/disk/by-id" or (tag and tag[0] == "ID"):
            disk_id = next((i for i in self._cloud_disks if i in (tag[1] if tag else name)), "")
            if disk_id:
                why = f"names {disk_id} itself, but a new instance's disk has another id"
                return replace(finding, level=Level.FAIL, why=why)
        if folder == "/dev/disk/by-path":
            why = f"{finding.why}, but names a slot, which can change: better its UUID"
            return replace(finding, level=Level.WARN, why=why)
        return finding

    def _loop(self, files: list[str], finding: Finding) -> Finding:
        """Of loop devices; ``files`` is what they show."""
        finding = replace(finding, level=Level.FAIL, disks=())
        on_data = self._on_paths(files)
        if on_data:
            why = f"a loop device: {on_data.why}"
            return replace(finding, why=why, disks=on_data.disks, on_data=True)
        return replace(finding, why="a loop device, which is not yet set up when a system boots")

    def _lacking(self, disks: Iterable[str]) -> list[str]:
        """Those of the whole disks that a new instance has not got."""
        return [disk for disk in disks if not self._comes_along(disk)]

    def _comes_along(self, disk: str) -> bool:
        cloud_disk = self._devices.cloud_disk(disk)
        return cloud_disk is not None and (cloud_disk.is_system or cloud_disk.in_image)

    def _shown(self, disk: str) -> str:
        cloud_disk = self._devices.cloud_disk(disk)
        return str(cloud_disk) if cloud_disk else f"/dev/{disk} (no cloud disk id)"

    def _from_copy(self, source: str) -> Finding:
        """What can be said of a device when only a copy of the file was seen."""
        named = [disk for disk_id, disk in self._cloud_disks.items() if disk_id in source]
        if named and not named[0].is_system and not named[0].in_image:
            return Finding(Level.FAIL, "names a data disk", disks=(str(named[0]),), on_data=True)
        if named or _FIRST_DISK.fullmatch(source):
            return self._named(source, Finding(Level.PASS, "taken for the system disk"))
        if _KERNEL_NAME.fullmatch(source):
            return Finding(Level.FAIL, "taken for a data disk by its name", on_data=True)
        if self._has_data_disks:
            return Finding(Level.FAIL, "may name a data disk: a copy of the file cannot tell")
        return Finding(
            Level.WARN, "a copy of the file cannot tell its disk; no data disk is attached"
        )

    def _is_missing(self, path: str) -> bool:
        return self._facts.devices_seen and path not in self._facts.paths

    def _on_paths(self, paths: Iterable[str]) -> Finding | None:
        for path in paths:
            real = self._facts.paths.get(path, path)
            above = self._data_mount_above(path) or self._data_mount_above(real)
            if above:
                return Finding(
                    Level.FAIL,
                    f"its source lies below {above}, on a data disk that a new instance lacks",
                    disks=self._data_mounts[above],
                    on_data=True,
                )
        return None

    def _by_dependence(self, entry: Entry) -> Finding | None:
        """What follows from other mounts that this one needs."""
        above = self._data_mount_above(posixpath.dirname(entry.target.rstrip("/")))
        if above and entry.target.startswith("/"):
            why = f"its mount point lies below {above}, on a data disk that a new instance lacks"
            finding = Finding(Level.FAIL, why, disks=self._data_mounts[above])
            late = entry.fs_type in NETWORK or entry.has("_netdev")
            return finding.softened("the boot does not wait for it") if late else finding
        for need in entry.values("x-systemd.requires", "x-systemd.requires-mounts-for"):
            if self._needs_data(need):
                return Finding(Level.FAIL, f"requires {need}, which a new instance lacks")
        return None

    def _needs_data(self, need: str) -> bool:
        path = _unit_path(need)
        if path.startswith("/dev/"):
            return self.of_device(path).on_data
        return self._data_mount_above(path) is not None

    def _data_mount_above(self, path: str) -> str | None:
        """The mount point on a data disk at or above ``path``."""
        path = posixpath.normpath(path)
        while len(path) > 1 and path.startswith("/"):
            if path in self._data_mounts:
                return path
            path = path.rpartition("/")[0]
        return None

    def _find_data_mounts(self, entries: Sequence[Entry]) -> None:
        for target, disks in self._devices.data_mounts():
            lacking = self._lacking(disks)
            if lacking and target != "/":
                self._data_mounts[target] = tuple(map(self._shown, lacking))
        pending = [entry for entry in entries if entry.target not in ("/", "none", "swap")]
        for _ in range(_LAYERS):  # a bind mount of a folder on a data disk is one more such place
            findings = [(entry, self._by_kind(entry)) for entry in pending]
            pending = [entry for entry, finding in findings if not finding.on_data]
            for entry, finding in findings:
                if finding.on_data:
                    self._data_mounts.setdefault(posixpath.normpath(entry.target), finding.disks)
            if len(pending) == len(findings):
                return


def _is_remote(entry: Entry) -> bool:
    """Whether the first field names a host, a bucket or a share."""
    source = entry.source
    if source.startswith(("//", "\\\\")):
        return True
    if source.startswith("/") or tag_of(source):
        return False
    return "#" in source or ":/" in source or "://" in source or source.startswith("rbd")


def _unit_path(name: str) -> str:
    """The path that a mount or device unit stands for; ``name`` itself if it is a path."""
    if name.startswith("/"):
        return name
    stem = name.removesuffix(".mount").removesuffix(".device")
    path = "/" + stem.replace("-", "/")
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), path)
