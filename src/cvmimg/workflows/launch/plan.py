"""The plan of a launch: every setting with its origin, the request, and the price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, Instance, Price
from cvmimg.cloud.price import quote_price
from cvmimg.errors import NotFound, PreconditionFailed, UsageError
from cvmimg.workflows.launch.settings import (
    GIVEN,
    LIKE,
    PROFILE,
    SOURCE,
    LaunchSettings,
    merge,
    settings_of,
)
from cvmimg.workflows.own_tags import SOURCE_TAG

MOST_INSTANCES = 500
_MOST_USER_DATA = 16 * 1024 * 4 // 3 + 4
_API_DEFAULT = "API default"


@dataclass(frozen=True)
class LaunchRequest:
    """New instances, as the user asked for them.

    Attributes:
        image: an id, an exact name, or ``family:NAME``.
        count: how many, 1 to 500.
        min_count: how many are enough if not all can be had; None means all.
        settings: what the user gave.
        profile: what the profile gives.
        like: an instance to take missing settings from.
        template: a launch template (lt-…) for what nobody else gives.
    """

    image: str
    count: int
    min_count: int | None = None
    settings: LaunchSettings = field(default_factory=LaunchSettings)
    profile: LaunchSettings = field(default_factory=LaunchSettings)
    like: str = ""
    template: str = ""


@dataclass(frozen=True)
class PlanRow:
    """One setting of the plan, for people: its name, value and origin."""

    setting: str
    value: str
    origin: str


@dataclass(frozen=True)
class LaunchPlan:
    """What will be asked for, and what it costs.

    Attributes:
        image: what the instances start from.
        count: how many.
        rows: the settings for people.
        request: RunInstances' parameters, without ClientToken and DryRun.
        price: of all instances together; None if the API did not say.
    """

    image: Image
    count: int
    rows: list[PlanRow]
    request: dict[str, Any]
    price: Price | None = None


def plan_launch(cloud: Cloud, request: LaunchRequest, image: Image) -> LaunchPlan:
    """Work out a launch and have the API check and price it; nothing is started.

    Rests on DescribeInstances, RunInstances with DryRun and InquiryPriceRunInstances.

    Raises:
        UsageError: a setting is missing or contradicts another; the message names the option.
        PreconditionFailed: the image is not ready.
        NotFound: the instance of ``--like`` does not exist.
        CvmimgError: the API refuses the request.
    """
    _require_usable(image)
    settings, origins = merge(_sources(cloud, request, image))
    body = _run_request(request, settings, image)
    cvm.dry_run_run_instances(cloud, body)
    return LaunchPlan(
        image=image,
        count=request.count,
        rows=_rows(request, settings, origins, image),
        request=body,
        price=quote_price(cloud, body).price,
    )


def _require_usable(image: Image) -> None:
    if image.image_state == "NORMAL":
        return
    waiting = image.image_state in ("CREATING", "SYNCING", "IMPORTING")
    raise PreconditionFailed(
        f"image {image.image_id} is {image.image_state}, not NORMAL",
        code="ImageNotReady",
        hint=f"wait for it: cvmimg wait {image.image_id}" if waiting else "choose another image",
    )


def _sources(
    cloud: Cloud, request: LaunchRequest, image: Image
) -> list[tuple[str, LaunchSettings]]:
    sources = [(GIVEN, request.settings)]
    if request.like:
        like = cvm.describe_instance(cloud, request.like)
        sources.append((LIKE, settings_of(like, image)))
    sources.append((PROFILE, request.profile))
    source = _remembered_source(cloud, image)
    # A template is there to decide what is not given, so the source instance must not.
    if source is not None and not request.template:
        sources.append((SOURCE, settings_of(source, image)))
    return sources


def _remembered_source(cloud: Cloud, image: Image) -> Instance | None:
    """The instance the image was made from, if the image remembers and it still exists."""
    instance_id = image.tag_map.get(SOURCE_TAG)
    if not instance_id:
        return None
    try:
        return cvm.describe_instance(cloud, instance_id)
    except NotFound:
        return None


def _run_request(request: LaunchRequest, settings: LaunchSettings, image: Image) -> dict[str, Any]:
    if not 1 <= request.count <= MOST_INSTANCES:
        raise UsageError(f"--count: {request.count} is not between 1 and {MOST_INSTANCES}")
    if request.min_count is not None and not 1 <= request.min_count <= request.count:
        raise UsageError(f"--min-count: {request.min_count} is not between 1 and --count")
    if settings.zone is None and not request.template:
        raise UsageError(
            "--zone: no zone is known for the new instances",
            hint="add --zone (such as ap-guangzhou-6), or --like ins-… to copy an instance",
        )
    body = {
        "ImageId": image.image_id,
        "InstanceCount": request.count,
        "MinCount": request.min_count,
        "Placement": _present({"Zone": settings.zone, "ProjectId": settings.project_id}),
        "InstanceType": settings.type,
        "InstanceName": _instance_name(request, settings),
        "HostName": settings.hostname,
        "SecurityGroupIds": list(settings.security_groups),
        "SystemDisk": settings.system_disk.as_request() if settings.system_disk else None,
        "DataDisks": [disk.as_request() for disk in settings.data_disks],
        "VirtualPrivateCloud": _network(settings),
        "InternetAccessible": _internet(settings),
        "LoginSettings": _login(settings),
        "CamRoleName": settings.cam_role,
        "UserData": _user_data(settings),
        "LaunchTemplate": {"LaunchTemplateId": request.template} if request.template else None,
        "TagSpecification": _tags(settings.tags),
        **_charging(settings),
    }
    return _present(body)


def _instance_name(request: LaunchRequest, settings: LaunchSettings) -> str | None:
    """The name; one that was not given for these instances is followed by their number."""
    inherited = settings.name is not None and request.settings.name is None
    if inherited and request.count > 1 and "{R:" not in str(settings.name):
        return f"{settings.name}-{{R:1}}"
    return settings.name


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, [], {}, "")}


def _network(settings: LaunchSettings) -> dict[str, str] | None:
    if settings.vpc is None and settings.subnet is None:
        return None
    if settings.subnet is None:
        raise UsageError(
            f"--subnet: no subnet of {settings.vpc} in zone {settings.zone} is known",
            hint="add --subnet subnet-… (one of that network and zone)",
        )
    if settings.vpc is None:
        raise UsageError(
            f"--vpc: the network of {settings.subnet} is not known", hint="add --vpc vpc-…"
        )
    return {"VpcId": settings.vpc, "SubnetId": settings.subnet}


def _internet(settings: LaunchSettings) -> dict[str, Any] | None:
    if settings.public_ip_bandwidth is None:
        return None
    return _present(
        {
            "InternetMaxBandwidthOut": settings.public_ip_bandwidth,
            "PublicIpAssigned": settings.public_ip_bandwidth > 0,
            "InternetChargeType": settings.public_ip_charge_type,
        }
    ) | {"InternetMaxBandwidthOut": settings.public_ip_bandwidth}


def _login(settings: LaunchSettings) -> dict[str, Any] | None:
    if settings.keep_login:
        return {"KeepImageLogin": "TRUE"}
    return {"KeyIds": list(settings.keys)} if settings.keys else None


def _user_data(settings: LaunchSettings) -> str | None:
    if settings.user_data is not None and len(settings.user_data) > _MOST_USER_DATA:
        raise UsageError("--user-data: the file is larger than 16 KB", hint="make it smaller")
    return settings.user_data


def _charging(settings: LaunchSettings) -> dict[str, Any]:
    if settings.spot_price is not None and settings.charge_type not in (None, "SPOTPAID"):
        raise UsageError(
            f"--spot-price: it has no meaning with --charge-type {settings.charge_type}",
            hint="use --charge-type SPOTPAID, or leave --spot-price out",
        )
    if settings.spot_price is not None or settings.charge_type == "SPOTPAID":
        options = _present({"MaxPrice": settings.spot_price, "SpotInstanceType": "one-time"})
        return {
            "InstanceChargeType": "SPOTPAID",
            "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": options},
        }
    if settings.charge_type == "PREPAID":
        return {"InstanceChargeType": "PREPAID", "InstanceChargePrepaid": {"Period": 1}}
    return {"InstanceChargeType": settings.charge_type}


def _tags(tags: Mapping[str, str]) -> list[dict[str, Any]]:
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": "instance", "Tags": pairs}] if pairs else []


def _rows(
    request: LaunchRequest, settings: LaunchSettings, origins: Mapping[str, str], image: Image
) -> list[PlanRow]:
    rows = [
        PlanRow("image", f"{image.image_id} ({image.image_name})", GIVEN),
        PlanRow("count", str(request.count), GIVEN),
    ]
    default = request.template or _API_DEFAULT
    shown = settings.model_copy(update={"name": _instance_name(request, settings)})
    for name, value in shown.given().items():
        rows.append(PlanRow(name.replace("_", " "), _shown(name, value), origins[name]))
    if not settings.keys and not settings.keep_login:
        rows.append(PlanRow("login", "a random password, in the account's messages", default))
    return rows


def _shown(name: str, value: Any) -> str:
    if name == "user_data":
        return "from the file"
    if name == "public_ip_bandwidth":
        return f"{value} Mbit/s"
    if name == "tags":
        return ", ".join(f"{key}={text}" for key, text in value.items())
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    return str(value)
