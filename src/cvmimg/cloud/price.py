"""What new instances cost. A missing price never stops a launch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.limits import INSTANCES_PER_PRICE
from cvmimg.cloud.models import Price
from cvmimg.errors import CvmimgError

_MEMBERS = (
    "ImageId",
    "InstanceChargeType",
    "InstanceChargePrepaid",
    "InstanceCount",
    "InstanceMarketOptions",
    "InstanceName",
    "InstanceType",
    "InternetAccessible",
    "LaunchTemplate",
    "Placement",
    "SystemDisk",
    "DataDisks",
    "VirtualPrivateCloud",
)
"""The parameters that a price depends on; RunInstances has more, which the inquiry refuses."""
_CURRENCY, _INTERNATIONAL_CURRENCY = "CNY", "USD"


@dataclass(frozen=True)
class PriceQuote:
    """A price, or the reason for its absence.

    Attributes:
        price: of ``instances`` instances together; None if it is not available.
        instances: how many instances the price is for.
        currency: such as "CNY".
        error: why there is no price.
    """

    price: Price | None
    instances: int
    currency: str
    error: CvmimgError | None = None


def quote_price(cloud: Cloud, request: Mapping[str, Any]) -> PriceQuote:
    """Read what a launch would cost (InquiryPriceRunInstances).

    Args:
        cloud: the region to call.
        request: RunInstances' parameters. More than 100 instances cannot be priced together; one
            is, then.
    """
    count = request.get("InstanceCount", 1)
    instances = count if count <= INSTANCES_PER_PRICE else 1
    priced = {name: request[name] for name in _MEMBERS if name in request}
    international = ".intl." in cloud.link.endpoint.host_of("cvm", cloud.region)
    currency = _INTERNATIONAL_CURRENCY if international else _CURRENCY
    try:
        price = cvm.inquire_price_run_instances(cloud, {**priced, "InstanceCount": instances})
    except CvmimgError as error:
        return PriceQuote(None, instances, currency, error)
    return PriceQuote(price, instances, currency)
