"""cvm: RunInstances."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cvmimg.sandbox.services import disks, images, instances, networks
from cvmimg.sandbox.services.disks import disk_content
from cvmimg.sandbox.services.instances import launch_checks, launch_request, login_settings, names
from cvmimg.sandbox.services.instances.launch_request import DiskOrder, Order
from cvmimg.sandbox.services.instances.login_settings import Login
from cvmimg.sandbox.services.networks import Subnet
from cvmimg.sandbox.state import documents, ids, tasks, timestamps
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import ApiError
from cvmimg.sandbox.world import catalog

_ONCE = "client-token"
"""The kind of the documents that tell what a ClientToken has made."""

_FAILED_SHOWN_SECONDS = 3600.0
"""How long an instance that could not be launched stays in the list."""
_MONTH = 30 * 86400
_UNNAMED = "未命名"


@dataclass(frozen=True)
class _Place:
    """Where instances are in the network: an address for each."""

    subnet: Subnet
    addresses: Sequence[str]
    security_groups: Sequence[str]


@action("cvm", "RunInstances", writes=True)
def run_instances(call: Call) -> dict[str, Any]:
    """Start instances from an image."""
    token = _token_id(call)
    known = call.store.get(_ONCE, token) if token else None
    if known is not None:
        return {"InstanceIdSet": known["InstanceIds"]}
    order = launch_request.read(call)
    launch_checks.check(order)
    login = login_settings.read(call, order)
    count = _count(call, order)
    place = _place(call, order, count)
    if call.params.get("DryRun"):
        return {"InstanceIdSet": []}
    made = _launch(call, order, login, place, count)
    if token:
        call.store.put(_token(call, token, made))
    return {"InstanceIdSet": made}


def _token_id(call: Call) -> str:
    token = call.params.get("ClientToken")
    return f"{call.account}/{call.region}/{token}" if token else ""


def _token(call: Call, token: str, made: Sequence[str]) -> Document:
    return {
        "Kind": _ONCE,
        "Id": token,
        "Account": call.account,
        "Region": call.region,
        "Created": call.now,
        "InstanceIds": list(made),
    }


def _count(call: Call, order: Order) -> int:
    """How many can be had: all, or at least MinCount."""
    least = order.params.get("MinCount", order.count)
    if not 1 <= least <= order.count:
        raise ApiError(
            "InvalidParameterValue.InvalidParameterMinCount",
            "`MinCount` is not from 1 to `InstanceCount`.",
            "`MinCount` 取值不合法。",
        )
    if not next(z for z in catalog.zones(call.region) if z.id == order.zone).available:
        raise ApiError(
            "ResourceInsufficient.AvailabilityZoneSoldOut",
            f"The zone {order.zone} is sold out.",
            f"可用区 {order.zone} 已售罄。",
        )
    stock = call.store.get(launch_request.STOCK, launch_request.stock_id(order))
    held = order.count if stock is None else min(order.count, stock["Value"])
    if held < least:
        partial = "MinCount" in order.params
        raise ApiError(
            "ResourceInsufficient.InsufficientOfferingMinimum"
            if partial
            else "ResourceInsufficient.SpecifiedInstanceType",
            f"There are only {held} instances of the type {order.instance_type.name} left.",
            f"机型 {order.instance_type.name} 库存不足。",
        )
    return held


def _place(call: Call, order: Order, count: int) -> _Place:
    told = order.params.get("VirtualPrivateCloud")
    subnet = networks.subnet(call, told, order.zone)
    wanted = (told or {}).get("PrivateIpAddresses", [])
    return _Place(
        subnet,
        networks.addresses(call, subnet, wanted, count),
        networks.security_groups(call, order.params.get("SecurityGroupIds", [])),
    )


def _launch(call: Call, order: Order, login: Login, place: _Place, count: int) -> list[str]:
    pattern = order.params.get("InstanceName")
    shown = names.numbered(pattern, count, []) if pattern else [_UNNAMED] * count
    hosts = names.numbered(order.params.get("HostName", ""), count, list(place.addresses))
    made = []
    for index in range(count):
        instance = {
            **_instance(call, order, login, place, index),
            "Name": shown[index],
            "HostName": hosts[index] or _default_host_name(place.addresses[index]),
        }
        attached = _disks(call, order, instance, index)
        for document in (with_disks(instance, attached), *attached):
            call.store.put({**document, **_end(call)})
        made.append(str(instance["Id"]))
    stock = call.store.get(launch_request.STOCK, launch_request.stock_id(order))
    if stock is not None:
        call.store.put({**stock, "Value": stock["Value"] - count})
    return made


def _end(call: Call) -> dict[str, float]:
    """When what ``call`` makes is gone, if it fails."""
    return {"Gone": call.now + _FAILED_SHOWN_SECONDS} if call.task_fault == "fail" else {}


def with_disks(instance: Document, attached: Sequence[Document]) -> Document:
    """``instance`` as it knows its disks, the system disk first."""
    system, *data = (disks.in_instance(disk) for disk in attached)
    return {**instance, "SystemDisk": system, "DataDisks": data}


def _default_host_name(address: str) -> str:
    return "VM-" + "-".join(address.split(".")[2:]) + "-instance"


def _instance(call: Call, order: Order, login: Login, place: _Place, index: int) -> dict[str, Any]:
    params = order.params
    identifier = ids.new_id(call, "ins", index)
    internet = _internet(params.get("InternetAccessible", {}))
    prepaid = order.charge_type == "PREPAID"
    months = params.get("InstanceChargePrepaid", {}).get("Period", 0)
    task = tasks.new(call.now, instances.LAUNCH_SECONDS, call.task_fault)
    return {
        "Kind": instances.KIND,
        "Id": identifier,
        "Account": call.account,
        "Region": call.region,
        "Created": call.now,
        "Placement": {"Zone": order.zone, "ProjectId": params["Placement"].get("ProjectId", 0)},
        "InstanceType": order.instance_type.name,
        "CPU": order.instance_type.cpu,
        "Memory": order.instance_type.memory,
        "RestrictState": "NORMAL",
        "InstanceChargeType": order.charge_type,
        "PrivateIpAddresses": [place.addresses[index]],
        "PublicIpAddresses": _public_addresses(internet, identifier),
        "InternetAccessible": internet,
        "VirtualPrivateCloud": {
            "VpcId": place.subnet.vpc,
            "SubnetId": place.subnet.id,
            "AsVpcGateway": False,
        },
        "ImageId": order.image["Id"],
        "RenewFlag": params.get("InstanceChargePrepaid", {}).get("RenewFlag", "")
        or ("NOTIFY_AND_MANUAL_RENEW" if prepaid else ""),
        "ExpiredTime": timestamps.iso(call.now + months * _MONTH) if prepaid else "",
        "SecurityGroupIds": list(place.security_groups),
        "LoginSettings": {"KeyIds": list(login.key_ids)},
        "Tags": documents.tag_list(params.get("TagSpecification", []), "instance"),
        "Uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, identifier)),
        "CamRoleName": params.get("CamRoleName", ""),
        "DisableApiTermination": params.get("DisableApiTermination", False),
        "StoppedMode": "KEEP_CHARGING",
        "FromPublicImage": images.image_type(call, order.image) == images.PUBLIC_IMAGE,
        "Power": {
            "During": "PENDING",
            "After": "RUNNING",
            "Otherwise": "LAUNCH_FAILED",
            "Task": task,
        },
        "Operation": {"Name": call.action, "Task": task, "RequestId": call.request_id},
        **disk_content.of_image(order.image),
    }


def _internet(told: Mapping[str, Any]) -> dict[str, Any]:
    bandwidth = told.get("InternetMaxBandwidthOut", 0)
    return {
        "InternetChargeType": told.get("InternetChargeType", "TRAFFIC_POSTPAID_BY_HOUR"),
        "InternetMaxBandwidthOut": bandwidth,
        "PublicIpAssigned": told.get("PublicIpAssigned", bandwidth > 0) and bandwidth > 0,
    }


def _public_addresses(internet: Mapping[str, Any], identifier: str) -> list[str] | None:
    """An address of the range that is kept for examples, or none."""
    if not internet["PublicIpAssigned"]:
        return None
    number = uuid.uuid5(uuid.NAMESPACE_URL, identifier).int
    return [f"203.0.113.{number % 254 + 1}"]


def _disks(call: Call, order: Order, instance: Mapping[str, Any], index: int) -> Sequence[Document]:
    tags = documents.tag_list(order.params.get("TagSpecification", []), "instance")
    fields = {"FileSystem": order.image["FileSystem"], "Tags": tags}
    system = _disk(call, order.system_disk, instance, index, 0, **fields)
    data = [
        _disk(call, disk, instance, index, position, FileSystem=_held(disk), Tags=tags)
        for position, disk in enumerate(order.data_disks, 1)
    ]
    return [system, *data]


def _held(disk: DiskOrder) -> Any:
    return disk.snapshot["FileSystem"] if disk.snapshot else None


def _disk(
    call: Call,
    order: DiskOrder,
    instance: Mapping[str, Any],
    index: int,
    position: int,
    **fields: Any,
) -> Document:
    local = order.type in catalog.LOCAL_DISK_TYPES
    return disks.new(
        ids.new_id(call, "ldisk" if local else "disk", index, position),
        instance,
        disks.DATA_DISK if position else disks.SYSTEM_DISK,
        position,
        DiskType=order.type,
        SizeGib=order.gib,
        Name=order.name,
        Encrypt=order.encrypt,
        DeleteWithInstance=order.delete_with_instance,
        FromSnapshot=order.snapshot["Id"] if order.snapshot else "",
        **fields,
    )
