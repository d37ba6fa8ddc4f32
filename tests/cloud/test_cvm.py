"""Actions of cvm whose answers need more than reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cvmimg.cloud import cvm, region
from cvmimg.cloud.client import Cloud
from cvmimg.errors import CloudRefused, CvmimgError, Unreachable
from tests.support.api import ScriptedApi

STOPPED = "UnsupportedOperation.InstanceStateStopped"
RUNNING = "UnsupportedOperation.InstanceStateRunning"


@pytest.mark.parametrize(
    ("change", "action", "code"),
    [
        (cvm.stop_instances, "StopInstances", STOPPED),
        (cvm.start_instances, "StartInstances", RUNNING),
        (cvm.start_instances, "StartInstances", "UnsupportedOperation.InstanceStateStarting"),
    ],
)
def test_what_is_done_already_is_done(
    api: ScriptedApi, cloud: Cloud, change: Callable[..., str], action: str, code: str
) -> None:
    api.refuses(action, code)
    assert change(cloud, ["ins-00000001"]) == ""
    with pytest.raises(CloudRefused):
        change(cloud, ["ins-00000001", "ins-00000002"])


def test_the_opposite_state_is_a_refusal(api: ScriptedApi, cloud: Cloud) -> None:
    api.refuses("StopInstances", "UnsupportedOperation.InstanceStateTerminating")
    with pytest.raises(CloudRefused):
        cvm.stop_instances(cloud, ["ins-00000001"])


@pytest.mark.parametrize(
    ("action", "created"),
    [
        ("CreateImage", {"ImageId": "img-00000001"}),
        ("RunInstances", {"InstanceIdSet": ["ins-00000001"]}),
    ],
)
def test_a_dry_run_that_created_something_raises_an_alarm(
    api: ScriptedApi, cloud: Cloud, action: str, created: dict[str, Any]
) -> None:
    api.answers(action, **created)
    with pytest.raises(CvmimgError) as caught:
        cvm.dry_run(cloud, action, {})
    assert caught.value.code == "DryRunIgnored"
    assert caught.value.message.params["ids"][0] in ("img-00000001", "ins-00000001")


@pytest.mark.parametrize("answer", [{}, {"ImageId": None}, {"ImageId": ""}])
def test_a_dry_run_that_created_nothing_has_passed(
    api: ScriptedApi, cloud: Cloud, answer: dict[str, Any]
) -> None:
    api.answers("CreateImage", **answer)
    cvm.dry_run(cloud, "CreateImage", {})


def test_versions_of_a_launch_template_beyond_30_are_asked_for(
    api: ScriptedApi, cloud: Cloud
) -> None:
    api.answers("DescribeLaunchTemplateVersions", LaunchTemplateVersionSet=[], TotalCount=0)
    cvm.describe_launch_template_versions(cloud, "lt-00000001", latest_version=45)
    (request,) = api.sent("DescribeLaunchTemplateVersions")
    assert (request["MinVersion"], request["MaxVersion"]) == (0, 45)


def test_regions_come_from_the_region_service(api: ScriptedApi, cloud: Cloud) -> None:
    regions = [
        {"Region": "ap-guangzhou", "RegionState": "AVAILABLE"},
        {"Region": "ap-nowhere", "RegionState": "UNAVAILABLE"},
    ]
    api.answers("DescribeRegions", RegionSet=regions, TotalCount=2)
    assert [each.region for each in region.all_regions(cloud)] == ["ap-guangzhou"]
    assert api.hosts == ["region.tencentcloudapi.com"]
    assert api.sent("DescribeRegions") == [{"Product": "cvm"}]


def test_an_unknown_tag_filters_to_nothing(api: ScriptedApi, cloud: Cloud) -> None:
    api.refuses("DescribeImages", "InvalidParameterValue.TagKeyNotFound")
    assert cvm.describe_images(cloud, tags={"team": "web"}) == []


def test_an_answer_without_the_sharing_does_not_mean_not_shared(
    api: ScriptedApi, cloud: Cloud
) -> None:
    api.answers("DescribeImageSharePermission")
    with pytest.raises(Unreachable):
        cvm.describe_image_share_permission(cloud, "img-00000001")


@pytest.mark.parametrize("nobody", [None, []])
def test_an_image_may_be_shared_with_no_account(
    api: ScriptedApi, cloud: Cloud, nobody: list[Any] | None
) -> None:
    api.answers("DescribeImageSharePermission", SharePermissionSet=nobody)
    assert cvm.describe_image_share_permission(cloud, "img-00000001") == []
