"""cvm: RunInstances."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cvmimg.sandbox import (
    catalog,
    contents,
    disks,
    documents,
    images,
    instances,
    names,
    networks,
    orders,
    tasks,
    times,
)
from cvmimg.sandbox.call import ApiError, Call, action
from cvmimg.sandbox.networks import Subnet
from cvmimg.sandbox.orders import DiskOrder, Order
from cvmimg.sandbox.store import Document

TOKEN, STOCK = "client-token", "stock"

_MOST_USER_DATA = 16 * 1024
_NOT_SIMULATED = ("DedicatedClusterId", "ChcIds", "NetworkInterfaces", "ActionTimer")
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")
_FAILED_SHOWN_SECONDS = 3600.0
"""How long an instance that could not be launched stays in the list."""
_MONTH = 30 * 86400
_UNNAMED = "未命名"


@dataclass(frozen=True)
class _Login:
    """How to log in: the keys, and whether that is left as the image has it."""

    key_ids: Sequence[str]
    keep_image_login: bool


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
    known = call.store.get(TOKEN, token) if token else None
    if known is not None:
        return {"InstanceIdSet": known["InstanceIds"]}
    order = orders.read(call)
    _check(order)
    login = _login(call, order)
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
        "Kind": TOKEN,
        "Id": token,
        "Account": call.account,
        "Region": call.region,
        "Created": call.now,
        "InstanceIds": list(made),
    }


def _check(order: Order) -> None:
    for name in _NOT_SIMULATED:
        if name in order.params:
            raise ApiError(
                "UnsupportedOperation",
                f"The sandbox does not simulate `{name}`.",
                f"沙箱未模拟参数 `{name}`。",
            )
    if order.params.get("DisasterRecoverGroupIds"):
        raise ApiError(
            "FailedOperation.DisasterRecoverGroupNotFound",
            "The placement group does not exist.",
            "置放群组不存在。",
        )
    if order.params.get("HpcClusterId"):
        raise ApiError("ResourceNotFound.HpcCluster", "The cluster does not exist.")
    _check_user_data(order.params.get("UserData", ""))
    _check_host_name(order)
    _check_tags(order.params.get("TagSpecification", []))


def _check_user_data(user_data: str) -> None:
    try:
        size = len(base64.b64decode(user_data, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ApiError(
            "InvalidParameterValue.InvalidUserDataFormat",
            "The user data is not encoded in base64.",
            "UserData 不是合法的 base64 编码。",
        ) from error
    if size > _MOST_USER_DATA:
        raise ApiError(
            "InvalidParameterValue.TooLarge",
            "The user data is larger than 16 KB.",
            "UserData 超过 16 KB。",
        )


def _check_host_name(order: Order) -> None:
    if not order.params.get("HostName"):
        return
    windows = order.image["Platform"] == "Windows"
    segment = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    form = segment if windows else rf"{segment}(\.{segment})*"
    for name in names.numbered(order.params["HostName"], order.count, ["10.0.0.1"] * order.count):
        fits = re.fullmatch(form, name) and "--" not in name
        long_enough = 2 <= len(name) <= (15 if windows else 60)
        if not fits or not long_enough or (windows and name.isdigit()):
            raise ApiError(
                "InvalidParameterValue.IllegalHostName",
                f"`{name}` is not a valid host name.",
                f"主机名 `{name}` 不合法。",
            )


def _check_tags(specifications: Sequence[Mapping[str, Any]]) -> None:
    for specification in specifications:
        keys = [tag["Key"] for tag in specification["Tags"]]
        if len(set(keys)) < len(keys):
            raise ApiError(
                "InvalidParameterValue.DuplicateTags", "A tag is given twice.", "标签键重复。"
            )


def _login(call: Call, order: Order) -> _Login:
    told = order.params.get("LoginSettings", {})
    keep = told.get("KeepImageLogin", "false").lower() == "true"
    keys = told.get("KeyIds") or []
    if sum((keep, bool(keys), "Password" in told)) > 1:
        raise ApiError(
            "InvalidParameterCombination",
            "Only one of `Password`, `KeyIds` and `KeepImageLogin` can be given.",
            "`Password`、`KeyIds` 与 `KeepImageLogin` 只能指定一个。",
        )
    if keep and images.image_type(call, order.image) == images.PUBLIC_IMAGE:
        raise ApiError(
            "InvalidParameterCombination",
            "A public image has no login to keep.",
            "公共镜像不支持保留镜像登录设置。",
        )
    if keys and order.image["Platform"] == "Windows":
        raise ApiError(
            "UnsupportedOperation.KeyPairUnsupportedWindows",
            "Instances with Windows have no keys.",
            "Windows 实例不支持密钥登录。",
        )
    networks.check_keys(call, keys)
    _check_password(told.get("Password"))
    return _Login(keys, keep)


def _check_password(password: str | None) -> None:
    if password is None:
        return
    classes = sum(1 for form in _CLASSES if re.search(form, password))
    if not 8 <= len(password) <= 30 or classes < 2 or password.startswith("/"):
        raise ApiError("InvalidPassword", "The password is too weak.", "密码不符合复杂度要求。")


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
    stock = call.store.get(STOCK, _stock_id(order))
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


def _stock_id(order: Order) -> str:
    return f"{order.zone}/{order.instance_type.name}"


def _place(call: Call, order: Order, count: int) -> _Place:
    told = order.params.get("VirtualPrivateCloud")
    subnet = networks.subnet(call, told, order.zone)
    wanted = (told or {}).get("PrivateIpAddresses", [])
    return _Place(
        subnet,
        networks.addresses(call, subnet, wanted, count),
        networks.security_groups(call, order.params.get("SecurityGroupIds", [])),
    )


def _launch(call: Call, order: Order, login: _Login, place: _Place, count: int) -> list[str]:
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
    stock = call.store.get(STOCK, _stock_id(order))
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


def _instance(call: Call, order: Order, login: _Login, place: _Place, index: int) -> dict[str, Any]:
    params = order.params
    identifier = documents.new_id(call, "ins", index)
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
        "ExpiredTime": times.iso(call.now + months * _MONTH) if prepaid else "",
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
        **contents.of_image(order.image),
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
        documents.new_id(call, "ldisk" if local else "disk", index, position),
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
