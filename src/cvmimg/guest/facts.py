"""What is read from a guest, and the parser of the output of ``scripts/inspect.sh``.

The output is untrusted: parsing it raises nothing but ``Garbled`` and returns nothing but text.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cvmimg.guest.packing import Garbled, unpack

FSTAB = "/etc/fstab"
CRYPTTAB = "/etc/crypttab"
WINDOWS = "Windows"
"""The kernel of a guest that runs Windows."""
_TAGS = {
    "ID_FS_UUID": "UUID",
    "ID_FS_UUID_ENC": "UUID",
    "ID_FS_LABEL_ENC": "LABEL",
    "ID_PART_ENTRY_UUID": "PARTUUID",
    "ID_PART_ENTRY_NAME": "PARTLABEL",
}
_UDEV_ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})")
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")
_BLKID = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass
class BlockDevice:
    """A block device, as the kernel describes it.

    Attributes:
        name: the kernel name, such as "vdb1" or "dm-0".
        number: major:minor.
        parent: of a partition: the whole disk.
        members: the devices under a volume, an array or a crypt device.
        serial: of a virtio disk: the id of the cloud disk.
        mapper_name: of a device-mapper device: its name in /dev/mapper.
        backing_file: of a loop device: the path of its file.
        tags: UUID, LABEL, PARTUUID, PARTLABEL → the value.
    """

    name: str
    number: str = ""
    parent: str = ""
    members: list[str] = field(default_factory=list)
    serial: str = ""
    mapper_name: str = ""
    backing_file: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mount:
    """A line of the mount table: ``number`` is the device's major:minor."""

    number: str
    target: str
    fs_type: str
    source: str
    read_only: bool = False


@dataclass(frozen=True)
class UnitFile:
    """A mount, automount or swap unit that an administrator wrote.

    Attributes:
        path: of the file, in the guest.
        content: its text, followed by that of its drop-ins.
        sha256: of the file alone, hexadecimal.
    """

    path: str
    content: bytes
    sha256: str = ""

    @property
    def name(self) -> str:
        """The unit's name, such as "data.mount"."""
        return posixpath.basename(self.path)


@dataclass
class GuestFacts:
    """All that was read.

    Attributes:
        fstab: the content of /etc/fstab; None if there is none.
        kernel: as printed by ``uname -s``; empty if only a copy of fstab is known.
        systemd: whether systemd runs the guest.
        crypttab: the content of /etc/crypttab; empty if there is none.
        devices: by kernel name.
        links: path → target, of the symbolic links below /dev.
        mounts: the mount table, in order.
        swaps: device or file paths of active swap spaces.
        btrfs: the members of each btrfs, by its UUID.
        paths: paths in fstab that exist → the path with all symbolic links resolved; of mount
            points only those that the mount table does not have.
        units: hand-written systemd units for mounts and swap.
        pulled: names of units that an enabled unit or target starts.
        observed: what the ``readiness`` scripts found, by kind: subject → value.
    """

    fstab: bytes | None = None
    kernel: str = ""
    systemd: bool = False
    crypttab: bytes = b""
    devices: dict[str, BlockDevice] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    mounts: list[Mount] = field(default_factory=list)
    swaps: list[str] = field(default_factory=list)
    btrfs: dict[str, list[str]] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    units: list[UnitFile] = field(default_factory=list)
    pulled: set[str] = field(default_factory=set)
    observed: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def was_read(self) -> bool:
        """Whether the guest itself was read, not only a copy of fstab."""
        return self.has_devices or self.kernel == WINDOWS

    def real_path(self, path: str) -> str:
        """Return a path of fstab with its symbolic links resolved, as far as they are known."""
        return self.paths.get(path) or posixpath.normpath(path)

    @property
    def has_devices(self) -> bool:
        """Whether its disks are known, as in Linux that was read itself."""
        return bool(self.devices)


def from_copy(fstab: bytes) -> GuestFacts:
    """Return the facts that a copy of /etc/fstab alone provides."""
    return GuestFacts(fstab=fstab)


def parse_facts(answer: bytes) -> GuestFacts:
    """Parse what ``inspect.sh`` gathered: triples (kind, subject, value), each ended by NUL.

    Raises:
        Garbled: it is something else, or its end is missing.
    """
    collector = _Collector()
    for kind, subject, value in _triples(answer):
        collector.take(kind, subject, value)
    return collector.finish()


def _triples(answer: bytes) -> Iterator[tuple[str, str, bytes]]:
    words = answer.split(b"\0")
    if len(words) < 4 or words[-4:-1] != [b"end", b"", b""] or (len(words) - 1) % 3:
        raise Garbled("not a sequence of triples")
    for start in range(0, len(words) - 4, 3):
        kind, subject, value = words[start : start + 3]
        yield _text(kind), _text(subject), value


