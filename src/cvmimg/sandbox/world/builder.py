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
from cvmimg.sandbox.services.networks import Subnet
from cvmimg.sandbox.state import ids, timestamps
from cvmimg.sandbox.state.store import Document, View
from cvmimg.sandbox.world import catalog
from cvmimg.sandbox.world.accounts import NEIGHBOUR, OWNER

if TYPE_CHECKING:
    from cvmimg.sandbox.world.model import (
        DiskSeed,
        ImageSeed,
        InstanceSeed,
        RegionSeed,
        ScalingSeed,
        TemplateSeed,
        WorldSeed,
    )

_ACCOUNTS = {"owner": OWNER, "neighbour": NEIGHBOUR}
_OTHER = {OWNER: NEIGHBOUR, NEIGHBOUR: OWNER}


def seed(view: View, now: float, spec: Mapping[str, Any] | None = None) -> None:
    """Fill an empty store.

    Args:
        view: of a transaction that writes.
        now: the sandbox's time.
        spec: the world, as ``world.model`` describes it; None for the demonstration's.

    Raises:
        ValueError: ``spec`` does not fit; says which field.
    """
    from cvmimg.sandbox.world.demo import WORLD
    from cvmimg.sandbox.world.model import WorldSeed

    told = WorldSeed.model_validate(WORLD if spec is None else spec)
    _Builder(view, now).build(told)


