"""What is really there: read from the sandbox's store and the guests' files.

The only module that knows the shape of the sandbox's documents. States are those that the cloud
comes to by itself when all its tasks have ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cvmimg.sandbox import NEIGHBOUR, OWNER
from cvmimg.sandbox.state.store import Store
from tests.simulation.operations import REGIONS


class Guests(Protocol):
    """The insides of instances."""

    def files(self, instance_id: str) -> Mapping[str, bytes]:
        """What the tool may change in a guest, by path; empty if nobody has looked into it yet."""

    def mounts(self, instance_id: str) -> frozenset[str] | None:
        """The mount points in a guest, or None if nobody has looked into it yet."""

    def frozen(self, instance_id: str) -> Iterable[str]:
        """The mount points that are frozen now."""


@dataclass(frozen=True)
class InstanceTruth:
    """An instance.

    Attributes:
        files: everything in its guest that somebody may have changed; by path.
        mounts: its mount points; None if it does not run, or nobody has looked into it.
        frozen: the mount points that are frozen now.
    """

    id: str
    name: str
    account: str
    region: str
    state: str
    tags: Mapping[str, str]
    disk_ids: tuple[str, ...]
    files: Mapping[str, bytes]
    mounts: frozenset[str] | None
    mounts_wanted: frozenset[str]
    frozen: frozenset[str]
    image_id: str
    user_data: str


@dataclass(frozen=True)
class ImageTruth:
    """A custom image.

    Attributes:
        files: the paths in which its system disk differs from a fresh installation.
    """

    id: str
    name: str
    account: str
    region: str
    state: str
    description: str
    family: str
    deprecated: bool
    tags: Mapping[str, str]
    snapshot_ids: tuple[str, ...]
    shared_with: frozenset[str]
    fstab: bytes
    files: frozenset[str]
    encrypted: bool
    created: float


@dataclass(frozen=True)
class SnapshotTruth:
    """A snapshot; ``used`` if an image of it still exists."""

    id: str
    account: str
    region: str
    disk_id: str
    used: bool


@dataclass(frozen=True)
class Truth:
    """Everything that there is, by id."""

    instances: Mapping[str, InstanceTruth]
    images: Mapping[str, ImageTruth]
    snapshots: Mapping[str, SnapshotTruth]

    @classmethod
    def of(cls, store: Store, guests: Guests, now: float) -> Truth:
        """Read it all, as it is at this time of the cloud."""
        with store.transaction(write=False) as view:
            documents = _Documents(view, now)
            images = {image["Id"]: image for image in documents.living("image")}
            shares = list(documents.living("share"))
            return cls(
                {d["Id"]: _instance(guests, d) for d in documents.living("instance")},
                {i: _image(d, shares) for i, d in images.items()},
                {d["Id"]: _snapshot(d, images) for d in documents.living("snapshot")},
            )

    def new_images(self, before: Truth) -> list[ImageTruth]:
        return [image for id, image in self.images.items() if id not in before.images]

    def new_instances(self, before: Truth) -> list[InstanceTruth]:
        return [one for id, one in self.instances.items() if id not in before.instances]

    def serving(self, family: str) -> str:
        """The image that serves a family: the newest of the account that is not deprecated."""
        images = [
            (image.created, image.id)
            for image in self.images.values()
            if (image.family, image.account, image.state) == (family, OWNER, "NORMAL")
            if not image.deprecated
        ]
        return max(images)[1] if images else ""

    def loose_snapshots(self, before: Truth) -> list[SnapshotTruth]:
        """The new snapshots that no image uses, and the old ones that none uses any more."""
        known = {id for id, snapshot in before.snapshots.items() if not snapshot.used}
        return [s for id, s in self.snapshots.items() if not s.used and id not in known]


class _Documents:
    """The documents of both accounts in all regions."""

    def __init__(self, view: Any, now: float) -> None:
        self._view = view
        self._now = now

    def living(self, kind: str) -> Iterator[dict[str, Any]]:
        for account in (OWNER, NEIGHBOUR):
            for region in REGIONS:
                for document in self._view.all(kind, account, region):
                    if not self._is_gone(document) or _failed_launch(document):
                        yield document

    def _is_gone(self, document: Mapping[str, Any]) -> bool:
        """Whether it is gone, or soon will be; an instance with a timer is there until then."""
        power = document.get("Power")
        if power is None or "Gone" not in document:
            return "Gone" in document
        ends = power["During"] == "TERMINATING" and not power["Task"]["Fault"]
        return bool(ends or document["Gone"] <= self._now)


def _failed_launch(document: Mapping[str, Any]) -> bool:
    power = document.get("Power")
    if power is None or power["Otherwise"] != "LAUNCH_FAILED":
        return False
    return bool(power["Task"]["Fault"] == "fail")


def _instance(guests: Guests, document: Mapping[str, Any]) -> InstanceTruth:
    identifier = document["Id"]
    fstab = str(document["Guest"]["fstab"]).encode("utf-8", "surrogateescape")
    state = _power(document["Power"])
    disks = (document["SystemDisk"], *document["DataDisks"])
    return InstanceTruth(
        id=identifier,
        name=document["Name"],
        account=document["Account"],
        region=document["Region"],
        state=state,
        tags=_tags(document),
        disk_ids=tuple(disk["DiskId"] for disk in disks),
        files=guests.files(identifier) or {"root/etc/fstab": fstab},
        mounts=guests.mounts(identifier) if state == "RUNNING" else None,
        mounts_wanted=frozenset(document["Guest"]["mounts"]),
        frozen=frozenset(guests.frozen(identifier)),
        image_id=document["ImageId"],
        user_data=document["UserData"],
    )


def _power(power: Mapping[str, Any]) -> str:
    task = power["Task"]
    fault = task["Fault"] or "" if task else ""
    key = {"fail": "Otherwise", "stuck": "During"}.get(fault, "After")
    return str(power[key])


def _image(document: Mapping[str, Any], shares: list[dict[str, Any]]) -> ImageTruth:
    task = document["Task"]
    fault = task["Fault"] or "" if task else ""
    state = {"fail": "CREATEFAILED", "stuck": "CREATING"}.get(fault, "NORMAL")
    return ImageTruth(
        id=document["Id"],
        name=document["Name"],
        account=document["Account"],
        region=document["Region"],
        state=state,
        description=document["Description"],
        family=document["Family"],
        deprecated=document["Deprecated"],
        tags=_tags(document),
        snapshot_ids=tuple(each["SnapshotId"] for each in document["Snapshots"]),
        shared_with=frozenset(s["Account"] for s in shares if s["Parent"] == document["Id"]),
        fstab=str(document["Guest"]["fstab"]).encode("utf-8", "surrogateescape"),
        files=frozenset(document["Guest"]["files"]),
        encrypted=document["Encrypted"],
        created=document["Created"],
    )


def _snapshot(document: Mapping[str, Any], images: Mapping[str, Any]) -> SnapshotTruth:
    return SnapshotTruth(
        id=document["Id"],
        account=document["Account"],
        region=document["Region"],
        disk_id=document["Parent"],
        used=any(image_id in images for image_id in document["Images"]),
    )


def _tags(document: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in document["Tags"]}
