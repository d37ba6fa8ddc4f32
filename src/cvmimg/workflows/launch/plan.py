"""The plan of a launch: every setting with its origin, the request, and the price."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.cloud.price import PriceQuote, quote_price
from cvmimg.errors import UsageError
from cvmimg.message import Message
from cvmimg.workflows.find_instance import find_instance, find_source
from cvmimg.workflows.launch.data_disks import complete, image_disks
from cvmimg.workflows.launch.disks import ImageDisk
from cvmimg.workflows.launch.feasibility import require_large_enough, require_offered
from cvmimg.workflows.launch.first_boot import with_fixes
from cvmimg.workflows.launch.request import LaunchRequest
from cvmimg.workflows.launch.run_request import run_request
from cvmimg.workflows.launch.settings import LaunchSettings, Origin, merge, settings_of
from cvmimg.workflows.require_image import require_not_revoked, require_ready


@dataclass(frozen=True)
class PlannedSetting:
    """One setting of the plan.

    Attributes:
        name: a field of ``LaunchSettings``, or "image", "count", "fixes" or "login".
        value: as its field has it; None for a login that the user did not choose.
        origin: where it comes from.
    """

    name: str
    value: Any
    origin: Origin


@dataclass(frozen=True)
class LaunchPlan:
    """What will be requested, and what it costs.

    Attributes:
        image: what the instances start from.
        count: how many.
        settings: what is set, in the order in which it is shown.
        request: RunInstances' parameters, without ClientToken and DryRun.
        quote: what the instances cost, or why that is not known.
        template: the launch template that fills in what is not set; empty for none.
    """

    image: Image
    count: int
    settings: list[PlannedSetting]
    request: dict[str, Any]
    quote: PriceQuote
    template: str = ""


_Sources = list[tuple[Origin, LaunchSettings]]
"""Where settings come from, the most important first."""


def plan_launch(cloud: Cloud, request: LaunchRequest, image: Image) -> LaunchPlan:
    """Work out a launch, and have the API check and price it; nothing is started.

    Calls DescribeInstances, DescribeSnapshots, DescribeZoneInstanceConfigInfos, RunInstances
    with DryRun and InquiryPriceRunInstances.

    Raises:
        UsageError: a setting is missing or contradicts another; the message names the option.
        PreconditionFailed: the image is not ready, or was revoked; the type or size is not offered.
        NotFound: the instance of ``--like`` or a snapshot does not exist.
        CvmimgError: the API refuses the request.
    """
    require_ready(image)
    if not request.force:
        require_not_revoked(image)
    inside = image_disks(cloud, image)
    sources = _sources(cloud, request, image, inside)
    settings, origins = _settle(cloud, request, sources, inside)
    settings = settings.model_copy(update={"user_data": _user_data(request, settings, image)})
    body = run_request(request, settings, image)
    require_large_enough(settings, image)
    require_offered(cloud, settings, image)
    cvm.dry_run(cloud, "RunInstances", body)
    return LaunchPlan(
        image=image,
        count=request.count,
        settings=_planned(request, settings, origins, image),
        request=body,
        quote=quote_price(cloud, body),
        template=request.template,
    )


def _sources(
    cloud: Cloud, request: LaunchRequest, image: Image, inside: Sequence[ImageDisk]
) -> _Sources:
    # A template is there to decide what is not given, so the source instance must not.
    look = partial(find_source, cloud, image) if not request.template else lambda: None
    find_like = partial(find_instance, cloud, request.like) if request.like else lambda: None
    like, source = concurrently([find_like, look])
    settings = [(Origin.GIVEN, request.settings)]
    if like is not None:
        settings.append((Origin.LIKE, settings_of(like, inside)))
    settings.append((Origin.PROFILE, request.profile))
    if source is not None:
        settings.append((Origin.SOURCE, settings_of(source, inside)))
    return settings


def _settle(
    cloud: Cloud, request: LaunchRequest, sources: _Sources, inside: Sequence[ImageDisk]
) -> tuple[LaunchSettings, dict[str, Origin]]:
    """Decide every setting, and where it comes from."""
    settings, origins = merge(sources)
    tags = _merged_tags(request, sources)
    disks = complete(cloud, settings.data_disks, request.settings.data_disks, inside)
    changes: dict[str, Any] = {"tags": tags, "data_disks": disks}
    if settings.agent is None and not request.template:
        changes["agent"] = True
        origins["agent"] = Origin.DEFAULT
    if settings.name is not None and origins["name"] in (Origin.LIKE, Origin.SOURCE):
        changes["name"] = _numbered(cloud, settings.name)
    if disks:
        origins.setdefault("data_disks", Origin.IMAGE)
    return settings.model_copy(update=changes), origins


def _user_data(request: LaunchRequest, settings: LaunchSettings, image: Image) -> str | None:
    if request.fixes and request.template:
        raise UsageError(Message("FixesWithTemplate"))
    if request.fixes and "windows" in image.os_name.lower():
        raise UsageError(Message("FixesOnWindows", image=image.image_id))
    return with_fixes(settings.user_data, request.fixes)


def _merged_tags(request: LaunchRequest, sources: _Sources) -> dict[str, str]:
    inherited = () if not request.inherit_tags else (Origin.LIKE, Origin.SOURCE)
    tags: dict[str, str] = {}
    for origin, settings in sources:
        if origin in (Origin.GIVEN, Origin.PROFILE, *inherited):
            tags = {**settings.tags, **tags}
    return tags


def _numbered(cloud: Cloud, name: str) -> str:
    """Return an inherited name with the next free number: "web" becomes "web-4" after "web-3"."""
    if "{R:" in name:
        return name
    base = re.sub(r"-\d+$", "", name)
    numbered = re.compile(re.escape(base) + r"-(\d{1,9})")
    taken = [
        int(match[1])
        for instance in cvm.describe_instances(cloud)
        if (match := numbered.fullmatch(instance.instance_name))
    ]
    return f"{base}-{{R:{max(taken, default=0) + 1}}}"


def _planned(
    request: LaunchRequest, settings: LaunchSettings, origins: Mapping[str, Origin], image: Image
) -> list[PlannedSetting]:
    planned = [
        PlannedSetting("image", image, Origin.GIVEN),
        PlannedSetting("count", request.count, Origin.GIVEN),
    ]
    if request.fixes:
        planned.append(PlannedSetting("fixes", request.fixes, Origin.GIVEN))
    for name, value in settings.given().items():
        if name == "user_data" and name not in origins:
            continue  # it consists of the fixes alone
        planned.append(PlannedSetting(name, value, origins.get(name, Origin.DEFAULT)))
    if not settings.keys and not settings.keep_login:
        origin = Origin.TEMPLATE if request.template else Origin.API
        planned.append(PlannedSetting("login", None, origin))
    return planned
