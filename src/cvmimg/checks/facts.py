"""What the checks go by: the request, and what the cloud says of it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Literal

from cvmimg.cloud.models import Disk, Image, Instance, Snapshot, SnapshotOverview
from cvmimg.errors import CvmimgError

ASSUMED_QUOTA = 10
"""Custom images a region holds where DescribeImageQuota does not say."""

Power = Literal["auto", "stop", "online"]


@dataclass(frozen=True)
class CheckRequest:
    """The image that is wanted, as far as the checks care.

    Attributes:
        instance_id: the source, or empty when ``snapshot_ids`` are.
        name: the image's name; None if it is not known yet (``cvmimg check`` without ``--name``).
        snapshot_ids: the snapshots to make it from, instead of an instance.
        power: whether the instance may be shut down ("stop"), must not be ("online"), or is left
            as it is if that works ("auto").
        data_disk_ids: data disks to put into the image.
        with_data_disks: put all data disks of the instance into the image.
        program: how the user calls the tool, for commands that can be pasted.
    """

    instance_id: str = ""
    name: str | None = None
    snapshot_ids: tuple[str, ...] = ()
    power: Power = "auto"
    data_disk_ids: tuple[str, ...] = ()
    with_data_disks: bool = False
    program: str = "cvmimg"

    def data_disks_in(self, instance: Instance | None) -> tuple[str, ...]:
        """The ids of the data disks of the source that go into the image."""
        if self.with_data_disks and instance is not None:
            return tuple(disk.disk_id for disk in instance.data_disks if disk.disk_id)
        return self.data_disk_ids

    def create_command(self, *extra: str) -> str:
        """The ``create`` command of this request with ``extra`` options, to paste."""
        words = ["--instance", self.instance_id, "--name", self.name or "NAME"]
        words += [word for disk in self.data_disk_ids for word in ("--data-disk", disk)]
        words += ["--with-data-disks"] if self.with_data_disks else []
        return f"{self.program} create {shlex.join([*words, *extra])}"


@dataclass(frozen=True)
class Facts:
    """What the cloud says about a request, at one moment.

    Attributes:
        request: what is wanted.
        region: where.
        instance: the source instance; None if the image is made from snapshots.
        source_image: the image the instance was started from; None if it cannot be seen.
        images: all custom images of the region.
        quota: how many custom images the region may hold; None if the API did not say.
        disks: the instance's cloud disks as cbs knows them.
        snapshots: snapshots in the making of these disks, or those that the request names.
        overview: the account's snapshots; None if the API did not say.
        refusal: why the API's own dry run refused; None if it did not, or was not asked.
        replaceable: where the quota is used up: the oldest images that nothing uses.
    """

    request: CheckRequest
    region: str
    instance: Instance | None = None
    source_image: Image | None = None
    images: list[Image] = field(default_factory=list)
    quota: int | None = None
    disks: list[Disk] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    overview: SnapshotOverview | None = None
    refusal: CvmimgError | None = None
    replaceable: list[Image] = field(default_factory=list)

    @property
    def allowed(self) -> int:
        """How many custom images the region may hold, as told or assumed."""
        return ASSUMED_QUOTA if self.quota is None else self.quota

    @property
    def chosen_data_disk_ids(self) -> tuple[str, ...]:
        """The ids of the data disks that go into the image."""
        return self.request.data_disks_in(self.instance)

    @property
    def image_gib(self) -> int:
        """The size of all disks in the image, in GiB: what its snapshots hold at the most."""
        if self.instance is None:
            return sum(snapshot.disk_size for snapshot in self.snapshots)
        chosen = self.chosen_data_disk_ids
        data = sum(d.disk_size for d in self.instance.data_disks if d.disk_id in chosen)
        return self.instance.system_disk.disk_size + data
