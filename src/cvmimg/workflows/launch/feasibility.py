"""Refuse launches that cannot succeed before the API is called: type, zone, disk size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, InstanceTypeOffer
from cvmimg.errors import CvmimgError, PreconditionFailed, Unreachable
from cvmimg.message import Message
from cvmimg.workflows.launch.settings import LaunchSettings

_SOLD_OUT = "SOLD_OUT"
_ON_DEMAND = "POSTPAID_BY_HOUR"
Result = TypeVar("Result")


def require_large_enough(settings: LaunchSettings, image: Image) -> None:
    """Refuse a system disk that is smaller than the image.

    Raises:
        PreconditionFailed: it is.
    """
    disk = settings.system_disk
    if disk is not None and disk.gib and disk.gib < image.image_size:
        raise PreconditionFailed(
            Message(
                "SystemDiskTooSmall", gib=disk.gib, needed=image.image_size, image=image.image_id
            )
        )


def require_offered(cloud: Cloud, settings: LaunchSettings, image: Image) -> None:
    """Refuse an instance type that its zone does not offer or that the image does not support.

    Calls DescribeZoneInstanceConfigInfos and DescribeImages; if these are not permitted, the dry
    run decides.

    Raises:
        PreconditionFailed: the type is not offered, sold out, or not supported.
    """
    if settings.type is None:
        return
    if settings.zone is not None:
        zone, wanted = settings.zone, settings.type
        _require_sold(_if_permitted(lambda: _offers(cloud, zone, settings)), wanted, zone)
    supported = _if_permitted(
        lambda: cvm.supports_instance_type(cloud, image.image_id, str(settings.type))
    )
    if supported is False:
        raise PreconditionFailed(
            Message("TypeNotSupported", type=settings.type, image=image.image_id)
        )


def _offers(cloud: Cloud, zone: str, settings: LaunchSettings) -> list[InstanceTypeOffer]:
    return cvm.describe_zone_instance_config_infos(
        cloud,
        zone=zone,
        instance_type=str(settings.type),
        instance_charge_type=settings.charge_type or _ON_DEMAND,
    )


def _require_sold(offers: list[InstanceTypeOffer] | None, wanted: str, zone: str) -> None:
    if offers is None:
        return
    if not offers:
        raise PreconditionFailed(Message("TypeNotOffered", type=wanted, zone=zone))
    if all(offer.status == _SOLD_OUT for offer in offers):
        raise PreconditionFailed(Message("TypeSoldOut", type=wanted, zone=zone))


def _if_permitted(ask: Callable[[], Result]) -> Result | None:
    try:
        return ask()
    except Unreachable:
        raise
    except CvmimgError:
        return None