class _Collector:
    """Collects triples into facts; unknown kinds are ignored."""

    def __init__(self) -> None:
        self.facts = GuestFacts()
        self.files: dict[str, bytes] = {}
        self.drop_ins: list[tuple[str, bytes]] = []
        self.by_number: dict[str, bytes] = {}
        self.blkid = b""

    def take(self, kind: str, subject: str, value: bytes) -> None:
        group, _, key = kind.partition(":")
        fields = {
            "system": self._system,
            "device": self._device,
            "file": self._file,
            "link": self._link,
            "observed": self._observed,
        }
        if group in fields:
            fields[group](key, subject, value)

    def _system(self, key: str, _: str, value: bytes) -> None:
        if key == "kernel":
            self.facts.kernel = _text(value)
        elif key == "systemd":
            self.facts.systemd = value == b"yes"

    def _device(self, key: str, subject: str, value: bytes) -> None:
        device = self.facts.devices.setdefault(subject, BlockDevice(subject))
        if key == "member":
            device.members.append(_text(value))
        elif key in ("number", "parent", "serial", "mapper_name", "backing_file"):
            setattr(device, key, _text(value).strip())

    def _file(self, key: str, subject: str, value: bytes) -> None:
        content = unpack(value)
        if key == "plain":
            self.files[subject] = content
        elif key == "udev":
            self.by_number[subject] = content
        elif key == "blkid":
            self.blkid = content
        elif key == "unit":
            digest = _sha256(content)
            self.facts.units.append(UnitFile(subject, content, digest))
        elif key == "drop-in":
            self.drop_ins.append((subject, content))

    def _link(self, key: str, subject: str, value: bytes) -> None:
        target = _text(value)
        if key == "dev":
            self.facts.links[subject] = target
        elif key == "path":
            self.facts.paths[subject] = target
        elif key == "pulled":
            self.facts.pulled.add(posixpath.basename(subject))
        elif key == "btrfs":
            self.facts.btrfs.setdefault(subject, []).append(target)

    def _observed(self, key: str, subject: str, value: bytes) -> None:
        self.facts.observed.setdefault(key, {})[subject] = _text(value)

    def finish(self) -> GuestFacts:
        facts = self.facts
        facts.fstab = self.files.get(FSTAB)
        facts.crypttab = self.files.get(CRYPTTAB, b"")
        facts.mounts = parse_mounts(self.files.get("/proc/self/mountinfo", b""))
        facts.swaps = parse_swaps(self.files.get("/proc/swaps", b""))
        facts.units = [self._with_drop_ins(unit) for unit in facts.units]
        self._read_blkid()
        for device in facts.devices.values():
            device.tags.update(_udev_tags(self.by_number.get(device.number, b"")))
        return facts

    def _with_drop_ins(self, unit: UnitFile) -> UnitFile:
        added = [text for path, text in self.drop_ins if f"/{unit.name}.d/" in path]
        return UnitFile(unit.path, b"\n".join([unit.content, *added]), unit.sha256)

    def _read_blkid(self) -> None:
        for line in _text(self.blkid).splitlines():
            path, _, rest = line.partition(": ")
            device = self.facts.devices.get(path.removeprefix("/dev/"))
            if device is not None:
                pairs = _BLKID.findall(rest)
                device.tags.update({k: v for k, v in pairs if k in _TAGS.values()})


def parse_mounts(content: bytes) -> list[Mount]:
    """Parse /proc/self/mountinfo; malformed lines are skipped."""
    mounts = []
    for line in content.split(b"\n"):
        head, dash, tail = line.partition(b" - ")
        left, right = head.split(b" "), tail.split(b" ")
        if dash and len(left) >= 6 and len(right) >= 2:
            read_only = b"ro" in left[5].split(b",")
            mount = (_text(left[2]), _octal(left[4]), _text(right[0]), _octal(right[1]))
            mounts.append(Mount(*mount, read_only=read_only))
    return mounts


def parse_swaps(content: bytes) -> list[str]:
    """Parse /proc/swaps and return the paths of active swap spaces."""
    lines = [line.split() for line in content.split(b"\n")[1:]]
    return [_octal(words[0]) for words in lines if words]


def _udev_tags(content: bytes) -> dict[str, str]:
    tags = {}
    for line in content.split(b"\n"):
        key, _, value = line.removeprefix(b"E:").partition(b"=")
        tag = _TAGS.get(_text(key))
        if line.startswith(b"E:") and tag:
            plain = _UDEV_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), value)
            tags[tag] = _text(plain)
    return tags


def _octal(word: bytes) -> str:
    return _text(_OCTAL.sub(lambda match: bytes([int(match[1], 8)]), word))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
