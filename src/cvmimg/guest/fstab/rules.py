"""The rules: what kind of mount an entry defines, and whether a new instance boots with it."""

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
from cvmimg.guest.fstab.units import without_escapes
from cvmimg.guest.text import shown
from cvmimg.message import Message

_SYSTEM_TARGETS = frozenset(("/", "/boot", "/boot/efi", "/efi", "/usr"))
KERNEL_NAME = re.compile(r"/dev/(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+)p?\d*")
_FIRST_DISK = re.compile(r"/dev/(?:(?:[shv]d|xvd)a|nvme0n1p?)\d*")
_REMOVABLE = re.compile(r"/dev/(?:sr\d+|scd\d+|cdrom\d*|dvd\d*|cdrw|fd\d+|floppy)")
_MEMORY = re.compile(r"/dev/z?ram\d+")
_PATHS = re.compile(r"(?<![^=:,])/(?:[^:,\\]|\\.)*")
_LAYERS = 16
"""How many mounts may be stacked on each other."""


class Level(str, Enum):
    """How severe a finding is."""

    PASS = "pass"  # noqa: S105  not a password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """What a rule found about an entry.

    Attributes:
        level: how severe it is.
        why: the reason, as a clause.
        mitigation: why it is only a warning, as a clause; None if nothing mitigates it.
        devices: kernel names of the devices.
        disks: the disks under them.
        on_data: whether it needs a data disk that the image does not include.
    """

    level: Level
    why: Message
    mitigation: Message | None = None
    devices: tuple[str, ...] = ()
    disks: tuple[Message, ...] = ()
    on_data: bool = False

    def mitigated(self, by: str) -> Finding:
        """Return the finding as a warning; ``by`` is the code of the reason."""
        return replace(self, level=Level.WARN, mitigation=Message(by))


def _passed(code: str) -> Finding:
    return Finding(Level.PASS, Message(code))


def _failed(code: str) -> Finding:
    return Finding(Level.FAIL, Message(code))


class Rules:
    """Assesses entries, each in the context of all.

    Args:
        facts: what was read from the guest.
        devices: its devices, resolved to disks.
        cloud_disks: the disks that are attached.
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
        self._data_mounts: dict[str, tuple[Message, ...]] = {}
        self._find_data_mounts(entries)

    def assess(self, entry: Entry) -> Finding:
        """Find whether a new instance boots with this entry."""
        finding = self._by_kind(entry)
        if finding.level is not Level.FAIL:
            finding = self._by_dependence(entry) or finding
        if finding.level is Level.FAIL:
            return self._mitigated(entry, finding)
        return finding

    def of_device(self, source: str) -> Finding:
        """Find whether a new instance has the device that ``source`` names by path or tag."""
        if not self._facts.has_devices:
            return self._from_copy(source)
        names = self._devices.find(source)
        if not names:
            return _failed("fstab.no-such-device")
        return self._of_devices(source, names)

    def _mitigated(self, entry: Entry, finding: Finding) -> Finding:
        if entry.has("noauto", "auto"):
            return finding.mitigated("fstab.noauto")
        if entry.has("nofail", "fail"):
            return finding.mitigated("fstab.nofail")
        if "x-systemd.automount" in entry.options and self._facts.systemd:
            return finding.mitigated("fstab.automount")
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
        finding = self._at_path(entry.source, "fstab.no-such-directory")
        return finding or _passed("fstab.bind-mount")

    def _pseudo(self, entry: Entry) -> Finding | None:
        if entry.fs_type not in PSEUDO:
            return None
        return _passed("fstab.pseudo")

    def _network(self, entry: Entry) -> Finding | None:
        remote = entry.fs_type in NETWORK or _is_remote(entry)
        if not remote:
            return None
        waited_for = not entry.may_be_missing and not entry.has("_netdev")
        code = "fstab.network-waited-for" if waited_for else "fstab.network"
        return Finding(Level.WARN, Message(code))

    def _layered(self, entry: Entry) -> Finding | None:
        if entry.fs_type not in LAYERED:
            return None
        words = [entry.source, *entry.options]
        paths = [path for word in words for path in _PATHS.findall(word)]
        return self._on_paths(paths) or _passed("fstab.layered")

    def _pool(self, entry: Entry) -> Finding | None:
        if entry.fs_type != "zfs":
            return None
        if self._has_data_disks:
            return _failed("fstab.zfs-unknown-disks")
        return _passed("fstab.zfs")

    def _special_device(self, entry: Entry) -> Finding | None:
        if _MEMORY.fullmatch(entry.source):
            return _passed("fstab.memory")
        if _REMOVABLE.fullmatch(entry.source):
            if entry.may_be_missing:
                return _passed("fstab.removable")
            return _failed("fstab.removable-missing")
        if entry.source in ("/dev/root", "rootfs") and entry.target == "/":
            return _passed("fstab.root")
        return None

    def _file(self, entry: Entry) -> Finding | None:
        source = entry.source
        if not source.startswith("/") or source.startswith("/dev/"):
            return None
        finding = self._at_path(source, "fstab.no-such-file")
        if finding:
            return finding
        real = self._facts.paths.get(source, "")
        if real.startswith("/dev/"):
            return self._device(replace(entry, source=real))
        return _passed("fstab.file")

    def _device(self, entry: Entry) -> Finding:
        if not entry.source.startswith("/dev/") and tag_of(entry.source) is None:
            if self._facts.has_devices or self._has_data_disks:
                return _failed("fstab.not-found")
            return Finding(Level.WARN, Message("fstab.unresolved"))
        if not self._facts.has_devices and entry.target in _SYSTEM_TARGETS:
            return self._named(entry.source, _passed("fstab.system-disk"))
        return self.of_device(entry.source)

    def _of_devices(self, source: str, names: tuple[str, ...]) -> Finding:
        missing = {name: self._missing(self._devices.disks([name])) for name in names}
        disks = self._devices.disks(names)
        finding = replace(
            _passed("fstab.system-disk"), devices=names, disks=tuple(map(self._shown, disks))
        )
        files = list(filter(None, (self._facts.devices[name].backing_file for name in names)))
        if files:
            return self._loop(files, finding)
        if all(missing.values()):
            partly = len(disks) > len(self._missing(disks))
            code = "fstab.partly-on-data-disk" if partly else "fstab.data-disk"
            return replace(finding, level=Level.FAIL, why=Message(code), on_data=True)
        if any(missing.values()):
            return replace(finding, level=Level.WARN, why=Message("fstab.ambiguous"))
        if not all(self._devices.is_system(disk) for disk in disks):
            finding = replace(finding, why=Message("fstab.included-data-disk"))
        return self._named(source, finding)

    def _named(self, source: str, finding: Finding) -> Finding:
        """Return ``finding``, or worse if a new instance's device may not have this name."""
        level, why = Level.WARN, finding.why
        folder, _, name = source.rpartition("/")
        tag = tag_of(source)
        id_in = tag[1] if tag and tag[0] == "ID" else name if folder == "/dev/disk/by-id" else ""
        disk_id = next((each for each in self._cloud_disks if each in id_in), "")
        if KERNEL_NAME.fullmatch(source):
            why = Message("fstab.unstable-name", source=source)
        elif disk_id:
            level, why = Level.FAIL, Message("fstab.disk-id", disk=disk_id)
        elif folder == "/dev/disk/by-path":
            why = Message("fstab.unstable-slot")
        else:
            return finding
        return replace(finding, level=level, why=why)

    def _loop(self, files: list[str], finding: Finding) -> Finding:
        """Assess loop devices with these backing files."""
        finding = replace(finding, level=Level.FAIL, disks=())
        on_data = self._on_paths(files)
        if on_data:
            why = Message("fstab.loop-on-data-disk", path=on_data.why.params["path"])
            return replace(finding, why=why, disks=on_data.disks, on_data=True)
        return replace(finding, why=Message("fstab.loop"))

    def _missing(self, disks: Iterable[str]) -> list[str]:
        """Return those of the whole disks that a new instance lacks."""
        return [disk for disk in disks if not self._is_included(disk)]

    def _is_included(self, disk: str) -> bool:
        cloud_disk = self._devices.cloud_disk(disk)
        return cloud_disk is not None and cloud_disk.is_included

    def _shown(self, disk: str) -> Message:
        cloud_disk = self._devices.cloud_disk(disk)
        if cloud_disk is not None:
            return cloud_disk.described()
        return Message("disk.unknown", device=shown(f"/dev/{disk}"))

    def _from_copy(self, source: str) -> Finding:
        """Assess a device of which only the name in a copy of the file is known."""
        named = [disk for disk_id, disk in self._cloud_disks.items() if disk_id in source]
        if named and not named[0].is_included:
            why = Message("fstab.copy-names-data-disk")
            return Finding(Level.FAIL, why, disks=(named[0].described(),), on_data=True)
        if named or _FIRST_DISK.fullmatch(source):
            return self._named(source, _passed("fstab.copy-system-disk"))
        if KERNEL_NAME.fullmatch(source):
            return replace(_failed("fstab.copy-data-disk"), on_data=True)
        if self._has_data_disks:
            return _failed("fstab.copy-unresolved")
        return Finding(Level.WARN, Message("fstab.unresolved"))

    def _at_path(self, path: str, if_missing: str) -> Finding | None:
        is_missing = self._facts.has_devices and path not in self._facts.paths
        return self._on_paths([path]) or (_failed(if_missing) if is_missing else None)

    def _on_paths(self, paths: Iterable[str]) -> Finding | None:
        for path in paths:
            real = self._facts.paths.get(path, path)
            above = self._data_mount_above(path) or self._data_mount_above(real)
            if above:
                return Finding(
                    Level.FAIL,
                    Message("fstab.source-on-data-disk", path=shown(above)),
                    disks=self._data_mounts[above],
                    on_data=True,
                )
        return None

    def _by_dependence(self, entry: Entry) -> Finding | None:
        """Assess what follows from other mounts that this one needs."""
        targets = (entry.target, self._facts.real_path(entry.target))
        parents = (posixpath.dirname(target.rstrip("/")) for target in targets)
        above = next(filter(None, map(self._data_mount_above, parents)), None)
        if above and entry.target.startswith("/"):
            why = Message("fstab.target-on-data-disk", path=shown(above))
            finding = Finding(Level.FAIL, why, disks=self._data_mounts[above])
            late = entry.fs_type in NETWORK or entry.has("_netdev")
            return finding.mitigated("fstab.not-waited-for") if late else finding
        for need in entry.values("x-systemd.requires", "x-systemd.requires-mounts-for"):
            if self._needs_data(need):
                return Finding(Level.FAIL, Message("fstab.requires-data-disk", unit=shown(need)))
        return None

    def _needs_data(self, need: str) -> bool:
        path = _unit_path(need)
        if path.startswith("/dev/"):
            return self.of_device(path).on_data
        return self._data_mount_above(path) is not None

    def _data_mount_above(self, path: str) -> str | None:
        """Return the mount point on a data disk at or above ``path``, or None."""
        path = posixpath.normpath(path)
        while len(path) > 1 and path.startswith("/"):
            if path in self._data_mounts:
                return path
            path = path.rpartition("/")[0]
        return None

    def _find_data_mounts(self, entries: Sequence[Entry]) -> None:
        for target, disks in self._devices.data_mounts():
            missing = self._missing(disks)
            if missing and target != "/":
                self._data_mounts[target] = tuple(map(self._shown, missing))
        pending = [entry for entry in entries if entry.target not in ("/", "none", "swap")]
        for _ in range(_LAYERS):  # a bind mount of a directory on a data disk adds one
            findings = [(entry, self._by_kind(entry)) for entry in pending]
            pending = [entry for entry, finding in findings if not finding.on_data]
            for entry, finding in findings:
                if finding.on_data:
                    self._data_mounts.setdefault(self._facts.real_path(entry.target), finding.disks)
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
    """Return the path that a mount or device unit stands for; ``name`` itself if it is one."""
    if name.startswith("/"):
        return name
    stem = name.removesuffix(".mount").removesuffix(".device")
    return without_escapes("/" + stem.replace("-", "/"))
