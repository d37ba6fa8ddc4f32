"""Prices: the inquiry's own parameters only, and never in the way of a launch."""

from __future__ import annotations

from typing import Any

import pytest

from cvmimg.cloud.client import Cloud, Endpoint
from cvmimg.cloud.price import quote_price
from tests.support.api import ScriptedApi, scripted_cloud

REQUEST: dict[str, Any] = {
    "ImageId": "img-00000001",
    "Placement": {"Zone": "ap-guangzhou-6"},
    "InstanceCount": 3,
    "MinCount": 1,
    "UserData": "aGk=",
    "CamRoleName": "builder",
    "DryRun": True,
}
PRICE = {"InstancePrice": {"UnitPrice": 1.5, "ChargeUnit": "HOUR"}}


def test_parameters_that_the_inquiry_does_not_know_are_left_out(
    api: ScriptedApi, cloud: Cloud
) -> None:
    api.answers("InquiryPriceRunInstances", Price=PRICE)
    quote = quote_price(cloud, REQUEST)
    assert quote.price is not None
    assert (quote.price.instance_price.unit_price, quote.instances) == (1.5, 3)
    assert api.sent("InquiryPriceRunInstances") == [
        {
            "ImageId": "img-00000001",
            "Placement": {"Zone": "ap-guangzhou-6"},
            "InstanceCount": 3,
        }
    ]


@pytest.mark.parametrize(("count", "priced"), [(100, 100), (101, 1), (500, 1)])
def test_more_than_a_hundred_are_priced_by_one(
    api: ScriptedApi, cloud: Cloud, count: int, priced: int
) -> None:
    api.answers("InquiryPriceRunInstances", Price=PRICE)
    assert quote_price(cloud, {**REQUEST, "InstanceCount": count}).instances == priced
    assert api.sent("InquiryPriceRunInstances")[0]["InstanceCount"] == priced


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "UnknownParameter", "InternalError"])
def test_a_price_that_cannot_be_had_has_a_reason(api: ScriptedApi, cloud: Cloud, code: str) -> None:
    api.refuses("InquiryPriceRunInstances", code)
    quote = quote_price(cloud, REQUEST)
    assert quote.price is None
    assert quote.error is not None
    assert quote.error.code == code


@pytest.mark.parametrize(("domain", "currency"), [("intl", "USD"), ("internal", "CNY")])
def test_international_accounts_pay_in_dollars(
    api: ScriptedApi, domain: str, currency: str
) -> None:
    api.answers("InquiryPriceRunInstances", Price=PRICE)
    cloud = scripted_cloud(endpoint=Endpoint.of_domain(domain))
    assert quote_price(cloud, REQUEST).currency == currency


def test_an_international_endpoint_is_paid_in_dollars(api: ScriptedApi) -> None:
    api.answers("InquiryPriceRunInstances", Price=PRICE)
    cloud = scripted_cloud(endpoint=Endpoint.parse("https://cvm.intl.tencentcloudapi.com"))
    assert quote_price(cloud, REQUEST).currency == "USD"
