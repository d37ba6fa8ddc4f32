"""Resolve a name in fstab to devices, and devices to cloud disks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cvmimg.guest.facts import BlockDevice, GuestFacts, Mount
from cvmimg.guest.text import decoded, shown
from cvmimg.message import Message

TAGS = {
    "UUID": "by-uuid",
    "LABEL": "by-label",
    "PARTUUID": "by-partuuid",
    "PARTLABEL": "by-partlabel",
    "ID": "by-id",
}
"""Tags of fstab's first field, and udev's directory with the same names."""

_TAG = re.compile(rf"({'|'.join(TAGS)})=(.*)", re.DOTALL)
_MOST_LINKS = 8


@dataclass(frozen=True)
class CloudDisk:
    """A disk that is attached to the instance.

    Attributes:
        id: such as "disk-data0001"; empty for a local disk without one.
        size_gib: its size in GiB; 0 if it is not known.
        is_system: whether it is the system disk.
        in_image: whether the image will include it; always True for the system disk.
    """

    id: str
    size_gib: int = 0
    is_system: bool = False
    in_image: bool = False

    @property
    def is_included(self) -> bool:
        """Whether the image includes the disk."""
        return self.is_system or self.in_image

    def described(self) -> Message:
        """Return the disk's id and size."""
        if not self.id:
            return Message("disk.system" if self.is_system else "disk.local", gib=self.size_gib)
        return Message("disk", disk=shown(self.id), gib=self.size_gib)


def tag_of(source: str) -> tuple[str, str] | None:
    """Return the tag and its value of ``UUID="…"`` and so on; None if ``source`` is not a tag."""
    match = _TAG.fullmatch(source)
    if match is None:
        return None
    value = match[2]
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    return match[1], value


