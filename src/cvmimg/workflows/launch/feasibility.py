"""Refuse launches that cannot succeed before the API is called: type, zone, disk size."""

from __future__ import annotations

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, InstanceTypeOffer
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message
from cvmimg.suggest import did_you_mean
from cvmimg.workflows.if_permitted import if_permitted
from cvmimg.workflows.launch.settings import LaunchSettings

_SOLD_OUT = "SOLD_OUT"
_ON_DEMAND = "POSTPAID_BY_HOUR"


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
        _require_sold(cloud, settings.zone, settings)
    supported = if_permitted(
        lambda: cvm.supports_instance_type(cloud, image.image_id, str(settings.type))
    )
    if supported is False:
        raise PreconditionFailed(
            Message("TypeNotSupported", type=settings.type, image=image.image_id)
        )


def _require_sold(cloud: Cloud, zone: str, settings: LaunchSettings) -> None:
    def offers(**wanted: str) -> list[InstanceTypeOffer]:
        charge_type = settings.charge_type or _ON_DEMAND
        return cvm.describe_zone_instance_config_infos(
            cloud, zone=zone, instance_charge_type=charge_type, **wanted
        )

    wanted = str(settings.type)
    found = if_permitted(lambda: offers(instance_type=wanted))
    if found is None:
        return
    if not found:
        hint = did_you_mean(wanted, lambda: [each.instance_type for each in offers()])
        raise PreconditionFailed(Message("TypeNotOffered", type=wanted, zone=zone), hint=hint)
    if all(offer.status == _SOLD_OUT for offer in found):
        raise PreconditionFailed(Message("TypeSoldOut", type=wanted, zone=zone))