class _Builder:
    """Makes the documents of a world."""

    def __init__(self, view: View, now: float) -> None:
        self._view = view
        self._now = now

    def build(self, world: WorldSeed) -> None:
        for public in catalog.PUBLIC_IMAGES:
            self._view.put(_public_image(public))
        for account in _ACCOUNTS.values():
            self._put_quota(images.QUOTA, account, world.quota)
            self._put_quota(snapshot_documents.QUOTA, account, world.snapshot_quota)
        for region, told in world.regions.items():
            self._build_region(region, told)

    def _build_region(self, region: str, told: RegionSeed) -> None:
        made_of_public = [image for image in told.images if not image.of.startswith("ins-")]
        for image in made_of_public:
            self._put_image(region, image)
        for number, instance in enumerate(told.instances):
            self._put_instance(region, instance, number)
        for image in told.images:
            if image not in made_of_public:
                self._put_image(region, image)
        for template in told.templates:
            self._view.put(_template(region, template))
        for group in told.scaling:
            self._put_scaling(region, group)
        for place, count in told.stock.items():
            stock = _document(launch_request.STOCK, place, OWNER, region, self._now)
            self._view.put(stock | {"Value": count})

    def _put_quota(self, kind: str, account: str, quota: int) -> None:
        document = _document(kind, account, account, images.EVERYWHERE, self._now)
        self._view.put(document | {"Value": quota})

    def _image(self, told: str) -> Document:
        """The image of that id, or the public one of that name."""
        named = next((i.id for i in catalog.PUBLIC_IMAGES if i.os_name == told), told)
        return _known(self._view.get(images.KIND, named), told)

    def _put_instance(self, region: str, told: InstanceSeed, number: int) -> None:
        account = _ACCOUNTS[told.account]
        image = self._image(told.image)
        there = networks.of(account, region)
        zone = told.zone or _zone(region)
        subnet = there.in_zone(zone)
        instance = {
            **_document(instances.KIND, told.id, account, region, told.created.timestamp()),
            **disk_content.of_image(image),
            **_what_it_is(told, zone, number),
            "PrivateIpAddresses": [_address(subnet, number)],
            "VirtualPrivateCloud": {
                "VpcId": subnet.vpc,
                "SubnetId": subnet.id,
                "AsVpcGateway": False,
            },
            "SecurityGroupIds": [there.security_group],
            "LoginSettings": {"KeyIds": [] if image["Platform"] == "Windows" else [there.key_pair]},
            "ImageId": image["Id"],
            "FromPublicImage": image["Account"] == images.TENCENT,
            "Operation": self._operation(told),
        }
        attached = _disks(instance, told, image)
        for disk in attached:
            self._view.put(disk)
        instance["Guest"] = _guest(told, image, attached)
        system, *data = (disks.in_instance(disk) for disk in attached)
        self._view.put({**instance, "SystemDisk": system, "DataDisks": data})

    def _operation(self, told: InstanceSeed) -> dict[str, Any] | None:
        if told.operation is None:
            return None
        task = {"Start": self._now, "Seconds": told.operation.seconds, "Fault": None}
        return {"Name": told.operation.name, "Task": task, "RequestId": _uuid(told.id)}

    def _put_image(self, region: str, told: ImageSeed) -> None:
        account = _ACCOUNTS[told.account]
        content, disk_id, gib = self._content(told)
        snapshot = self._image_snapshot(region, told, content, disk_id, gib)
        self._view.put(snapshot)
        self._view.put(
            {
                **images.BLANK,
                **_document(images.KIND, told.id, account, region, told.created.timestamp()),
                **content,
                "Name": told.name,
                "Description": told.description,
                "Family": told.family,
                "Deprecated": told.deprecated,
                "SizeGib": gib,
                "Creator": account,
                "Tags": _tags(told.tags),
                "Snapshots": [
                    {
                        "SnapshotId": snapshot["Id"],
                        "DiskUsage": disks.SYSTEM_DISK,
                        "DiskSize": gib,
                    }
                ],
            }
        )
        if told.shared:
            share = images.share_id(told.id, _OTHER[account])
            document = _document(
                images.SHARE, share, _OTHER[account], region, told.created.timestamp()
            )
            self._view.put(document | {"Parent": told.id})

    def _content(self, told: ImageSeed) -> tuple[dict[str, Any], str, int]:
        """What is in an image, the disk that it was taken of, and its size in GiB."""
        if not told.of.startswith("ins-"):
            image = self._image(told.of)
            disk_id = ids.id_of("disk", told.id)
            return disk_content.of_image(image), disk_id, told.size or image["SizeGib"]
        instance = _known(self._view.get(instances.KIND, told.of), told.of)
        system = _known(self._view.get(disks.KIND, instance["SystemDisk"]["DiskId"]), told.of)
        content = {**disk_content.of_image({**instance, "FileSystem": system["FileSystem"]})}
        return content, system["Id"], told.size or system["SizeGib"]

    def _image_snapshot(
        self, region: str, told: ImageSeed, content: dict[str, Any], disk_id: str, gib: int
    ) -> Document:
        account = _ACCOUNTS[told.account]
        identifier = ids.id_of("snap", told.id)
        created = told.created.timestamp()
        return {
            **_document(snapshot_documents.KIND, identifier, account, region, created),
            "Parent": disk_id,
            "Name": f"{told.name}_{told.id}",
            "DiskUsage": disks.SYSTEM_DISK,
            "SizeGib": gib,
            "Zone": _zone(region),
            "Encrypt": False,
            "FileSystem": content["FileSystem"],
            "Content": content,
            "Images": [told.id],
            "Tags": [],
            "Task": None,
        }

    def _put_scaling(self, region: str, told: ScalingSeed) -> None:
        there = networks.of(OWNER, region)
        subnet = there.in_zone(_zone(region))
        created = told.created.timestamp()
        self._view.put(
            _document(autoscaling.CONFIGURATION, told.id, OWNER, region, created)
            | {
                "Name": told.name,
                "ImageId": told.image,
                "InstanceType": told.type,
                "Group": told.group,
                "GroupName": told.name,
                "SecurityGroupIds": [there.security_group],
            }
        )
        self._view.put(
            _document(autoscaling.GROUP, told.group, OWNER, region, created)
            | {
                "Name": told.name,
                "Configuration": told.id,
                "ConfigurationName": told.name,
                "VpcId": subnet.vpc,
                "SubnetId": subnet.id,
                "Zone": subnet.zone,
            }
        )


def _document(
    kind: str, identifier: str, account: str, region: str, created: float
) -> dict[str, Any]:
    return {
        "Kind": kind,
        "Id": identifier,
        "Account": account,
        "Region": region,
        "Created": created,
    }


def _known(document: Document | None, told: str) -> Document:
    if document is None:
        raise ValueError(f"there is no {told} in the world that it could refer to")
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


