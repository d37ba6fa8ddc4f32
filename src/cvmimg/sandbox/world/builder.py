"""Fills an empty store with a world."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cvmimg.sandbox.services import (
    autoscaling,
    disks,
    images,
    instances,
    launch_templates,
    networks,
)
from cvmimg.sandbox.services import snapshots as snapshot_documents
from cvmimg.sandbox.services.disks import disk_content
from cvmimg.sandbox.services.instances import launch_request
from cvmimg.sandbox.state import ids, tasks, timestamps
from cvmimg.sandbox.state.kinds import (
    Content,
    D,
    Disk,
    DiskHolder,
    Document,
    FileSystem,
    Guest,
    Image,
    Operation,
    Power,
    Subnet,
    base,
)
from cvmimg.sandbox.state.store import View
from cvmimg.sandbox.world import catalog, settings
from cvmimg.sandbox.world.accounts import NEIGHBOUR, OWNER
from cvmimg.sandbox.world.validation import validated

if TYPE_CHECKING:
    from cvmimg.sandbox.world.model import (
        DiskSpec,
        ImageSpec,
        InstanceSpec,
        RegionSpec,
        ScalingSpec,
        SnapshotSpec,
        TemplateSpec,
    )

_ACCOUNTS = {"owner": OWNER, "neighbour": NEIGHBOUR}
_MIGRATION_SECONDS = 90.0
_OTHER = {OWNER: NEIGHBOUR, NEIGHBOUR: OWNER}


def build(view: View, now: float, spec: Mapping[str, Any] | None = None) -> None:
    """Fill an empty store.

    Args:
        view: of a transaction that writes.
        now: the simulated time.
        spec: the world, in the format of ``world.model``; None for the demo world.

    Raises:
        ValueError: ``spec`` is invalid.
    """
    from cvmimg.sandbox.world.demo import WORLD
    from cvmimg.sandbox.world.model import WorldSpec

    world = validated(WorldSpec, WORLD if spec is None else spec)
    for public in catalog.PUBLIC_IMAGES:
        view.put(_public_image(public))
    settings.write(view, world.settings)
    quotas = {images.QUOTA: world.quota, snapshot_documents.QUOTA: world.snapshot_quota}
    for account in _ACCOUNTS.values():
        for kind, quota in quotas.items():
            document = base(kind, account, account, images.EVERYWHERE, now)
            view.put(document | {"Value": quota})
    for region, resources in world.regions.items():
        _RegionBuilder(view, now, region).build(resources)


class _RegionBuilder:
    """Makes the documents of a region."""

    def __init__(self, view: View, now: float, region: str) -> None:
        self._view = view
        self._now = now
        self._region = region
        # The default zone is the last available one.
        zones = reversed(catalog.zones(region))
        self._zone = next(zone.id for zone in zones if zone.available)

    def build(self, spec: RegionSpec) -> None:
        self._put_images(spec, of_instances=False)
        for number, instance in enumerate(spec.instances):
            self._put_instance(instance, number)
        self._put_images(spec, of_instances=True)
        for snapshot in spec.snapshots:
            self._put_snapshot(snapshot)
        for template in spec.templates:
            self._put_template(template)
        for group in spec.scaling:
            self._put_scaling(group)
        for place, count in spec.stock.items():
            stock = base(launch_request.STOCK, place, OWNER, self._region, self._now)
            self._view.put(stock | {"Value": count})

    def _put(
        self, kind: str, identifier: str, account: str, created: datetime, **members: Any
    ) -> None:
        document = base(kind, identifier, account, self._region, created.timestamp())
        self._view.put({**document, **members})

    def _image(self, spec: str) -> Image:
        """Return the image of that id, or the public image of that name."""
        named = next((i.id for i in catalog.PUBLIC_IMAGES if i.os_name == spec), spec)
        return _require(self._view.get(images.KIND, named), spec)

    def _put_instance(self, spec: InstanceSpec, number: int) -> None:
        account = _ACCOUNTS[spec.account]
        image = self._image(spec.image)
        zone = spec.zone or self._zone
        subnet = networks.default_subnet(account, self._region, zone)
        key_pair = networks.default_key_pair(account, self._region)
        instance: Any = {
            **base(instances.KIND, spec.id, account, self._region, spec.created.timestamp()),
            **disk_content.of_image(image),
            **_attributes(spec, zone, number),
            "PrivateIpAddresses": [_address(subnet, number)],
            "VirtualPrivateCloud": {**_place(subnet), "AsVpcGateway": False},
            "SecurityGroupIds": self._security_groups(account),
            "LoginSettings": {"KeyIds": None if image["Platform"] == "Windows" else [key_pair]},
            "ImageId": image["Id"],
            "Power": self._power(spec),
            "Operation": self._operation(spec),
        }
        attached = list(_disks(instance, spec, image))
        for disk in attached:
            self._view.put(disk)
        instance["Guest"] = _guest(spec, image, attached)
        self._view.put({**instance, **disks.in_instance(attached)})

    def _security_groups(self, account: str = OWNER) -> list[str]:
        return [networks.default_security_group(account, self._region)]

    def _power(self, spec: InstanceSpec) -> Power:
        if not spec.state.endswith("SERVICE_LIVE_MIGRATE"):
            return instances.steady(spec.state)
        seconds = spec.operation.seconds if spec.operation else _MIGRATION_SECONDS
        task = tasks.new(self._now, seconds)
        return {**instances.steady("RUNNING"), "During": spec.state, "Task": task}

    def _operation(self, spec: InstanceSpec) -> Operation | None:
        if spec.operation is None:
            return None
        task = tasks.new(self._now, spec.operation.seconds)
        return {"Name": spec.operation.name, "Task": task, "RequestId": _uuid(spec.id)}

    def _put_images(self, spec: RegionSpec, *, of_instances: bool) -> None:
        for image in spec.images:
            if image.of.startswith("ins-") == of_instances:
                self._put_image(image)

    def _put_image(self, spec: ImageSpec) -> None:
        account = _ACCOUNTS[spec.account]
        content, disk_id, size = self._content(spec)
        gib = spec.size or size
        snapshot_id = ids.id_of("snap", spec.id)
        self._put(
            snapshot_documents.KIND,
            snapshot_id,
            account,
            spec.created,
            Parent=disk_id,
            Name=f"{spec.name}_{spec.id}",
            DiskUsage=disks.SYSTEM_DISK,
            SizeGib=gib,
            Zone=self._zone,
            Encrypt=False,
            FileSystem=content["FileSystem"],
            Content=content,
            Images=[spec.id],
            Tags=[],
            Locked=spec.locked,
            Task=None,
        )
        snapshot = {"SnapshotId": snapshot_id, "DiskUsage": disks.SYSTEM_DISK, "DiskSize": gib}
        members = {
            **images.BLANK,
            **content,
            "Name": spec.name,
            "Description": spec.description,
            "Family": spec.family,
            "Deprecated": spec.deprecated,
            "SizeGib": gib,
            "Creator": account,
            "Tags": _tags(spec.tags),
            "SnapshotsHidden": not spec.snapshot_set,
            "Snapshots": [snapshot],
        }
        self._put(images.KIND, spec.id, account, spec.created, **members)
        if spec.shared:
            share = images.share_id(spec.id, _OTHER[account])
            self._put(images.SHARE, share, _OTHER[account], spec.created, Parent=spec.id)

    def _content(self, spec: ImageSpec) -> tuple[Content, str, int]:
        """Return the content of an image, the id of its source disk, and its size in GiB."""
        if not spec.of.startswith("ins-"):
            image = self._image(spec.of)
            return disk_content.of_image(image), ids.id_of("disk", spec.id), image["SizeGib"]
        instance = _require(self._view.get(instances.KIND, spec.of), spec.of)
        system = _require(self._view.get(disks.KIND, instance["SystemDisk"]["DiskId"]), spec.of)
        content: Content = {
            **disk_content.of_image(instance),
            "FileSystem": system["FileSystem"],
        }
        return content, system["Id"], system["SizeGib"]

    def _put_snapshot(self, spec: SnapshotSpec) -> None:
        disk = _require(self._view.get(disks.KIND, spec.disk), spec.disk)
        instance = self._view.get(instances.KIND, disk["Parent"])
        content: Content | None = None
        if disk["DiskUsage"] == disks.SYSTEM_DISK and instance is not None:
            content = {**disk_content.of_image(instance), "FileSystem": disk["FileSystem"]}
        copied = ("DiskUsage", "SizeGib", "Zone", "Encrypt", "FileSystem")
        self._put(
            snapshot_documents.KIND,
            spec.id,
            disk["Account"],
            spec.created,
            **{name: value for name, value in disk.items() if name in copied},
            Parent=spec.disk,
            Name=spec.name,
            Content=content,
            Images=[],
            Tags=_tags(spec.tags),
            Locked=spec.locked,
            Task=None,
            **({"Recycled": spec.created.timestamp()} if spec.recycled else {}),
        )

    def _put_template(self, spec: TemplateSpec) -> None:
        subnet = networks.default_subnet(OWNER, self._region, self._zone)
        data = {
            "Placement": {"Zone": subnet["Zone"], "ProjectId": 0},
            "ImageId": spec.image,
            "InstanceType": spec.type,
            "InstanceName": spec.name,
            "InstanceCount": 1,
            "InstanceChargeType": "POSTPAID_BY_HOUR",
            "SystemDisk": {"DiskType": "CLOUD_SSD", "DiskSize": 50},
            "VirtualPrivateCloud": _place(subnet),
            "SecurityGroupIds": self._security_groups(),
        }
        version = {"Created": spec.created.timestamp(), "Description": "", "Data": data}
        self._put(
            launch_templates.KIND,
            spec.id,
            OWNER,
            spec.created,
            Name=spec.name,
            DefaultVersion=1,
            Versions=[{"Number": number + 1, **version} for number in range(spec.versions)],
        )

    def _put_scaling(self, spec: ScalingSpec) -> None:
        subnet = networks.default_subnet(OWNER, self._region, self._zone)
        given = {"ImageId": spec.image, "ImageFamily": spec.family, "InstanceType": spec.type}
        self._put(
            autoscaling.CONFIGURATION,
            spec.id,
            OWNER,
            spec.created,
            Name=spec.name,
            ImageId=spec.image,
            ImageFamily=spec.family,
            InstanceTypes=[spec.type],
            SecurityGroupIds=self._security_groups(),
            Version=1,
            Updated=spec.created.timestamp(),
            Tags=[],
            Request={
                "LaunchConfigurationName": spec.name,
                **{name: value for name, value in given.items() if value},
            },
        )
        network = {"VpcId": subnet["Parent"], "SubnetIds": [subnet["Id"]]}
        self._put(
            autoscaling.GROUP,
            spec.group,
            OWNER,
            spec.created,
            **network,
            Name=spec.name,
            Configuration=spec.id,
            ConfigurationName=spec.name,
            Enabled=True,
            Desired=0,
            Failures=0,
            Tags=[],
            Request={
                **network,
                "AutoScalingGroupName": spec.name,
                "LaunchConfigurationId": spec.id,
                "MinSize": 0,
                "MaxSize": 4,
            },
        )


def _require(document: D | None, spec: str) -> D:
    if document is None:
        raise ValueError(f"the world refers to {spec}, which does not exist")
    return document


def _public_image(public: catalog.PublicImage) -> Document:
    created = timestamps.seconds(public.created)
    windows = public.platform == "Windows"
    return {
        **images.BLANK,
        **base(images.KIND, public.id, images.TENCENT, images.EVERYWHERE, created),
        "Name": public.os_name,
        "Description": public.os_name,
        "OsName": public.os_name,
        "Platform": public.platform,
        "SizeGib": public.size,
        "Source": "OFFICIAL",
        "Creator": images.TENCENT,
        **disk_content.fresh(public.id, windows=windows, agent=True),
    }


def _attributes(spec: InstanceSpec, zone: str, number: int) -> dict[str, Any]:
    size = catalog.INSTANCE_TYPES[spec.type]
    prepaid = spec.charge_type == "PREPAID"
    return {
        "Name": spec.name or spec.id,
        "HostName": spec.name or spec.id,
        "Placement": {"Zone": zone, "ProjectId": 0},
        "InstanceType": size.name,
        "CPU": size.cpu,
        "Memory": size.memory,
        "RestrictState": "NORMAL",
        "InstanceChargeType": spec.charge_type,
        "PublicIpAddresses": [f"203.0.113.{number % 254 + 1}"] if spec.bandwidth else None,
        "InternetAccessible": {
            "InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR",
            "InternetMaxBandwidthOut": spec.bandwidth,
            "PublicIpAssigned": spec.bandwidth > 0,
        },
        "RenewFlag": "NOTIFY_AND_MANUAL_RENEW" if prepaid else None,
        "ExpiredTime": "2027-12-31T16:00:00Z" if prepaid else None,
        "Tags": _tags(spec.tags),
        "Uuid": _uuid(spec.id),
        "CamRoleName": "",
        "UserData": "",
        "DisableApiTermination": spec.protected,
        "StoppedMode": spec.stopped_mode,
    }


def _place(subnet: Subnet) -> dict[str, str]:
    return {"VpcId": subnet["Parent"], "SubnetId": subnet["Id"]}


def _disks(instance: DiskHolder, spec: InstanceSpec, image: Image) -> Iterator[Disk]:
    """Yield the disks of an instance, the system disk first."""
    yield _disk(instance, spec.system_disk, 0, image["FileSystem"])
    for position, disk in enumerate(spec.data_disks, 1):
        yield _disk(instance, disk, position, _data_file_system(spec, disk, position))


def _disk(instance: DiskHolder, spec: DiskSpec, position: int, file_system: Any) -> Disk:
    local = spec.type in catalog.LOCAL_DISK_TYPES
    default_id = ids.id_of("ldisk" if local else "disk", instance["Id"], position)
    return disks.new(
        spec.id or default_id,
        instance,
        disks.DATA_DISK if position else disks.SYSTEM_DISK,
        position,
        DiskType=spec.type,
        SizeGib=spec.size,
        Encrypt=spec.encrypt,
        DeleteWithInstance=spec.delete_with_instance,
        FileSystem=file_system,
    )


def _data_file_system(spec: InstanceSpec, disk: DiskSpec, position: int) -> FileSystem | None:
    if not disk.mount and not disk.label:
        return None
    return {
        "uuid": _uuid(spec.id, position),
        "label": disk.label,
        "type": "ext4",
        "device_hint": f"vd{chr(ord('a') + position)}1",
    }


def _guest(spec: InstanceSpec, image: Image, attached: Sequence[Disk]) -> Guest:
    mounted = [
        (disk_spec, disk["FileSystem"])
        for disk_spec, disk in zip(spec.data_disks, attached[1:], strict=True)
        if disk_spec.mount
    ]
    lines = [
        f"UUID={content['uuid']}\t{disk_spec.mount}\text4\t{disk_spec.options}\t0 2\n"
        for disk_spec, content in mounted
        if content is not None
    ]
    guest = image["Guest"]
    return {
        **guest,
        "fstab": "".join([guest["fstab"], *lines]) if spec.fstab is None else spec.fstab,
        "files": {
            **guest["files"],
            **{
                path.lstrip("/"): None if text is None else ["file", text]
                for path, text in spec.files.items()
            },
        },
        "agent": spec.agent,
        "profile_output": spec.profile_output,
        "mounts": [*guest["mounts"], *(disk_spec.mount for disk_spec, _ in mounted)],
    }


def _address(subnet: Subnet, number: int) -> str:
    first, second, third, _ = subnet["Cidr"].partition("/")[0].split(".")
    return f"{first}.{second}.{int(third) + number // 200}.{number % 200 + 10}"


def _tags(spec: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in spec.items()]


def _uuid(*place: Any) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(map(str, place))))
