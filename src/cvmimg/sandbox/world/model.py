"""What a world is told in: the schema of ``Sandbox(world=…)`` and of seed files.

    quota: 10
    regions:
      ap-guangzhou:
        instances:
          - id: ins-app00001
            name: app
            image: Ubuntu Server 22.04 LTS 64bit
            data_disks: [{size: 100, mount: /data}]
        images:
          - {id: img-appv1000, name: app-v1, of: ins-app00001}

Every list may be left out, and nearly every field has a default.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cvmimg.sandbox.world import catalog, regions

Account = Literal["owner", "neighbour"]


def _known_region(region: str) -> str:
    if region not in regions.NAMES:
        raise ValueError(f"{region} is not a region")
    return region


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


Region = Annotated[str, AfterValidator(_known_region)]
Moment = Annotated[datetime, AfterValidator(_in_utc)]


def _id(prefix: str) -> type[str]:
    return Annotated[str, Field(pattern=rf"^{prefix}-[a-z0-9]{{8}}$")]  # type: ignore[return-value]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DiskSeed(_Part):
    """A disk of an instance.

    Attributes:
        id: made up if it is not given.
        type: such as CLOUD_SSD or LOCAL_BASIC.
        size: in GiB.
        mount: where /etc/fstab mounts a data disk; nowhere if empty.
        options: of that line.
        label: of its file system.
        encrypt: whether it is encrypted.
        delete_with_instance: whether it ends with the instance.
    """

    id: str = ""
    type: str = "CLOUD_SSD"
    size: int = 50
    mount: str = ""
    options: str = "defaults"
    label: str = ""
    encrypt: bool = False
    delete_with_instance: bool = True


class OperationSeed(_Part):
    """An operation that is in progress for that many seconds of the sandbox's time."""

    name: str = "ResetInstance"
    seconds: float = 90


class InstanceSeed(_Part):
    """An instance.

    Attributes:
        id: such as ins-app00001.
        name: what it is called.
        image: what it was started from: an id, or the name of a public image.
        state: RUNNING or STOPPED.
        stopped_mode: how it is charged while it is stopped.
        type: such as S5.MEDIUM4.
        created: when.
        zone: made up if it is not given.
        charge_type: POSTPAID_BY_HOUR, PREPAID or SPOTPAID.
        bandwidth: of its public address, in Mbit/s; 0 for no public address.
        protected: whether it cannot be terminated.
        system_disk: its first disk.
        data_disks: its other disks.
        fstab: its whole /etc/fstab; made from the disks' mounts if it is not given.
        agent: whether the automation agent runs there.
        operation: an operation in progress.
        tags: by key.
        account: whose it is.
    """

    id: _id("ins")  # type: ignore[valid-type]
    name: str = ""
    image: str = "Ubuntu Server 22.04 LTS 64bit"
    state: Literal["RUNNING", "STOPPED"] = "RUNNING"
    stopped_mode: Literal["KEEP_CHARGING", "STOP_CHARGING"] = "KEEP_CHARGING"
    type: Annotated[str, Field(pattern="^(" + "|".join(catalog.INSTANCE_TYPES) + ")$")] = (
        catalog.DEFAULT_INSTANCE_TYPE
    )
    created: Moment = datetime(2024, 3, 5, 2, 11, 43, tzinfo=timezone.utc)
    zone: str = ""
    charge_type: Literal["POSTPAID_BY_HOUR", "PREPAID", "SPOTPAID"] = "POSTPAID_BY_HOUR"
    bandwidth: int = 0
    protected: bool = False
    system_disk: DiskSeed = DiskSeed()
    data_disks: tuple[DiskSeed, ...] = ()
    fstab: str | None = None
    agent: bool = True
    operation: OperationSeed | None = None
    tags: dict[str, str] = {}
    account: Account = "owner"


class ImageSeed(_Part):
    """A custom image.

    Attributes:
        id: such as img-appv1000.
        name: what it is called.
        of: what is in it: the id of an instance, or of a public image or its name.
        description: up to 256 characters.
        family: of images.
        deprecated: whether it is out of use.
        size: in GiB; the instance's system disk's if it is 0.
        created: when.
        tags: by key.
        account: whose it is.
        shared: whether the other account may use it too.
    """

    id: _id("img")  # type: ignore[valid-type]
    name: str
    of: str = "Ubuntu Server 22.04 LTS 64bit"
    description: str = ""
    family: str = ""
    deprecated: bool = False
    size: int = 0
    created: Moment = datetime(2025, 1, 15, 8, 30, 0, tzinfo=timezone.utc)
    tags: dict[str, str] = {}
    account: Account = "owner"
    shared: bool = False


class TemplateSeed(_Part):
    """A launch template with one version: instances of that type from that image."""

    id: _id("lt")  # type: ignore[valid-type]
    name: str
    image: str
    type: str = catalog.DEFAULT_INSTANCE_TYPE
    created: Moment = datetime(2025, 2, 1, 3, 0, 0, tzinfo=timezone.utc)


class ScalingSeed(_Part):
    """A launch configuration from that image, and the scaling group that uses it."""

    id: _id("asc")  # type: ignore[valid-type]
    name: str
    image: str
    group: _id("asg")  # type: ignore[valid-type]
    type: str = catalog.DEFAULT_INSTANCE_TYPE
    created: Moment = datetime(2025, 2, 2, 3, 0, 0, tzinfo=timezone.utc)


class RegionSeed(_Part):
    """What there is in a region.

    Attributes:
        instances: in no particular order.
        images: custom ones; the public ones are there anyway.
        templates: launch templates.
        scaling: launch configurations, each with its scaling group.
        stock: how many instances can still be had, by "zone/type"; any number of all others.
    """

    instances: tuple[InstanceSeed, ...] = ()
    images: tuple[ImageSeed, ...] = ()
    templates: tuple[TemplateSeed, ...] = ()
    scaling: tuple[ScalingSeed, ...] = ()
    stock: dict[str, int] = {}


class WorldSeed(_Part):
    """A world.

    Attributes:
        quota: how many custom images an account may have in a region.
        snapshot_quota: how many snapshots.
        regions: what there is, by the region's id.
    """

    quota: Annotated[int, Field(ge=0)] = 10
    snapshot_quota: Annotated[int, Field(ge=0)] = 1000
    regions: dict[Region, RegionSeed] = {}
