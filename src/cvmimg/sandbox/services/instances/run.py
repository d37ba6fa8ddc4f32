"""cvm: RunInstances."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cvmimg.sandbox.services import disks, dry_run, images, instances, networks, resource_tags
from cvmimg.sandbox.services.disks import disk_content
from cvmimg.sandbox.services.instances import launch_checks, launch_request, login_settings, names
from cvmimg.sandbox.services.instances.launch_request import DiskRequest, LaunchRequest
from cvmimg.sandbox.services.instances.login_settings import Login
from cvmimg.sandbox.state import documents, ids, kinds, tasks, timestamps
from cvmimg.sandbox.state.kinds import (
    ApiObject,
    ClientToken,
    Disk,
    DiskHolder,
    Image,
    Subnet,
)
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog

_TOKENS = kinds.CLIENT_TOKEN
"""Kind of the documents that hold the instances created with a ClientToken."""

_MONTH = 30 * 86400
_UNNAMED = "未命名"


@dataclass(frozen=True)
class _Network:
    """The network of new instances, with an address for each."""

    subnet: Subnet
    addresses: Sequence[str]
    security_groups: Sequence[str]


@action("cvm", "RunInstances", writes=True)
def run_instances(call: Call) -> Answer:
    """Launch instances from an image."""
    token = _token_id(call)
    known = call.store.get(_TOKENS, token) if token else None
    if known is not None:
        return {"InstanceIdSet": known["InstanceIds"]}
    if dry_run.requested(call):
        _plan(call)
        return dry_run.answer(call)
    launched = launch(call)
    if token:
        call.store.put(_token(call, token, launched))
    return {"InstanceIdSet": launched}


def launch(call: Call) -> list[str]:
    """Launch the instances that ``call.params`` describe; return their ids.

    Raises:
        ApiError: with the code of RunInstances.
    """
    return _launch(call, *_plan(call))


def _plan(call: Call) -> tuple[LaunchRequest, Login, _Network, int]:
    """Return the request, its login settings and network, and how many instances to launch."""
    request = launch_request.read(call)
    launch_checks.check(call, request)
    login = login_settings.read(call, request.params.get("LoginSettings", {}), request.image)
    count = _count(call, request)
    return request, login, _network(call, request, count), count


def _token_id(call: Call) -> str:
    token = call.params.get("ClientToken")
    return f"{call.account}/{call.region}/{token}" if token else ""


def _token(call: Call, token: str, made: Sequence[str]) -> ClientToken:
    return {**documents.new(call, _TOKENS, token), "InstanceIds": list(made)}


def _count(call: Call, request: LaunchRequest) -> int:
    """Return how many instances are available: all, or at least MinCount."""
    least = request.params.get("MinCount", request.count)
    if not 1 <= least <= request.count:
        raise refusal("InvalidParameterValue.InvalidParameterMinCount")
    if not next(z for z in catalog.zones(call.region) if z.id == request.zone).available:
        raise refusal("ResourceInsufficient.AvailabilityZoneSoldOut", zone=request.zone)
    stock = call.store.get(launch_request.STOCK, launch_request.stock_id(request))
    held = request.count if stock is None else min(request.count, stock["Value"])
    if held < least:
        partial = "MinCount" in request.params
        raise refusal(
            "ResourceInsufficient.InsufficientOfferingMinimum"
            if partial
            else "ResourceInsufficient.SpecifiedInstanceType",
            "run.count",
            held=held,
            name=request.instance_type.name,
        )
    return held


def _network(call: Call, request: LaunchRequest, count: int) -> _Network:
    requested = request.params.get("VirtualPrivateCloud")
    subnet = networks.subnet_for_launch(call, requested, request.zone)
    wanted = (requested or {}).get("PrivateIpAddresses", [])
    return _Network(
        subnet,
        networks.addresses(call, subnet, wanted, count),
        networks.security_groups_for_launch(call, request.params.get("SecurityGroupIds", [])),
    )


def _launch(
    call: Call, request: LaunchRequest, login: Login, network: _Network, count: int
) -> list[str]:
    pattern = request.params.get("InstanceName")
    instance_names = names.numbered(pattern, count, []) if pattern else [_UNNAMED] * count
    host_names = names.numbered(request.params.get("HostName", ""), count, list(network.addresses))
    launched = []
    for index in range(count):
        instance: Any = {
            **_instance(call, request, login, network, index),
            "Name": instance_names[index],
            "HostName": host_names[index] or _default_host_name(network.addresses[index]),
        }
        attached = _disks(call, request, instance, index)
        for document in ({**instance, **disks.in_instance(attached)}, *attached):
            call.store.put({**document, **_end(call, request)})
        launched.append(str(instance["Id"]))
    stock = call.store.get(launch_request.STOCK, launch_request.stock_id(request))
    if stock is not None:
        call.store.put({**stock, "Value": stock["Value"] - count})
    return launched


def _end(call: Call, request: LaunchRequest) -> dict[str, float]:
    """Return when the resources disappear: at their ActionTimer, or after the launch failed."""
    if call.task_fault == "fail":
        failed = call.now + instances.LAUNCH_SECONDS * tasks.FAILS_AT
        return {"Gone": failed + call.settings.failed_instance_seconds}
    timer = request.params.get("ActionTimer")
    return {"Gone": timestamps.seconds(timer["ActionTime"])} if timer else {}


def _default_host_name(address: str) -> str:
    return "VM-" + "-".join(address.split(".")[2:]) + "-instance"


def _instance(
    call: Call, request: LaunchRequest, login: Login, network: _Network, index: int
) -> dict[str, Any]:
    params = request.params
    identifier = ids.new_id(call, "ins", index)
    internet = _internet(params.get("InternetAccessible", {}))
    prepaid = request.charge_type == "PREPAID"
    months = params.get("InstanceChargePrepaid", {}).get("Period", 0)
    operation = instances.operation(call, instances.LAUNCH_SECONDS)
    return {
        **documents.new(call, instances.KIND, identifier),
        "Placement": {"Zone": request.zone, "ProjectId": params["Placement"].get("ProjectId", 0)},
        "InstanceType": request.instance_type.name,
        "CPU": request.instance_type.cpu,
        "Memory": request.instance_type.memory,
        "RestrictState": "NORMAL",
        "InstanceChargeType": request.charge_type,
        "PrivateIpAddresses": [network.addresses[index]],
        "PublicIpAddresses": _public_addresses(internet, identifier),
        "InternetAccessible": internet,
        "VirtualPrivateCloud": {
            "VpcId": network.subnet["Parent"],
            "SubnetId": network.subnet["Id"],
            "AsVpcGateway": False,
        },
        "ImageId": request.image["Id"],
        "RenewFlag": _renew_flag(params) if prepaid else None,
        "ExpiredTime": timestamps.iso(call.now + months * _MONTH) if prepaid else None,
        "SecurityGroupIds": list(network.security_groups),
        "LoginSettings": {"KeyIds": list(login.key_ids) or None},
        **resource_tags.on_creation(call, resource_tags.specified(params, "instance")),
        "Uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, identifier)),
        "CamRoleName": params.get("CamRoleName", ""),
        "UserData": params.get("UserData", ""),
        "DisableApiTermination": params.get("DisableApiTermination", False),
        "StoppedMode": "KEEP_CHARGING",
        "ThreadPerCore": params.get("CpuTopology", {}).get("ThreadPerCore", 2),
        "Boot": call.boot,
        "Power": {
            "During": "PENDING",
            "After": "RUNNING",
            "Otherwise": "LAUNCH_FAILED",
            "Task": operation["Task"],
        },
        "Operation": operation,
        **disk_content.with_agent(
            disk_content.of_image(request.image),
            agent_is_installed(call, request.params, request.image),
        ),
    }


def agent_is_installed(call: Call, params: ApiObject, image: Image) -> bool:
    """Return whether the agent is installed; by default only on a public image."""
    public = images.image_type(call, image) == images.PUBLIC_IMAGE
    service = params.get("EnhancedService", {}).get("AutomationService", {})
    return bool(service.get("Enabled", public))


def _renew_flag(params: ApiObject) -> str:
    flag = params["InstanceChargePrepaid"].get("RenewFlag")
    return str(flag or "NOTIFY_AND_MANUAL_RENEW")


def _internet(params: ApiObject) -> dict[str, Any]:
    bandwidth = params.get("InternetMaxBandwidthOut", 0)
    return {
        "InternetChargeType": params.get("InternetChargeType", "TRAFFIC_POSTPAID_BY_HOUR"),
        "InternetMaxBandwidthOut": bandwidth,
        "PublicIpAssigned": params.get("PublicIpAssigned", bandwidth > 0) and bandwidth > 0,
    }


def _public_addresses(internet: ApiObject, identifier: str) -> list[str] | None:
    """Return an address from the range reserved for documentation, or None."""
    if not internet["PublicIpAssigned"]:
        return None
    number = uuid.uuid5(uuid.NAMESPACE_URL, identifier).int
    return [f"203.0.113.{number % 254 + 1}"]


def _disks(call: Call, request: LaunchRequest, instance: DiskHolder, index: int) -> Sequence[Disk]:
    tags = resource_tags.on_creation(call, resource_tags.specified(request.params, "instance"))
    content = request.image["FileSystem"]
    system = _disk(call, request.system_disk, instance, index, 0, FileSystem=content, **tags)
    data = [
        _disk(call, disk, instance, index, position, FileSystem=_disk_content(disk), **tags)
        for position, disk in enumerate(request.data_disks, 1)
    ]
    return [system, *data]


def _disk_content(disk: DiskRequest) -> Any:
    return disk.snapshot["FileSystem"] if disk.snapshot else None


def _disk(
    call: Call,
    request: DiskRequest,
    instance: DiskHolder,
    index: int,
    position: int,
    **fields: Any,
) -> Disk:
    local = request.type in catalog.LOCAL_DISK_TYPES
    return disks.new(
        ids.new_id(call, "ldisk" if local else "disk", index, position),
        instance,
        disks.DATA_DISK if position else disks.SYSTEM_DISK,
        position,
        DiskType=request.type,
        SizeGib=request.gib,
        Encrypt=request.encrypt,
        DeleteWithInstance=request.delete_with_instance,
        FromSnapshot=request.snapshot["Id"] if request.snapshot else "",
        **({"Name": request.name} if request.name else {}),
        **fields,
    )
