"""Disks of new instances, and the data disks in an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from cvmimg.cloud.models import DataDisk

CLOUD_DISK = "CLOUD_"
"""How the types of cloud disks begin; local disks cannot be requested."""


class NewDisk(BaseModel):
    """A disk of a new instance.

    Attributes:
        type: such as "CLOUD_SSD"; empty for the API's default.
        gib: its size in GiB; 0 for the size of its snapshot or image.
        snapshot_id: the snapshot whose data it starts with, or empty.
        source_disk_id: the disk of which such a snapshot is still to be made, or empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str = ""
    gib: int = 0
    snapshot_id: str = ""
    source_disk_id: str = ""

    def as_request(self) -> dict[str, Any]:
        """Return the disk as RunInstances takes it."""
        fields = {"DiskType": self.type, "DiskSize": self.gib, "SnapshotId": self.snapshot_id}
        return {name: value for name, value in fields.items() if value}

    def __str__(self) -> str:
        size = f"{self.gib} GiB" if self.gib else ""
        data = self.snapshot_id or self.source_disk_id
        origin = f"from {data}" if data else ""
        return " ".join(filter(None, (self.type, size, origin))) or "API default"


@dataclass(frozen=True)
class ImageDisk:
    """A data disk in an image.

    Attributes:
        snapshot_id: its snapshot.
        gib: its size.
        disk_id: the disk that the snapshot was made of; empty if that is not known.
    """

    snapshot_id: str
    gib: int
    disk_id: str = ""

    def as_new_disk(self, disk_type: str = "", gib: int = 0) -> NewDisk:
        """Return a new disk with this data, at least as large."""
        return NewDisk(type=disk_type, gib=max(gib, self.gib), snapshot_id=self.snapshot_id)


def disks_like(model: Sequence[DataDisk], inside: Sequence[ImageDisk]) -> tuple[NewDisk, ...]:
    """Return new data disks like those of an instance.

    A disk that is also in the image gets its data from there; others start empty. Local disks are
    left out.
    """
    if any(not disk.disk_id for disk in inside):
        return ()  # which of them are in the image is not known
    by_disk = {disk.disk_id: disk for disk in inside}
    return tuple(
        by_disk[disk.disk_id].as_new_disk(disk.disk_type, disk.disk_size)
        if disk.disk_id in by_disk
        else NewDisk(type=disk.disk_type, gib=disk.disk_size)
        for disk in model
        if disk.disk_type.startswith(CLOUD_DISK)
    )
