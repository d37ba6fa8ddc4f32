"""What is read from a guest, and the parser of the output of ``scripts/inspect.sh``.

The output is untrusted: parsing it raises nothing but ``Garbled`` and returns nothing but text.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cvmimg.guest.packing import Garbled, digest, unpack
from cvmimg.guest.text import decoded, without_octal

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
_OBSERVED = "observed:"
_UDEV_ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})")
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

    def seen(self, kind: str) -> dict[str, str]:
        """Return what was observed of a kind; empty if nothing was."""
        return self.observed.get(kind, {})

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
    found: dict[str, list[tuple[str, bytes]]] = defaultdict(list)
    for kind, subject, value in _triples(answer):
        found[kind].append((subject, value))

    def texts(kind: str) -> dict[str, str]:
        return {subject: decoded(value) for subject, value in found[kind]}

    def files(kind: str) -> list[tuple[str, bytes]]:
        return [(subject, unpack(value)) for subject, value in found[f"file:{kind}"]]

    plain, drop_ins = dict(files("plain")), files("drop-in")
    facts = GuestFacts(
        fstab=plain.get(FSTAB),
        kernel=texts("system:kernel").get("", ""),
        systemd=("", b"yes") in found["system:systemd"],
        crypttab=plain.get(CRYPTTAB, b""),
        devices=_devices(found),
        links=texts("link:dev"),
        mounts=_mounts(plain.get("/proc/self/mountinfo", b"")),
        swaps=_swaps(plain.get("/proc/swaps", b"")),
        paths=texts("link:path"),
        units=[_unit(path, content, drop_ins) for path, content in files("unit")],
        pulled={posixpath.basename(path) for path in texts("link:pulled")},
        observed={
            kind.removeprefix(_OBSERVED): texts(kind)
            for kind in tuple(found)
            if kind.startswith(_OBSERVED)
        },
    )
    for uuid, member in found["link:btrfs"]:
        facts.btrfs.setdefault(uuid, []).append(decoded(member))
    _add_tags(facts.devices, dict(files("udev")), dict(files("blkid")).get("", b""))
    return facts


def _triples(answer: bytes) -> Iterator[tuple[str, str, bytes]]:
    words = answer.split(b"\0")
    if len(words) < 4 or words[-4:-1] != [b"end", b"", b""] or (len(words) - 1) % 3:
        raise Garbled("not a sequence of triples")
    for start in range(0, len(words) - 4, 3):
        kind, subject, value = words[start : start + 3]
        yield decoded(kind), decoded(subject), value


def _devices(found: Mapping[str, Sequence[tuple[str, bytes]]]) -> dict[str, BlockDevice]:
    devices = {name: BlockDevice(name) for name, _ in found["device:number"]}
    for key in ("number", "parent", "serial", "mapper_name", "backing_file"):
        for name, value in found[f"device:{key}"]:
            setattr(devices.setdefault(name, BlockDevice(name)), key, decoded(value).strip())
    for name, member in found["device:member"]:
        devices.setdefault(name, BlockDevice(name)).members.append(decoded(member))
    return devices


def _add_tags(devices: Mapping[str, BlockDevice], udev: Mapping[str, bytes], blkid: bytes) -> None:
    """Add the tags that blkid and udev print; udev's, by the number of the device, win."""
    for line in decoded(blkid).splitlines():
        path, _, rest = line.partition(": ")
        device = devices.get(path.removeprefix("/dev/"))
        if device is not None:
            pairs = _BLKID.findall(rest)
            device.tags.update({k: v for k, v in pairs if k in _TAGS.values()})
    for device in devices.values():
        device.tags.update(_udev_tags(udev.get(device.number, b"")))


def _unit(path: str, content: bytes, drop_ins: Sequence[tuple[str, bytes]]) -> UnitFile:
    folder = f"/{posixpath.basename(path)}.d/"
    added = [text for drop_in, text in drop_ins if folder in drop_in]
    return UnitFile(path, b"\n".join([content, *added]), digest(content))


def _mounts(content: bytes) -> list[Mount]:
    """Parse /proc/self/mountinfo; malformed lines are skipped."""
    mounts = []
    for line in content.split(b"\n"):
        head, dash, tail = line.partition(b" - ")
        left, right = head.split(b" "), tail.split(b" ")
        if dash and len(left) >= 6 and len(right) >= 2:
            read_only = b"ro" in left[5].split(b",")
            target, source = without_octal(left[4]), without_octal(right[1])
            mounts.append(
                Mount(decoded(left[2]), target, decoded(right[0]), source, read_only=read_only)
            )
    return mounts


def _swaps(content: bytes) -> list[str]:
    """Parse /proc/swaps and return the paths of active swap spaces."""
    lines = [line.split() for line in content.split(b"\n")[1:]]
    return [without_octal(words[0]) for words in lines if words]


def _udev_tags(content: bytes) -> dict[str, str]:
    tags = {}
    for line in content.split(b"\n"):
        key, _, value = line.removeprefix(b"E:").partition(b"=")
        tag = _TAGS.get(decoded(key))
        if line.startswith(b"E:") and tag:
            plain = _UDEV_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), value)
            tags[tag] = decoded(plain)
    return tags
