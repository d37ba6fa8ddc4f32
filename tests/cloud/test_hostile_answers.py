"""Answers that no API gives end in a clear error, not in a crash or a loop."""

from __future__ import annotations

import json
import math
import re
from functools import partial

import pytest
import responses

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.client import Cloud, Endpoint
from cvmimg.errors import CvmimgError, NotFound, OutcomeUnknown, Unreachable, UsageError
from tests.support.api import ScriptedApi, scripted_cloud

IMAGE = "img-00000001"


@pytest.mark.parametrize(
    "error",
    [
        "refused",
        [],
        {},
        {"Code": None, "Message": "m"},
        {"Code": 404, "Message": "m"},
        {"Code": ["A"], "Message": "m"},
        {"Code": "Bad\nCode", "Message": "m"},
        {"Code": "x" * 1000, "Message": "m"},
    ],
)
def test_a_code_that_is_no_word_is_not_the_apis(
    api: ScriptedApi, cloud: Cloud, error: object
) -> None:
    api.answers("DescribeImageQuota", Error=error)
    with pytest.raises(Unreachable) as caught:
        cvm.describe_image_quota(cloud)
    assert caught.value.code == "UnexpectedAnswer"


@pytest.mark.parametrize(
    "date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 2300 00:00:00 GMT", "soon", ""]
)
def test_a_date_that_cannot_be_is_not_believed(date: str) -> None:
    with responses.RequestsMock() as wire:
        answer = {"Response": {"ImageNumQuota": 10, "RequestId": "r"}}
        wire.post(re.compile("https://cvm"), json=answer, headers={"Date": date})
        cloud = scripted_cloud()
        assert cvm.describe_image_quota(cloud) == 10
    assert cloud.now() == cloud.clock.now()


@pytest.mark.parametrize("message", [None, 5, ["m"], {"a": 1}])
def test_a_message_that_is_no_text_is_left_out(
    api: ScriptedApi, cloud: Cloud, message: object
) -> None:
    api.answers("DescribeImageQuota", Error={"Code": "LimitExceeded", "Message": message})
    with pytest.raises(CvmimgError) as caught:
        cvm.describe_image_quota(cloud)
    assert caught.value.code == "LimitExceeded"


@pytest.mark.parametrize(
    "body",
    [
        '{"Response": {"ImageNumQuota": 1e400, "RequestId": "r"}}',
        '{"Response": {"ImageNumQuota": Infinity, "RequestId": "r"}}',
        '{"Response": {"ImageNumQuota": NaN, "RequestId": "r"}}',
        '{"Response": {"ImageNumQuota": %s, "RequestId": "r"}}' % ("9" * 5000),
        '{"Response": {"ImageNumQuota": %s, "RequestId": "r"}}' % ("9" * 400),
        "[" * 100_000,
        "null",
        "",
    ],
    ids=["1e400", "infinity", "nan", "5000 digits", "400 digits", "deep", "null", "empty"],
)
def test_absurd_json_is_not_the_apis(body: str) -> None:
    with responses.RequestsMock() as wire:
        wire.post(re.compile("https://cvm"), body=body, content_type="application/json")
        with pytest.raises(Unreachable) as caught:
            cvm.describe_image_quota(scripted_cloud())
    assert caught.value.code == "UnexpectedAnswer"


@pytest.mark.parametrize("field", ["CreatedTime", "ImageSize"])
@pytest.mark.parametrize("value", ["9999-12-31T23:59:59-23:59", "0000-00-00T00:00:00Z", "9" * 400])
def test_absurd_fields_are_unreadable(
    api: ScriptedApi, cloud: Cloud, field: str, value: str
) -> None:
    api.answers("DescribeImages", ImageSet=[{"ImageId": IMAGE, field: value}], TotalCount=1)
    with pytest.raises(Unreachable):
        cvm.describe_images(cloud)


@pytest.mark.parametrize("size", ["1e30", "9" * 30, str(2**63)])
def test_a_number_of_more_than_64_bits_is_unreadable(
    api: ScriptedApi, cloud: Cloud, size: str
) -> None:
    image = {"ImageId": IMAGE, "ImageSize": json.loads(size)}
    api.answers("DescribeImages", ImageSet=[image], TotalCount=1)
    with pytest.raises(Unreachable):
        cvm.describe_images(cloud)


@pytest.mark.parametrize("price", ["NaN", "Infinity", "-Infinity"])
def test_a_price_that_is_no_number_is_unreadable(
    api: ScriptedApi, cloud: Cloud, price: str
) -> None:
    api.answers("InquiryPriceRunInstances", Price={"InstancePrice": {"UnitPrice": float(price)}})
    with pytest.raises(Unreachable):
        cvm.inquire_price_run_instances(cloud, {})


@pytest.mark.parametrize("percent", [-7, 101, 10**20, 1e308, math.inf, math.nan, "soon", {}, []])
def test_a_percent_that_cannot_be_is_not_known(
    api: ScriptedApi, cloud: Cloud, percent: object
) -> None:
    image = {"ImageId": IMAGE, "CreatePercent": percent}
    api.answers("DescribeImages", ImageSet=[image], TotalCount=1)
    (found,) = cvm.describe_images(cloud)
    assert found.progress is None


