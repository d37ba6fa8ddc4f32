"""Machines for tests: what would be seen inside, written down shortly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cvmimg.guest.facts import BlockDevice, GuestFacts, Mount, UnitFile
from cvmimg.guest.fstab.devices import TAGS, CloudDisk


def build(machine: Mapping[str, Any], fstab: bytes) -> GuestFacts:
    """Facts of a machine of ``corpus/machines.yaml`` with this fstab."""
    facts = GuestFacts(fstab=fstab, kernel=machine.get("kernel", "Linux"))
    facts.systemd = machine.get("systemd", True)
    for number, (name, words) in enumerate(machine.get("devices", {}).items()):
        _add_device(facts, name, f"254:{number}", words or {})
    facts.links.update(machine.get("links", {}))
    facts.paths = dict(machine.get("paths", {}))
    facts.btrfs = dict(machine.get("btrfs", {}))
    facts.crypttab = machine.get("crypttab", "").encode()
    for target, name in machine.get("mounts", {}).items():
        facts.mounts.append(Mount(facts.devices[name].number, target, "ext4", f"/dev/{name}"))
    for path, text in machine.get("units", {}).items():
        facts.units.append(UnitFile(path, text.encode()))
    facts.pulled = set(machine.get("pulled", ()))
    return facts


def _add_device(facts: GuestFacts, name: str, number: str, words: Mapping[str, Any]) -> None:
    tags = {key: str(value) for key, value in words.items() if key in TAGS}
    facts.devices[name] = BlockDevice(
        name,
        number,
        parent=words.get("parent", ""),
        members=list(words.get("members", ())),
        serial=words.get("serial", ""),
        mapper_name=words.get("mapper", ""),
        backing_file=words.get("file", ""),
        tags=tags,
    )
    for key, value in tags.items():
        facts.links[f"/dev/disk/{TAGS[key]}/{value}"] = f"../../{name}"
    if words.get("serial"):
        facts.links[f"/dev/disk/by-id/virtio-{words['serial']}"] = f"../../{name}"
    if words.get("mapper"):
        facts.links[f"/dev/mapper/{words['mapper']}"] = f"../{name}"


def cloud_disks(words: Mapping[str, Any]) -> list[CloudDisk]:
    """The attached disks: id → "system", "data" or "in image", and a size in GiB."""
    return [
        CloudDisk(disk_id, size, is_system=kind == "system", in_image=kind != "data")
        for disk_id, (kind, size) in words.items()
    ]
