"""Instance types are checked before a launch is requested, as far as the account may ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from cvmimg.cloud.models import Image
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message
from cvmimg.workflows.launch.feasibility import require_offered
from cvmimg.workflows.launch.settings import LaunchSettings
from tests.support.api import ScriptedApi, scripted_cloud

IMAGE = Image({"ImageId": "img-00000001", "ImageSize": 50})
SETTINGS = LaunchSettings(zone="ap-guangzhou-6", type="S5.MEDIUM4")
SOLD = {"InstanceType": "S5.MEDIUM4", "Status": "SELL"}


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield ScriptedApi(wire)


def offers(api: ScriptedApi, *found: dict[str, Any], supported: bool = True) -> None:
    api.answers("DescribeZoneInstanceConfigInfos", InstanceTypeQuotaSet=list(found))
    images = [{"ImageId": "img-00000001"}] if supported else []
    api.answers("DescribeImages", ImageSet=images, TotalCount=len(images))


def test_a_type_that_is_sold_and_supported_passes(api: ScriptedApi) -> None:
    offers(api, SOLD)
    require_offered(scripted_cloud(), SETTINGS, IMAGE)
    filters = api.sent("DescribeZoneInstanceConfigInfos")[0]["Filters"]
    assert {each["Name"]: each["Values"] for each in filters} == {
        "zone": ["ap-guangzhou-6"],
        "instance-type": ["S5.MEDIUM4"],
        "instance-charge-type": ["POSTPAID_BY_HOUR"],
    }
    assert api.sent("DescribeImages")[0]["InstanceType"] == "S5.MEDIUM4"


@pytest.mark.parametrize(
    ("found", "supported", "code"),
    [
        ([], True, "TypeNotOffered"),
        ([{**SOLD, "Status": "SOLD_OUT"}], True, "TypeSoldOut"),
        ([SOLD], False, "TypeNotSupported"),
    ],
)
def test_any_other_type_is_refused(
    api: ScriptedApi, found: list[dict[str, Any]], supported: bool, code: str
) -> None:
    offers(api, *found, supported=supported)
    with pytest.raises(PreconditionFailed) as caught:
        require_offered(scripted_cloud(), SETTINGS, IMAGE)
    assert caught.value.code == code


def test_a_type_that_is_offered_and_spelled_like_it_is_suggested(api: ScriptedApi) -> None:
    api.answers("DescribeZoneInstanceConfigInfos", InstanceTypeQuotaSet=[])
    api.answers("DescribeZoneInstanceConfigInfos", InstanceTypeQuotaSet=[SOLD])
    with pytest.raises(PreconditionFailed) as caught:
        require_offered(scripted_cloud(), SETTINGS.model_copy(update={"type": "S5.MEDUIM4"}), IMAGE)
    assert caught.value.hint == Message("DidYouMean", names=["S5.MEDIUM4"])


def test_an_account_that_may_not_ask_is_not_stopped(api: ScriptedApi) -> None:
    api.refuses("DescribeZoneInstanceConfigInfos", "UnauthorizedOperation")
    api.refuses("DescribeImages", "UnauthorizedOperation")
    require_offered(scripted_cloud(), SETTINGS, IMAGE)


def test_without_a_type_nothing_is_asked(api: ScriptedApi) -> None:
    require_offered(scripted_cloud(), LaunchSettings(), IMAGE)
    assert api.requests == []
