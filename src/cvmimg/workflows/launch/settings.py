"""What new instances are to be like, and where each setting comes from.

A setting that is not given comes, in this order, from the instance named by ``--like``, from the
profile, from the source instance that the image remembers, and else from the API's defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cvmimg.cloud.models import Image, Instance

OWN_TAGS = "cvmimg-"
_FOREIGN_TAG_PREFIXES = (OWN_TAGS, "qcs:", "project", "tencentcloud:")

GIVEN, LIKE, PROFILE, SOURCE = "given", "--like", "profile", "source instance"


class NewDisk(BaseModel):
    """A disk of a new instance.

    Attributes:
        type: such as "CLOUD_SSD"; empty for the API's default.
        gib: its size in GiB; 0 for the size of its snapshot or image.
        snapshot_id: the snapshot whose data it starts with, or empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str = ""
    gib: int = 0
    snapshot_id: str = ""

    def as_request(self) -> dict[str, Any]:
        """The disk in RunInstances' words."""
        fields = {"DiskType": self.type, "DiskSize": self.gib, "SnapshotId": self.snapshot_id}
        return {name: value for name, value in fields.items() if value}

    def __str__(self) -> str:
        size = f"{self.gib} GiB" if self.gib else ""
        origin = f"from {self.snapshot_id}" if self.snapshot_id else ""
        return " ".join(filter(None, (self.type, size, origin))) or "the API's default"


class LaunchSettings(BaseModel):
    """Settings of new instances; None (or an empty list) leaves one to the next source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: str | None = None
    type: str | None = None
    vpc: str | None = None
    subnet: str | None = None
    security_groups: tuple[str, ...] = ()
    name: str | None = None
    hostname: str | None = None
    keys: tuple[str, ...] = ()
    keep_login: bool | None = None
    system_disk: NewDisk | None = None
    data_disks: tuple[NewDisk, ...] = ()
    charge_type: str | None = None
    spot_price: str | None = None
    public_ip_bandwidth: int | None = Field(default=None, ge=0, le=65535)
    public_ip_charge_type: str | None = None
    project_id: int | None = None
    cam_role: str | None = None
    user_data: str | None = None
    tags: Mapping[str, str] = Field(default_factory=dict)

    def given(self) -> dict[str, Any]:
        """The settings that are set, by name."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if value not in (None, (), {})}


def settings_of(instance: Instance, image: Image) -> LaunchSettings:
    """The settings of an instance, for new ones like it.

    Args:
        instance: the model.
        image: what the new ones start from; the data disks in it come from its snapshots.
    """
    network = instance.virtual_private_cloud
    internet = instance.internet_accessible
    return LaunchSettings(
        zone=instance.placement.zone or None,
        type=instance.instance_type or None,
        vpc=network.vpc_id or None,
        subnet=network.subnet_id or None,
        security_groups=tuple(instance.security_group_ids),
        name=instance.instance_name or None,
        keys=tuple(instance.login_settings.key_ids),
        system_disk=NewDisk(
            type=instance.system_disk.disk_type, gib=instance.system_disk.disk_size
        ),
        data_disks=_data_disks(instance, image),
        charge_type=_repeatable_charge_type(instance.instance_charge_type),
        public_ip_bandwidth=internet.internet_max_bandwidth_out or None,
        public_ip_charge_type=internet.internet_charge_type or None,
        project_id=instance.placement.project_id or None,
        cam_role=instance.cam_role_name or None,
        tags={
            key: value
            for key, value in instance.tag_map.items()
            if not key.startswith(_FOREIGN_TAG_PREFIXES)
        },
    )


def _repeatable_charge_type(charge_type: str) -> str | None:
    # Not SPOTPAID: the price an instance was bid for is not part of what it tells of itself.
    return charge_type if charge_type in ("POSTPAID_BY_HOUR", "PREPAID") else None


def _data_disks(instance: Instance, image: Image) -> tuple[NewDisk, ...]:
    """The instance's data disks, filled from the image's snapshots where it has them."""
    snapshots = [s for s in image.snapshot_set if s.disk_usage == "DATA_DISK"]
    disks = []
    for position, disk in enumerate(instance.data_disks):
        snapshot = snapshots[position] if position < len(snapshots) else None
        disks.append(
            NewDisk(
                type=disk.disk_type,
                gib=max(disk.disk_size, snapshot.disk_size if snapshot else 0),
                snapshot_id=snapshot.snapshot_id if snapshot else "",
            )
        )
    return tuple(disks)


def merge(
    sources: Sequence[tuple[str, LaunchSettings]],
) -> tuple[LaunchSettings, dict[str, str]]:
    """The first source's value of each setting, and the name of that source.

    Some settings mean something only beside others, see ``_fits``.

    Args:
        sources: name and settings, the most important first.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, settings in sources:
        taken = dict(values)
        for name, value in settings.given().items():
            if name not in taken and _fits(name, settings, taken):
                values[name], origins[name] = value, origin
    return LaunchSettings(**values), origins


def _fits(name: str, settings: LaunchSettings, taken: Mapping[str, Any]) -> bool:
    """Whether a source's setting agrees with what more important sources have decided.

    A subnet lies in one zone and one network; keys and the image's own login exclude each other;
    a spot price belongs to its charge type.
    """
    if name == "subnet":
        return _agree(settings, taken, "zone", "vpc")
    if name in ("keys", "keep_login"):
        return "keys" not in taken and "keep_login" not in taken
    if name == "spot_price":
        return _agree(settings, taken, "charge_type")
    return True


def _agree(settings: LaunchSettings, taken: Mapping[str, Any], *names: str) -> bool:
    return all(taken.get(name) in (None, getattr(settings, name)) for name in names)