class Devices:
    """The guest's block devices and the disks under them.

    Args:
        facts: what was read from the guest.
        cloud_disks: the disks that are attached to the instance.
    """

    def __init__(self, facts: GuestFacts, cloud_disks: Iterable[CloudDisk]) -> None:
        self._facts = facts
        self._devices = facts.devices
        self._cloud = {disk.id: disk for disk in cloud_disks}
        self._crypt = dict(_crypttab(facts.crypttab))
        self._of_disk = self._match_disks()

    def find(self, source: str) -> tuple[str, ...]:
        """Return the kernel names of the devices that ``source`` can mean."""
        tag = tag_of(source)
        names = self._by_tag(*tag) if tag else self._by_path(source)
        return tuple(dict.fromkeys(names))

    def at(self, path: str) -> tuple[str, ...]:
        """Return the devices of what is mounted at ``path`` now."""
        for mount in reversed(self._facts.mounts):
            if mount.target == path:
                return self._of_mount(mount)
        return ()

    def disks(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the kernel names of the whole disks under these devices, through all layers."""
        found = {disk for name in names for disk in self._whole_disks(name, set())}
        return tuple(sorted(found))

    def cloud_disk(self, disk: str) -> CloudDisk | None:
        """Return the cloud disk that a whole disk is, or None if that is not known."""
        return self._of_disk.get(disk)

    def is_system(self, disk: str) -> bool:
        """Return whether a whole disk is the system disk."""
        cloud_disk = self._of_disk.get(disk)
        return cloud_disk is not None and cloud_disk.is_system

    def has_left_out(self, disks: Iterable[str]) -> bool:
        """Return whether a cloud disk that the image does not include is among whole disks."""
        known = filter(None, map(self.cloud_disk, disks))
        return any(not disk.is_included for disk in known)

    def data_mounts(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield every current mount point that is on disks, with these disks."""
        for mount in self._facts.mounts:
            disks = self.disks_of(mount)
            if disks:
                yield mount.target, disks

    def disks_of(self, mount: Mount) -> tuple[str, ...]:
        """Return the whole disks under a mount; empty for file systems in memory or elsewhere."""
        return self.disks(self._of_mount(mount))

    def _match_disks(self) -> dict[str, CloudDisk]:
        """Match whole disks to cloud disks: by serial, by the root mount, or the only one left."""
        wholes = [d for d in self._devices.values() if not d.parent and not self._under(d)]
        serials = ((d.name, d.serial) for d in wholes if d.serial)
        matched = {name: self._cloud[s] for name, s in serials if s in self._cloud}
        if not any(disk.is_system for disk in matched.values()):
            system = next((d for d in self._cloud.values() if d.is_system), None)
            for name in self.disks(self.at("/")):
                if name not in matched and system is not None:
                    matched[name] = system
        left = [d.name for d in wholes if d.name not in matched and _is_disk(d)]
        known = {disk.id for disk in matched.values()}
        unmatched = [disk for disk in self._cloud.values() if disk.id not in known]
        if len(left) == len(unmatched) == 1 and not unmatched[0].is_system:
            matched[left[0]] = unmatched[0]
        return matched

    def _by_tag(self, tag: str, value: str) -> Iterator[str]:
        for device in self._devices.values():
            if value and device.tags.get(tag) == value:
                yield device.name
        link = f"/dev/disk/{TAGS[tag]}/{_udev_encoded(value)}"
        if link in self._facts.links:
            yield from self._by_path(link)

    def _by_path(self, path: str) -> Iterator[str]:
        path = self._followed(posixpath.normpath(path))
        name = path.removeprefix("/dev/")
        kernel_name = name.replace("/", "!")
        if path.startswith("/dev/") and kernel_name in self._devices:
            yield kernel_name
            return
        mapper_name = name.removeprefix("mapper/")
        if "/" in mapper_name:
            volume_group, _, volume = mapper_name.partition("/")
            mapper_name = f"{volume_group.replace('-', '--')}-{volume.replace('-', '--')}"
        yield from self._by_mapper_name(mapper_name)

    def _by_mapper_name(self, mapper_name: str) -> Iterator[str]:
        for device in self._devices.values():
            if mapper_name and device.mapper_name == mapper_name:
                yield device.name
                return
        source = self._crypt.get(mapper_name, "")
        if source.startswith("/dev/") or tag_of(source):
            self._crypt.pop(mapper_name)  # a line that names itself must not be followed twice
            yield from self.find(source)
            self._crypt[mapper_name] = source

    def _followed(self, path: str) -> str:
        for _ in range(_MOST_LINKS):
            if path not in self._facts.links:
                break
            path = posixpath.normpath(
                posixpath.join(posixpath.dirname(path), self._facts.links[path])
            )
        return path

    def _of_mount(self, mount: Mount) -> tuple[str, ...]:
        names = tuple(d.name for d in self._devices.values() if d.number == mount.number)
        # Some file systems (btrfs, overlay, zfs) mount under the number of no device.
        return names or (self.find(mount.source) if mount.source.startswith("/dev/") else ())

    def _whole_disks(self, name: str, seen: set[str]) -> Iterator[str]:
        device = self._devices.get(name)
        if device is None or name in seen:
            return
        seen.add(name)
        below = [device.parent] if device.parent else self._under(device)
        if not below:
            yield name
        for lower in [*below, *self._btrfs_siblings(device)]:
            yield from self._whole_disks(lower, seen)

    def _under(self, device: BlockDevice) -> list[str]:
        return [member for member in device.members if member in self._devices]

    def _btrfs_siblings(self, device: BlockDevice) -> list[str]:
        groups = self._facts.btrfs.values()
        return [other for group in groups if device.name in group for other in group]


def _is_disk(device: BlockDevice) -> bool:
    """Return whether it can be a cloud disk: not an optical drive, memory or a file."""
    return not re.match(r"(sr|fd|loop|zram|ram|dm-|md|nbd)\d", device.name)


def _udev_encoded(value: str) -> str:
    """Return ``value`` as udev writes it in the names of /dev/disk/by-…."""
    return "".join(
        character
        if character.isalnum() or character in "#+-.:=@_" or ord(character) > 0x7F
        else f"\\x{ord(character):02x}"
        for character in value
    )


def _crypttab(content: bytes) -> Iterator[tuple[str, str]]:
    for line in decoded(content).splitlines():
        fields = line.split()
        if len(fields) >= 2 and not fields[0].startswith("#"):
            yield fields[0], fields[1]
