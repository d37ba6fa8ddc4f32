from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.cloud import Cloud


def test_a_template_lists_its_versions(cloud: Cloud) -> None:
    response = cloud.do("DescribeLaunchTemplates")["LaunchTemplateSet"][0]
    assert (response["LaunchTemplateId"], response["LaunchTemplateVersionCount"]) == (
        "lt-base0001",
        1,
    )
    asked = {"LaunchTemplateId": response["LaunchTemplateId"]}
    for part in ({}, {"DefaultVersion": True}, {"LaunchTemplateVersions": [1]}, {"MinVersion": 1}):
        answer = cloud.do("DescribeLaunchTemplateVersions", **asked, **part)
        version = answer["LaunchTemplateVersionSet"][0]
        assert (version["LaunchTemplateVersion"], version["IsDefaultVersion"]) == (1, True)
    assert cloud.do("DescribeLaunchTemplateVersions", **asked, MinVersion=2)["TotalCount"] == 0


def test_templates_are_found_by_id_or_name(cloud: Cloud) -> None:
    def count(**params: Any) -> int:
        return int(cloud.do("DescribeLaunchTemplates", **params)["TotalCount"])

    assert count(LaunchTemplateIds=["lt-base0001"]) == 1
    assert count(LaunchTemplateIds=["lt-none0001"]) == 0
    assert count(Filters=[{"Name": "LaunchTemplateName", "Values": ["base"]}]) == 1
    assert count(Filters=[{"Name": "tag:a", "Values": ["b"]}]) == 0
    assert cloud.refusal("DescribeLaunchTemplateVersions", LaunchTemplateId="lt-none0001") == (
        "InvalidParameterValue.LaunchTemplateIdNotExisted"
    )


@pytest.mark.parametrize(
    ("action", "ids", "known", "name", "code"),
    [
        ("DescribeLaunchConfigurations", "LaunchConfigurationIds", "asc-base0001",
         "launch-configuration", "InvalidParameterValue.InvalidFilter"),
        ("DescribeAutoScalingGroups", "AutoScalingGroupIds", "asg-base0001", "auto-scaling-group",
         "InvalidParameterValue.Filter"),
    ],
)  # fmt: skip
def test_scaling_resources_are_found_by_id_or_name(
    cloud: Cloud, action: str, ids: str, known: str, name: str, code: str
) -> None:
    def count(**params: Any) -> int:
        return int(cloud.ask(action, params, service="as")["TotalCount"])

    def filtered(kind: str, value: str) -> int:
        return count(Filters=[{"Name": kind, "Values": [value]}])

    assert count(**{ids: [known]}) == 1
    assert filtered(f"{name}-id", known) == 1
    assert filtered(f"{name}-name", "base") == 1
    assert filtered(f"{name}-name", "bas") == 0
    assert filtered(f"vague-{name}-name", "BAS") == 1
    unknown = [{"Name": "color", "Values": ["red"]}]
    assert cloud.refusal(action, service="as", Filters=unknown) == code


def test_groups_are_found_by_their_configuration(cloud: Cloud) -> None:
    asked = {"Filters": [{"Name": "launch-configuration-id", "Values": ["asc-base0001"]}]}
    assert cloud.ask("DescribeAutoScalingGroups", asked, service="as")["TotalCount"] == 1


def test_there_are_no_repair_tasks(cloud: Cloud) -> None:
    assert cloud.do("DescribeTaskInfo", Limit=20, Offset=0)["TotalCount"] == 0
