"""What the checks are based on: the request, and what the cloud and the guest say."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cvmimg.cloud.create_image_request import create_image_request
from cvmimg.cloud.models import Disk, Image, Instance, Snapshot, SnapshotOverview
from cvmimg.cloud.states import INSTANCE_IN_TRANSITION
from cvmimg.command_line import CommandLine
from cvmimg.errors import CvmimgError
from cvmimg.guest.access import AGENT, AccessMethod
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.read import GuestUnreadable

Power = Literal["auto", "stop", "online"]


@dataclass(frozen=True)
class CheckRequest:
    """The image that is wanted.

    Attributes:
        instance_id: the source instance, or empty when ``snapshot_ids`` are given.
        name: the image's name; None if it is not known yet (``cvmimg check`` without ``--name``).
        snapshot_ids: the snapshots to make it from, instead of an instance.
        power: whether the instance may be shut down ("stop"), must not be ("online"), or is left
            running if that works ("auto").
        data_disk_ids: data disks to include.
        with_data_disks: include all data disks of the instance.
        description: of the image.
        family: of the image.
        sysprep: run Sysprep in a Windows instance.
        tags: of the image, with the tool's own.
        access: how the guest is reached.
        published: whether the image is to be shared with other accounts.
        command_line: makes the commands that are offered to paste.
    """

    instance_id: str = ""
    name: str | None = None
    snapshot_ids: tuple[str, ...] = ()
    power: Power = "auto"
    data_disk_ids: tuple[str, ...] = ()
    with_data_disks: bool = False
    description: str = ""
    family: str = ""
    sysprep: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    access: AccessMethod = AGENT
    published: bool = False
    command_line: CommandLine = field(default_factory=CommandLine)

    def data_disks_in(self, instance: Instance | None) -> tuple[str, ...]:
        """Return the ids of the source's data disks that the image will include."""
        if self.with_data_disks and instance is not None:
            return tuple(disk.disk_id for disk in instance.data_disks if disk.disk_id)
        return self.data_disk_ids

    def api_request(self, instance: Instance | None) -> dict[str, Any]:
        """Return CreateImage's parameters, with a random name if none is known yet."""
        return create_image_request(
            self.name or f"cvmimg-check-{secrets.token_hex(6)}",
            instance_id=self.instance_id,
            snapshot_ids=self.snapshot_ids,
            data_disk_ids=self.data_disks_in(instance),
            description=self.description,
            family=self.family,
            sysprep=self.sysprep,
            tags=self.tags,
        )

    def create_command(self, *options: str) -> str:
        """Return the user's command as a ``create`` with more options, to paste."""
        words = list(self.command_line.words) or ["create", "--instance", self.instance_id]
        if "check" in words:
            words[words.index("check")] = "create"
        if not any(word.startswith("--name") for word in words):
            words += ["--name", self.name or "NAME"]
        # Both together are refused.
        without = ("--online",) if "--stop" in options else ()
        return replace(self.command_line, words=tuple(words)).repeat(*options, without=without)


def is_busy(instance: Instance) -> bool:
    """Return whether an operation is in progress on an instance."""
    return instance.operating or instance.instance_state in INSTANCE_IN_TRANSITION


@dataclass(frozen=True)
class Facts:
    """What the cloud and the guest say about a request, at one moment.

    Attributes:
        request: what is wanted.
        region: where.
        instance: the source instance; None if the image is made from snapshots.
        source_image: the image the instance was started from; None if it is not visible.
        images: all custom images of the region.
        quota: how many custom images the region may hold; None if that could not be read.
        disks: the instance's cloud disks (DescribeDisks).
        snapshots: snapshots in progress of these disks, or those that the request names.
        overview: the account's snapshots; None if that could not be read.
        refusal: why the API's dry run was refused; None if it was not, or was not sent.
        replaceable: where the quota is used up: the oldest images that nothing uses.
        guest: what was read from the guest, or why it could not be read; None if there is no
            Linux guest, or no check needs it.
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
    guest: GuestFacts | GuestUnreadable | None = None

    @property
    def chosen_data_disk_ids(self) -> tuple[str, ...]:
        """The ids of the data disks that the image will include."""
        return self.request.data_disks_in(self.instance)

    @property
    def image_gib(self) -> int:
        """The size of all disks in the image, in GiB: the most that its snapshots can hold."""
        if self.instance is None:
            return sum(snapshot.disk_size for snapshot in self.snapshots)
        chosen = self.chosen_data_disk_ids
        data = sum(d.disk_size for d in self.instance.data_disks if d.disk_id in chosen)
        return self.instance.system_disk.disk_size + data
