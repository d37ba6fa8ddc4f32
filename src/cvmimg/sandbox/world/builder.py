"""Fills an empty store with a world."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
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
    Base,
    Content,
    D,
    Disk,
    DiskHolder,
    Document,
    FileSystem,
    Guest,
    Image,
    Power,
    Subnet,
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
        WorldSpec,
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
    _Builder(view, now).build(world)


class _Builder:
    """Makes the documents of a world."""

    def __init__(self, view: View, now: float) -> None:
        self._view = view
        self._now = now

    def build(self, world: WorldSpec) -> None:
        for public in catalog.PUBLIC_IMAGES:
            self._view.put(_public_image(public))
        settings.write(self._view, world.settings)
        for account in _ACCOUNTS.values():
            self._put_quota(images.QUOTA, account, world.quota)
            self._put_quota(snapshot_documents.QUOTA, account, world.snapshot_quota)
        for region, spec in world.regions.items():
            self._build_region(region, spec)

    def _build_region(self, region: str, spec: RegionSpec) -> None:
        made_of_public = [image for image in spec.images if not image.of.startswith("ins-")]
        for image in made_of_public:
            self._put_image(region, image)
        for number, instance in enumerate(spec.instances):
            self._put_instance(region, instance, number)
        for image in spec.images:
            if image not in made_of_public:
                self._put_image(region, image)
        for snapshot in spec.snapshots:
            self._put_snapshot(region, snapshot)
        self._build_users(region, spec)
        for place, count in spec.stock.items():
            stock = _document(launch_request.STOCK, place, OWNER, region, self._now)
            self._view.put(stock | {"Value": count})

    def _build_users(self, region: str, spec: RegionSpec) -> None:
        """Create what uses images besides instances."""
        for template in spec.templates:
            self._view.put(_template(region, template))
        for group in spec.scaling:
            self._put_scaling(region, group)

    def _put_quota(self, kind: str, account: str, quota: int) -> None:
        document = _document(kind, account, account, images.EVERYWHERE, self._now)
        self._view.put(document | {"Value": quota})

    def _image(self, spec: str) -> Image:
        """Return the image of that id, or the public image of that name."""
        named = next((i.id for i in catalog.PUBLIC_IMAGES if i.os_name == spec), spec)
        return _require(self._view.get(images.KIND, named), spec)

    def _put_instance(self, region: str, spec: InstanceSpec, number: int) -> None:
        account = _ACCOUNTS[spec.account]
        image = self._image(spec.image)
        zone = spec.zone or _zone(region)
        subnet = networks.default_subnet(account, region, zone)
        instance: Any = {
            **_document(instances.KIND, spec.id, account, region, spec.created.timestamp()),
            **disk_content.of_image(image),
            **_attributes(spec, zone, number),
            "PrivateIpAddresses": [_address(subnet, number)],
            "VirtualPrivateCloud": {
                "VpcId": subnet["Parent"],
                "SubnetId": subnet["Id"],
                "AsVpcGateway": False,
            },
            "SecurityGroupIds": [networks.default_security_group(account, region)],
            "LoginSettings": {
                "KeyIds": None
                if image["Platform"] == "Windows"
                else [networks.default_key_pair(account, region)]
            },
            "ImageId": image["Id"],
            "Power": self._power(spec),
            "Operation": self._operation(spec),
        }
        attached = _disks(instance, spec, image)
        for disk in attached:
            self._view.put(disk)
        instance["Guest"] = _guest(spec, image, attached)
        system, *data = (disks.in_instance(disk) for disk in attached)
        self._view.put({**instance, "SystemDisk": system, "DataDisks": data})

    def _power(self, spec: InstanceSpec) -> Power:
        if not spec.state.endswith("SERVICE_LIVE_MIGRATE"):
            return instances.steady(spec.state)
        seconds = spec.operation.seconds if spec.operation else _MIGRATION_SECONDS
        task = tasks.new(self._now, seconds)
        return {**instances.steady("RUNNING"), "During": spec.state, "Task": task}

    def _operation(self, spec: InstanceSpec) -> dict[str, Any] | None:
        if spec.operation is None:
            return None
        task = {"Start": self._now, "Seconds": spec.operation.seconds, "Fault": None}
        return {"Name": spec.operation.name, "Task": task, "RequestId": _uuid(spec.id)}

    def _put_image(self, region: str, spec: ImageSpec) -> None:
        account = _ACCOUNTS[spec.account]
        content, disk_id, gib = self._content(spec)
        snapshot = self._image_snapshot(region, spec, content, disk_id, gib)
        self._view.put(snapshot)
        self._view.put(
            {
                **images.BLANK,
                **_document(images.KIND, spec.id, account, region, spec.created.timestamp()),
                **content,
                "Name": spec.name,
                "Description": spec.description,
                "Family": spec.family,
                "Deprecated": spec.deprecated,
                "SizeGib": gib,
                "Creator": account,
                "Tags": _tags(spec.tags),
                "SnapshotsHidden": not spec.snapshot_set,
                "Snapshots": [
                    {
                        "SnapshotId": snapshot["Id"],
                        "DiskUsage": disks.SYSTEM_DISK,
                        "DiskSize": gib,
                    }
                ],
            }
        )
        if spec.shared:
            share = images.share_id(spec.id, _OTHER[account])
            document = _document(
                images.SHARE, share, _OTHER[account], region, spec.created.timestamp()
            )
            self._view.put(document | {"Parent": spec.id})

    def _content(self, spec: ImageSpec) -> tuple[Content, str, int]:
        """Return the content of an image, the id of its source disk, and its size in GiB."""
        if not spec.of.startswith("ins-"):
            image = self._image(spec.of)
            disk_id = ids.id_of("disk", spec.id)
            return disk_content.of_image(image), disk_id, spec.size or image["SizeGib"]
        instance = _require(self._view.get(instances.KIND, spec.of), spec.of)
        system = _require(self._view.get(disks.KIND, instance["SystemDisk"]["DiskId"]), spec.of)
        content: Content = {
            **disk_content.of_image(instance),
            "FileSystem": system["FileSystem"],
        }
        return content, system["Id"], spec.size or system["SizeGib"]

    def _image_snapshot(
        self, region: str, spec: ImageSpec, content: Content, disk_id: str, gib: int
    ) -> Document:
        account = _ACCOUNTS[spec.account]
        identifier = ids.id_of("snap", spec.id)
        created = spec.created.timestamp()
        return {
            **_document(snapshot_documents.KIND, identifier, account, region, created),
            "Parent": disk_id,
            "Name": f"{spec.name}_{spec.id}",
            "DiskUsage": disks.SYSTEM_DISK,
            "SizeGib": gib,
            "Zone": _zone(region),
            "Encrypt": False,
            "FileSystem": content["FileSystem"],
            "Content": content,
            "Images": [spec.id],
            "Tags": [],
            "Locked": spec.locked,
            "Task": None,
        }

    def _put_snapshot(self, region: str, spec: SnapshotSpec) -> None:
        disk = _require(self._view.get(disks.KIND, spec.disk), spec.disk)
        account, created = disk["Account"], spec.created.timestamp()
        instance = self._view.get(instances.KIND, disk["Parent"])
        content: Content | None = None
        if disk["DiskUsage"] == disks.SYSTEM_DISK and instance is not None:
            content = {**disk_content.of_image(instance), "FileSystem": disk["FileSystem"]}
        self._view.put(
            {
                **_document(snapshot_documents.KIND, spec.id, account, region, created),
                "DiskUsage": disk["DiskUsage"],
                "SizeGib": disk["SizeGib"],
                "Zone": disk["Zone"],
                "Encrypt": disk["Encrypt"],
                "FileSystem": disk["FileSystem"],
                "Parent": spec.disk,
                "Name": spec.name,
                "Content": content,
                "Images": [],
                "Tags": _tags(spec.tags),
                "Locked": spec.locked,
                "Task": None,
                **({"Recycled": created} if spec.recycled else {}),
            }
        )

    def _put_scaling(self, region: str, spec: ScalingSpec) -> None:
        subnet = networks.default_subnet(OWNER, region, _zone(region))
        created = spec.created.timestamp()
        configuration = _document(autoscaling.CONFIGURATION, spec.id, OWNER, region, created)
        given = {"ImageId": spec.image, "ImageFamily": spec.family, "InstanceType": spec.type}
        self._view.put(
            configuration
            | {
                "Name": spec.name,
                "ImageId": spec.image,
                "ImageFamily": spec.family,
                "InstanceTypes": [spec.type],
                "SecurityGroupIds": [networks.default_security_group(OWNER, region)],
                "Version": 1,
                "Updated": created,
                "Tags": [],
                "Request": {
                    "LaunchConfigurationName": spec.name,
                    **{name: value for name, value in given.items() if value},
                },
            }
        )
        self._view.put(
            _document(autoscaling.GROUP, spec.group, OWNER, region, created)
            | {
                "Name": spec.name,
                "Configuration": spec.id,
                "ConfigurationName": spec.name,
                "VpcId": subnet["Parent"],
                "SubnetIds": [subnet["Id"]],
                "Enabled": True,
                "Desired": 0,
                "Failures": 0,
                "Tags": [],
                "Request": {
                    "AutoScalingGroupName": spec.name,
                    "LaunchConfigurationId": spec.id,
                    "VpcId": subnet["Parent"],
                    "SubnetIds": [subnet["Id"]],
                    "MinSize": 0,
                    "MaxSize": 4,
                },
            }
        )


def _document(kind: str, identifier: str, account: str, region: str, created: float) -> Base:
    return {
        "Kind": kind,
        "Id": identifier,
        "Account": account,
        "Region": region,
        "Created": created,
    }


def _require(document: D | None, spec: str) -> D:
    if document is None:
        raise ValueError(f"the world refers to {spec}, which does not exist")
    return document


def _public_image(public: catalog.PublicImage) -> Document:
    created = timestamps.seconds(public.created)
    windows = public.platform == "Windows"
    return {
        **images.BLANK,
        **_document(images.KIND, public.id, images.TENCENT, images.EVERYWHERE, created),
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


def _disks(instance: DiskHolder, spec: InstanceSpec, image: Image) -> list[Disk]:
    system = _disk(instance, spec.system_disk, 0, image["FileSystem"])
    data = [
        _disk(instance, disk, position, _data_file_system(spec, disk, position))
        for position, disk in enumerate(spec.data_disks, 1)
    ]
    return [system, *data]


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
    device = f"vd{chr(ord('a') + position)}1"
    return _file_system(_uuid(spec.id, position), device, disk.label)


def _file_system(file_system_uuid: str, device: str, label: str = "") -> FileSystem:
    return {"uuid": file_system_uuid, "label": label, "type": "ext4", "device_hint": device}


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


def _template(region: str, spec: TemplateSpec) -> Document:
    subnet = networks.default_subnet(OWNER, region, _zone(region))
    created = spec.created.timestamp()
    data = {
        "Placement": {"Zone": subnet["Zone"], "ProjectId": 0},
        "ImageId": spec.image,
        "InstanceType": spec.type,
        "InstanceName": spec.name,
        "InstanceCount": 1,
        "InstanceChargeType": "POSTPAID_BY_HOUR",
        "SystemDisk": {"DiskType": "CLOUD_SSD", "DiskSize": 50},
        "VirtualPrivateCloud": {"VpcId": subnet["Parent"], "SubnetId": subnet["Id"]},
        "SecurityGroupIds": [networks.default_security_group(OWNER, region)],
    }
    return _document(launch_templates.KIND, spec.id, OWNER, region, created) | {
        "Name": spec.name,
        "DefaultVersion": 1,
        "Versions": [
            {"Number": number, "Created": created, "Description": "", "Data": data}
            for number in range(1, spec.versions + 1)
        ],
    }


def _zone(region: str) -> str:
    """Return the default zone: the last available one."""
    return next(zone.id for zone in reversed(catalog.zones(region)) if zone.available)


def _address(subnet: Subnet, number: int) -> str:
    first, second, third, _ = subnet["Cidr"].partition("/")[0].split(".")
    return f"{first}.{second}.{int(third) + number // 200}.{number % 200 + 10}"


def _tags(spec: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in spec.items()]


def _uuid(*place: Any) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(map(str, place))))
