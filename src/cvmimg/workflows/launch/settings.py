"""The settings of new instances, and where each comes from.

A setting that is not given comes, in this order, from the instance named by ``--like``, from the
profile, from the source instance that the image remembers, and else from the API's defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cvmimg.cloud.models import Instance
from cvmimg.workflows.launch.disks import CLOUD_DISK, ImageDisk, disks_like
from cvmimg.workflows.launch.disks import NewDisk as NewDisk

OWN_TAGS = "cvmimg-"
_FOREIGN_TAG_PREFIXES = (OWN_TAGS, "qcs:", "project", "tencentcloud:")


class Origin(Enum):
    """Where a setting comes from."""

    GIVEN = "given"
    LIKE = "like"
    PROFILE = "profile"
    SOURCE = "source"
    TEMPLATE = "template"
    IMAGE = "image"
    DEFAULT = "default"
    API = "api"


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
    agent: bool | None = None
    tags: Mapping[str, str] = Field(default_factory=dict)

    def given(self) -> dict[str, Any]:
        """Return the settings that are set, by name."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if value not in (None, (), {})}


def settings_of(instance: Instance, inside: Sequence[ImageDisk]) -> LaunchSettings:
    """Return the settings of an instance, for new ones like it."""
    network = instance.virtual_private_cloud
    internet = instance.internet_accessible
    disk, charge_type = instance.system_disk, instance.instance_charge_type
    return LaunchSettings(
        zone=instance.placement.zone or None,
        type=instance.instance_type or None,
        vpc=network.vpc_id or None,
        subnet=network.subnet_id or None,
        security_groups=tuple(instance.security_group_ids),
        name=instance.instance_name or None,
        keys=tuple(instance.login_settings.key_ids),
        # Another type than the model's: a local disk is offered with few instance types.
        system_disk=NewDisk(
            type=disk.disk_type if disk.disk_type.startswith(CLOUD_DISK) else "",
            gib=disk.disk_size,
        ),
        data_disks=disks_like(instance.data_disks, inside),
        # Not SPOTPAID: what was bid for an instance is not part of its description.
        charge_type=charge_type if charge_type in ("POSTPAID_BY_HOUR", "PREPAID") else None,
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


def merge(
    sources: Sequence[tuple[Origin, LaunchSettings]],
) -> tuple[LaunchSettings, dict[str, Origin]]:
    """Return the first source's value of each setting, and that source.

    Some settings mean something only beside others, see ``_fits``.
    """
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for origin, settings in sources:
        taken = dict(values)
        for name, value in settings.given().items():
            if name not in taken and _fits(name, settings, taken):
                values[name], origins[name] = value, origin
    return LaunchSettings(**values), origins


def _fits(name: str, settings: LaunchSettings, taken: Mapping[str, Any]) -> bool:
    """Return whether a setting agrees with what more important sources have decided.

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