def _what_it_is(told: InstanceSeed, zone: str, number: int) -> dict[str, Any]:
    size = catalog.INSTANCE_TYPES[told.type]
    prepaid = told.charge_type == "PREPAID"
    return {
        "Name": told.name or told.id,
        "HostName": told.name or told.id,
        "Placement": {"Zone": zone, "ProjectId": 0},
        "InstanceType": size.name,
        "CPU": size.cpu,
        "Memory": size.memory,
        "RestrictState": "NORMAL",
        "InstanceChargeType": told.charge_type,
        "PublicIpAddresses": [f"203.0.113.{number % 254 + 1}"] if told.bandwidth else None,
        "InternetAccessible": {
            "InternetChargeType": "TRAFFIC_POSTPAID_BY_HOUR",
            "InternetMaxBandwidthOut": told.bandwidth,
            "PublicIpAssigned": told.bandwidth > 0,
        },
        "RenewFlag": "NOTIFY_AND_MANUAL_RENEW" if prepaid else "",
        "ExpiredTime": "2027-12-31T16:00:00Z" if prepaid else "",
        "Tags": _tags(told.tags),
        "Uuid": _uuid(told.id),
        "CamRoleName": "",
        "DisableApiTermination": told.protected,
        "StoppedMode": told.stopped_mode,
        "Power": instances.steady(told.state),
    }


def _disks(instance: Document, told: InstanceSeed, image: Document) -> list[Document]:
    system = _disk(instance, told.system_disk, 0, image["FileSystem"])
    data = [
        _disk(instance, disk, position, _data_file_system(told, disk, position))
        for position, disk in enumerate(told.data_disks, 1)
    ]
    return [system, *data]


def _disk(instance: Document, told: DiskSeed, position: int, file_system: Any) -> Document:
    local = told.type in catalog.LOCAL_DISK_TYPES
    made_up = ids.id_of("ldisk" if local else "disk", instance["Id"], position)
    return disks.new(
        told.id or made_up,
        instance,
        disks.DATA_DISK if position else disks.SYSTEM_DISK,
        position,
        DiskType=told.type,
        SizeGib=told.size,
        Encrypt=told.encrypt,
        DeleteWithInstance=told.delete_with_instance,
        FileSystem=file_system,
    )


def _data_file_system(told: InstanceSeed, disk: DiskSeed, position: int) -> dict[str, Any] | None:
    if not disk.mount and not disk.label:
        return None
    device = f"vd{chr(ord('a') + position)}1"
    return _file_system(_uuid(told.id, position), device, disk.label)


def _file_system(file_system_uuid: str, device: str, label: str = "") -> dict[str, Any]:
    return {"uuid": file_system_uuid, "label": label, "type": "ext4", "device_hint": device}


def _guest(told: InstanceSeed, image: Document, attached: Sequence[Document]) -> dict[str, Any]:
    mounted = [(d, disk) for d, disk in zip(told.data_disks, attached[1:], strict=True) if d.mount]
    lines = [
        f"UUID={disk['FileSystem']['uuid']}\t{seeded.mount}\text4\t{seeded.options}\t0 2\n"
        for seeded, disk in mounted
    ]
    guest = image["Guest"]
    return {
        **guest,
        "fstab": "".join([guest["fstab"], *lines]) if told.fstab is None else told.fstab,
        "agent": told.agent,
        "mounts": [*guest["mounts"], *(seeded.mount for seeded, _ in mounted)],
    }


def _template(region: str, told: TemplateSeed) -> Document:
    there = networks.of(OWNER, region)
    subnet = there.in_zone(_zone(region))
    created = told.created.timestamp()
    data = {
        "Placement": {"Zone": subnet.zone, "ProjectId": 0},
        "ImageId": told.image,
        "InstanceType": told.type,
        "InstanceName": told.name,
        "InstanceCount": 1,
        "InstanceChargeType": "POSTPAID_BY_HOUR",
        "SystemDisk": {"DiskType": "CLOUD_SSD", "DiskSize": 50},
        "VirtualPrivateCloud": {"VpcId": subnet.vpc, "SubnetId": subnet.id},
        "SecurityGroupIds": [there.security_group],
    }
    return _document(launch_templates.KIND, told.id, OWNER, region, created) | {
        "Name": told.name,
        "DefaultVersion": 1,
        "Versions": [{"Number": 1, "Created": created, "Description": "", "Data": data}],
    }


def _zone(region: str) -> str:
    """Where things are unless told otherwise: the last zone where there is room."""
    return next(zone.id for zone in reversed(catalog.zones(region)) if zone.available)


def _address(subnet: Subnet, number: int) -> str:
    first, second, third, _ = subnet.cidr.partition("/")[0].split(".")
    return f"{first}.{second}.{int(third) + number // 200}.{number % 200 + 10}"


def _tags(told: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in told.items()]


def _uuid(*place: Any) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(map(str, place))))