@pytest.mark.parametrize(
    "text", ["img-x\n--all", "$(id)", "--all", "img-\x1b[31m", "x" * 65, "a b"]
)
def test_an_id_that_a_shell_or_terminal_would_obey_is_unreadable(
    api: ScriptedApi, cloud: Cloud, text: str
) -> None:
    api.answers("DescribeImages", ImageSet=[{"ImageId": text}], TotalCount=1)
    with pytest.raises(Unreachable) as caught:
        cvm.describe_images(cloud)
    assert caught.value.message.params["field"] == "ImageId"


def test_something_that_was_created_with_an_unreadable_id_is_unknown(
    api: ScriptedApi, cloud: Cloud
) -> None:
    hostile = "img-x\n--all"
    api.answers("CreateImage", ImageId=hostile)
    api.answers("RunInstances", InstanceIdSet=["ins-12345678", hostile])
    api.answers("CreateSnapshot", SnapshotId=hostile)
    for create in (
        partial(cvm.create_image, cloud, {}),
        partial(cvm.run_instances, cloud, {}),
        partial(cbs.create_snapshot, cloud, "disk-12345678", name="s"),
    ):
        with pytest.raises(OutcomeUnknown):
            create()


def test_what_was_not_asked_for_by_id_is_left_out(api: ScriptedApi, cloud: Cloud) -> None:
    other = "12345678"
    api.answers("DescribeImages", ImageSet=[{"ImageId": f"img-{other}"}], TotalCount=1)
    api.answers("DescribeInstances", InstanceSet=[{"InstanceId": f"ins-{other}"}], TotalCount=1)
    api.answers("DescribeSnapshots", SnapshotSet=[{"SnapshotId": f"snap-{other}"}], TotalCount=1)
    assert cvm.describe_images_by_id(cloud, [IMAGE]) == []
    assert cvm.describe_instances_by_id(cloud, ["ins-00000001"]) == []
    assert cbs.describe_snapshots_by_id(cloud, ["snap-00000001"]) == []
    with pytest.raises(NotFound):
        cvm.describe_instance(cloud, "ins-00000001")


def test_a_listing_without_end_is_refused(api: ScriptedApi, cloud: Cloud) -> None:
    api.answers("DescribeImages", ImageSet=[{"ImageId": IMAGE}], TotalCount=10**12)
    with pytest.raises(Unreachable):
        cvm.describe_images(cloud)
    assert len(api.requests) == 1


@pytest.mark.parametrize("count", [-1, 0, 99, None])
def test_a_count_below_the_items_of_a_full_page_is_refused(
    api: ScriptedApi, cloud: Cloud, count: object
) -> None:
    page = [{"ImageId": f"img-{number:08}"} for number in range(100)]
    api.answers("DescribeImages", ImageSet=page, TotalCount=count)
    with pytest.raises(Unreachable):
        cvm.describe_images(cloud)


def test_a_count_without_items_is_not_asked_for_page_by_page(
    api: ScriptedApi, cloud: Cloud
) -> None:
    api.answers("DescribeImages", ImageSet=[], TotalCount=99_999)
    assert cvm.describe_images(cloud) == []
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("region", "domain", "host"),
    [
        ("ap-guangzhou", "", "cvm.tencentcloudapi.com"),
        ("ap-shanghai-fsi", "", "cvm.ap-shanghai-fsi.tencentcloudapi.com"),
        ("ap-guangzhou", "intl", "cvm.intl.tencentcloudapi.com"),
        ("ap-guangzhou", "internal", "cvm.internal.tencentcloudapi.com"),
        ("ap-guangzhou", "intl.tencentcloudapi.com", "cvm.intl.tencentcloudapi.com"),
    ],
)
def test_each_service_is_asked_at_its_own_host(
    api: ScriptedApi, region: str, domain: str, host: str
) -> None:
    endpoint = Endpoint.of_domain(domain) if domain else Endpoint()
    api.answers("DescribeImageQuota", ImageNumQuota=10)
    assert cvm.describe_image_quota(scripted_cloud(endpoint=endpoint).in_region(region)) == 10
    assert api.hosts == [host]


@pytest.mark.parametrize(
    ("domain", "scheme", "code"),
    [
        ("evil.example.com/path", "https", "DomainInvalid"),
        ("a@b", "https", "DomainInvalid"),
        ("", "https", "DomainInvalid"),
        ("intl", "ftp", "ProtocolInvalid"),
        ("intl", "http", "EndpointInsecure"),
    ],
)
def test_a_domain_that_cannot_be_right_is_refused(domain: str, scheme: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        Endpoint.of_domain(domain, scheme)
    assert caught.value.code == code


def test_a_domain_of_this_machine_may_be_plain_http() -> None:
    endpoint = Endpoint.of_domain("localhost:8080", "http")
    assert endpoint.loopback
    assert endpoint.host_of("cvm", "ap-guangzhou") == "cvm.localhost:8080"
