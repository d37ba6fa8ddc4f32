"""One question to every region: what cannot be asked is named, and the rest is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest
import responses

from cvmimg.cloud.client import Cloud
from cvmimg.errors import CloudRefused, CredentialsError, CvmimgError, Unreachable, UsageError
from cvmimg.message import Message
from cvmimg.workflows.all_regions import read_regions
from tests.support.api import REGION, ScriptedApi, scripted_cloud

SHANGHAI, FINANCE = "ap-shanghai", "ap-shanghai-fsi"


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        api = ScriptedApi(wire)
        names = (FINANCE, REGION, SHANGHAI, REGION)
        regions = [{"Region": name, "RegionState": "AVAILABLE"} for name in names]
        api.answers("DescribeRegions", RegionSet=regions, TotalCount=len(regions))
        yield api


def refusal(kind: type[CvmimgError], code: str) -> CvmimgError:
    return kind(Message("ApiRefused", action="DescribeImages", text="no"), code=code)


def reading(errors: Mapping[str, CvmimgError]) -> Callable[[Cloud], list[str]]:
    def read(cloud: Cloud) -> list[str]:
        if cloud.region in errors:
            raise errors[cloud.region]
        return [cloud.region]

    return read


def test_every_region_is_asked_once(api: ScriptedApi) -> None:
    found = read_regions(scripted_cloud(), reading({}), order=str)
    assert found == [REGION, SHANGHAI, FINANCE]
    assert api.sent("DescribeRegions") == [{"Product": "cvm"}]


@pytest.mark.usefixtures("api")
def test_a_region_that_is_not_for_the_account_holds_nothing() -> None:
    errors = {FINANCE: refusal(UsageError, "UnsupportedRegion")}
    assert read_regions(scripted_cloud(), reading(errors)) == [REGION, SHANGHAI]


@pytest.mark.usefixtures("api")
def test_a_region_that_cannot_be_asked_is_named_and_the_others_are_kept() -> None:
    errors = {FINANCE: refusal(CredentialsError, "UnauthorizedOperation")}
    with pytest.raises(CredentialsError) as caught:
        read_regions(scripted_cloud(), reading(errors))
    (reason,) = caught.value.message.params["reasons"]
    assert reason.params["subject"] == FINANCE
    assert caught.value.result == [REGION, SHANGHAI]


@pytest.mark.usefixtures("api")
def test_the_worst_of_several_errors_decides() -> None:
    errors = {
        FINANCE: refusal(CloudRefused, "InvalidParameter"),
        SHANGHAI: refusal(Unreachable, "Unreachable"),
    }
    with pytest.raises(Unreachable) as caught:
        read_regions(scripted_cloud(), reading(errors))
    assert caught.value.result == [REGION]


@pytest.mark.usefixtures("api")
def test_where_no_region_answers_there_is_no_result() -> None:
    errors = {
        name: refusal(CredentialsError, "UnauthorizedOperation")
        for name in (REGION, SHANGHAI, FINANCE)
    }
    with pytest.raises(CredentialsError) as caught:
        read_regions(scripted_cloud(), reading(errors))
    assert caught.value.result is None


@pytest.mark.usefixtures("api")
def test_one_region_is_asked_alone_and_its_error_is_its_own() -> None:
    cloud, error = scripted_cloud(), refusal(UsageError, "UnsupportedRegion")
    with pytest.raises(UsageError) as caught:
        read_regions(cloud, reading({REGION: error}), all_regions=False)
    assert caught.value is error


@pytest.mark.parametrize(
    "name",
    ["evil.example.com/-fsi", "ap-shanghai\n-fsi", "../x-fsi", "a@b.c-fsi", "", "AP-X"],
)
def test_a_name_that_is_no_region_never_becomes_part_of_a_host(api: ScriptedApi, name: str) -> None:
    api.forget("DescribeRegions")
    regions = [{"Region": name, "RegionState": "AVAILABLE"}]
    api.answers("DescribeRegions", RegionSet=regions, TotalCount=1)
    with pytest.raises(Unreachable) as caught:
        read_regions(scripted_cloud(), reading({}))
    assert caught.value.code == "UnexpectedAnswer"
    assert api.hosts == ["region.tencentcloudapi.com"]
