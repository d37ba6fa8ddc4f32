"""The request of RunInstances, from settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cvmimg.cloud.limits import INSTANCES_PER_LAUNCH, USER_DATA_BYTES
from cvmimg.cloud.models import Image
from cvmimg.errors import UsageError
from cvmimg.message import Message
from cvmimg.workflows.launch.request import LaunchRequest
from cvmimg.workflows.launch.settings import LaunchSettings

SPOT = "SPOTPAID"
_BASE64_BYTES = USER_DATA_BYTES * 4 // 3 + 4


def run_request(request: LaunchRequest, settings: LaunchSettings, image: Image) -> dict[str, Any]:
    """Return RunInstances' parameters, without ClientToken and DryRun.

    Raises:
        UsageError: a setting is missing or contradicts another; the message names the option.
    """
    _require_counts(request)
    if settings.zone is None and not request.template:
        raise UsageError(Message("ZoneMissing"))
    body = {
        "ImageId": image.image_id,
        "InstanceCount": request.count,
        "MinCount": request.min_count,
        "Placement": _present({"Zone": settings.zone, "ProjectId": settings.project_id}),
        "InstanceType": settings.type,
        "InstanceName": settings.name,
        "HostName": settings.hostname,
        "SecurityGroupIds": list(settings.security_groups),
        "SystemDisk": settings.system_disk.as_request() if settings.system_disk else None,
        "DataDisks": [disk.as_request() for disk in settings.data_disks],
        "VirtualPrivateCloud": _network(settings),
        "InternetAccessible": _internet(settings),
        "LoginSettings": _login(settings),
        "CamRoleName": settings.cam_role,
        "UserData": _user_data(settings),
        # Without it, instances from a custom image get no automation agent.
        "EnhancedService": (
            {"AutomationService": {"Enabled": settings.agent}}
            if settings.agent is not None
            else None
        ),
        "LaunchTemplate": {"LaunchTemplateId": request.template} if request.template else None,
        "TagSpecification": _tags(settings.tags),
        **_charging(settings),
    }
    return _present(body)


def _require_counts(request: LaunchRequest) -> None:
    if not 1 <= request.count <= INSTANCES_PER_LAUNCH:
        raise UsageError(Message("CountOutOfRange", count=request.count, most=INSTANCES_PER_LAUNCH))
    if request.min_count is not None and not 1 <= request.min_count <= request.count:
        raise UsageError(
            Message("MinCountOutOfRange", min_count=request.min_count, count=request.count)
        )


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, [], {}, "")}


def _network(settings: LaunchSettings) -> dict[str, str] | None:
    if settings.vpc is None and settings.subnet is None:
        return None
    if settings.subnet is None:
        raise UsageError(
            Message("SubnetMissing", vpc=settings.vpc, zone=settings.zone or Message("AnyZone"))
        )
    if settings.vpc is None:
        raise UsageError(Message("VpcMissing", subnet=settings.subnet))
    return {"VpcId": settings.vpc, "SubnetId": settings.subnet}


def _internet(settings: LaunchSettings) -> dict[str, Any] | None:
    if settings.public_ip_bandwidth is None:
        return None
    return _present(
        {
            "PublicIpAssigned": settings.public_ip_bandwidth > 0,
            "InternetChargeType": settings.public_ip_charge_type,
        }
    ) | {"InternetMaxBandwidthOut": settings.public_ip_bandwidth}


def _login(settings: LaunchSettings) -> dict[str, Any] | None:
    if settings.keep_login:
        return {"KeepImageLogin": "TRUE"}
    return {"KeyIds": list(settings.keys)} if settings.keys else None


def _user_data(settings: LaunchSettings) -> str | None:
    if settings.user_data is not None and len(settings.user_data) > _BASE64_BYTES:
        raise UsageError(Message("UserDataTooLong"))
    return settings.user_data


def _charging(settings: LaunchSettings) -> dict[str, Any]:
    charge_type, spot_price = settings.charge_type, settings.spot_price
    if spot_price is not None and charge_type not in (None, SPOT):
        raise UsageError(Message("SpotPriceWithoutSpot", charge_type=charge_type))
    if spot_price is None and charge_type == SPOT:
        raise UsageError(Message("SpotPriceMissing"))
    if spot_price is not None:
        options = {"MaxPrice": spot_price, "SpotInstanceType": "one-time"}
        return {
            "InstanceChargeType": SPOT,
            "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": options},
        }
    if charge_type == "PREPAID":
        return {"InstanceChargeType": charge_type, "InstanceChargePrepaid": {"Period": 1}}
    return {"InstanceChargeType": charge_type}


def _tags(tags: Mapping[str, str]) -> list[dict[str, Any]]:
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": "instance", "Tags": pairs}] if pairs else []
