"""Scaling groups launch and terminate instances as the clock advances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud

ZONE = "ap-guangzhou-7"


class Group:
    """A scaling group in a sandbox."""

    def __init__(self, cloud: Cloud, *, configuration: Any = None, **params: Any) -> None:
        self.cloud = cloud
        subnet = self.subnet()
        configured = {"LaunchConfigurationName": "app", "ImageId": "img-webv1000"}
        made = self.ask("CreateLaunchConfiguration", **{**configured, **(configuration or {})})
        asked = {
            "AutoScalingGroupName": "app",
            "MinSize": 0,
            "MaxSize": 5,
            "VpcId": subnet["VpcId"],
            "SubnetIds": [subnet["SubnetId"]],
            **made,
            **params,
        }
        asked.pop("RequestId")
        made = self.ask("CreateAutoScalingGroup", **asked)
        self.named = {"AutoScalingGroupId": made["AutoScalingGroupId"]}

    def ask(self, action: str, **params: Any) -> dict[str, Any]:
        return self.cloud.ask(action, params, service="as")

    def change(self, action: str, **params: Any) -> str:
        """Return the error code of an action on the group, or "ok"."""
        answer = self.ask(action, **self.named, **params)
        return str(answer.get("Error", {}).get("Code", "ok"))

    def subnet(self) -> dict[str, Any]:
        listed = self.cloud.ask("DescribeSubnets", service="vpc")["SubnetSet"]
        found: dict[str, Any] = next(each for each in listed if each["Zone"] == ZONE)
        return found

    def shown(self) -> dict[str, Any]:
        wanted = list(self.named.values())
        (found,) = self.ask("DescribeAutoScalingGroups", AutoScalingGroupIds=wanted)[
            "AutoScalingGroupSet"
        ]
        return dict(found)

    def of_group(self, action: str) -> dict[str, Any]:
        """Return the answer of an action that lists something by scaling group."""
        wanted = [{"Name": "auto-scaling-group-id", "Values": list(self.named.values())}]
        return self.ask(action, Filters=wanted)

    def instances(self) -> list[dict[str, Any]]:
        return list(self.of_group("DescribeAutoScalingInstances")["AutoScalingInstanceSet"])

    def ids(self) -> list[str]:
        return [each["InstanceId"] for each in self.instances()]

    def activities(self) -> list[tuple[str, str]]:
        found = self.of_group("DescribeAutoScalingActivities")["ActivitySet"]
        return [(each["ActivityType"], each["StatusCode"]) for each in found]


def test_a_group_launches_as_many_as_desired(cloud: Cloud) -> None:
    group = Group(cloud, DesiredCapacity=2)
    assert group.shown()["InstanceCount"] == 0
    cloud.wait(10)
    assert (group.shown()["InstanceCount"], group.shown()["InActivityStatus"]) == (2, "IN_ACTIVITY")
    assert {each["LifeCycleState"] for each in group.instances()} == {"CREATING"}
    assert group.activities() == [("SCALE_OUT", "RUNNING")]
    cloud.wait(60)
    assert group.shown()["InServiceInstanceCount"] == 2
    assert group.activities() == [("SCALE_OUT", "SUCCESSFUL")]
    assert {cloud.state(each) for each in group.ids()} == {"RUNNING"}


def test_its_instances_are_those_of_the_configuration(cloud: Cloud) -> None:
    tags = [{"Key": "team", "Value": "shop"}]
    given = {
        "InstanceType": "S5.LARGE8",
        "InstanceTags": tags,
        "DataDisks": [{"DiskType": "CLOUD_PREMIUM", "DiskSize": 50}],
        "InstanceNameSettings": {"InstanceName": "web"},
    }
    group = Group(cloud, configuration=given, DesiredCapacity=1)
    cloud.wait(300)
    (made,) = group.ids()
    instance = cloud.instance(made)
    assert (instance["InstanceType"], instance["InstanceName"]) == ("S5.LARGE8", "web")
    assert (instance["ImageId"], len(instance["DataDisks"])) == ("img-webv1000", 1)
    assert instance["VirtualPrivateCloud"]["SubnetId"] == group.subnet()["SubnetId"]
    assert [(tag["Key"], tag["Value"]) for tag in instance["Tags"]] == [("team", "shop")]


def test_a_family_means_its_newest_image_at_that_time(cloud: Cloud) -> None:
    family = {"ImageId": "", "ImageFamily": "web"}
    group = Group(cloud, configuration=family, DesiredCapacity=1)
    cloud.wait(300)
    newest = cloud.ask("DescribeImageFromFamily", {"ImageFamily": "web"})["Image"]
    assert cloud.instance(group.ids()[0])["ImageId"] == newest["ImageId"]


def test_a_terminated_instance_is_replaced(cloud: Cloud) -> None:
    group = Group(cloud, DesiredCapacity=2)
    cloud.wait(300)
    lost, kept = group.ids()
    cloud.do("TerminateInstances", InstanceIds=[lost])
    cloud.wait(300)
    assert kept in group.ids()
    assert lost not in group.ids()
    assert group.shown()["InServiceInstanceCount"] == 2


def test_the_oldest_unprotected_ones_are_terminated(cloud: Cloud) -> None:
    group = Group(cloud, DesiredCapacity=1)
    cloud.wait(300)
    (oldest,) = group.ids()
    assert group.change("ModifyDesiredCapacity", DesiredCapacity=3) == "ok"
    cloud.wait(300)
    protected = {"InstanceIds": [oldest], "ProtectedFromScaleIn": True}
    assert group.change("SetInstancesProtection", **protected) == "ok"
    assert group.change("ModifyDesiredCapacity", DesiredCapacity=1) == "ok"
    cloud.wait(300)
    assert group.ids() == [oldest]
    assert group.change("ModifyDesiredCapacity", DesiredCapacity=0) == "ok"
    cloud.wait(86400)
    assert group.ids() == [oldest]
    exposed = {**protected, "ProtectedFromScaleIn": False}
    assert group.change("SetInstancesProtection", **exposed) == "ok"
    cloud.wait(300)
    assert group.ids() == []
    assert cloud.state(oldest) is None


def test_a_disabled_group_keeps_its_instances(cloud: Cloud) -> None:
    group = Group(cloud, DesiredCapacity=1)
    cloud.wait(300)
    assert group.change("DisableAutoScalingGroup") == "ok"
    assert group.shown()["EnabledStatus"] == "DISABLED"
    assert group.change("ModifyDesiredCapacity", DesiredCapacity=2) == (
        "ResourceUnavailable.AutoScalingGroupDisabled"
    )
    cloud.do("TerminateInstances", InstanceIds=group.ids())
    cloud.wait(300)
    assert group.ids() == []
    assert group.change("EnableAutoScalingGroup") == "ok"
    cloud.wait(300)
    assert len(group.ids()) == 1


def test_an_attached_instance_is_kept_when_it_is_removed(cloud: Cloud) -> None:
    group = Group(cloud)
    attached = {"InstanceIds": ["ins-web00001"]}
    assert group.change("AttachInstances", **attached) == "ok"
    assert group.change("AttachInstances", **attached) == (
        "ResourceUnavailable.AutoScalingGroupInActivity"
    )
    cloud.wait(60)
    assert group.shown()["DesiredCapacity"] == 1
    assert group.instances()[0]["CreationType"] == "MANUAL_ATTACHING"
    assert group.change("AttachInstances", **attached) == (
        "ResourceUnavailable.InstancesAlreadyInAutoScalingGroup"
    )
    assert group.change("RemoveInstances", **attached) == "ok"
    cloud.wait(60)
    assert (group.ids(), cloud.state("ins-web00001")) == ([], "RUNNING")
    assert group.change("DetachInstances", **attached) == (
        "ResourceNotFound.InstancesNotInAutoScalingGroup"
    )


def test_a_group_in_use_is_not_deleted(cloud: Cloud) -> None:
    group = Group(cloud, DesiredCapacity=1)
    cloud.wait(10)
    assert group.change("DeleteAutoScalingGroup") == "ResourceInUse.ActivityInProgress"
    cloud.wait(60)
    assert group.change("DeleteAutoScalingGroup") == "ResourceInUse.InstanceInGroup"
    assert group.change("RemoveInstances", InstanceIds=group.ids()) == "ok"
    cloud.wait(60)
    assert group.change("DeleteAutoScalingGroup") == "ok"
    assert group.change("DeleteAutoScalingGroup") == "ResourceNotFound.AutoScalingGroupNotFound"


def test_the_minimum_stays_in_service(cloud: Cloud) -> None:
    group = Group(cloud, MinSize=1)
    cloud.wait(300)
    held = {"InstanceIds": group.ids()}
    code = "ResourceInsufficient.InServiceInstanceBelowMinSize"
    assert group.change("RemoveInstances", **held) == code
    assert group.change("DetachInstances", **held) == code
    group.change("DisableAutoScalingGroup")
    assert group.change("DetachInstances", **held) == "ok"


def test_the_maximum_is_kept(cloud: Cloud) -> None:
    group = Group(cloud, MaxSize=0)
    refused = group.change("AttachInstances", InstanceIds=["ins-web00001"])
    assert refused == "ResourceInsufficient.AutoScalingGroupAboveMaxSize"
    assert group.change("ModifyDesiredCapacity", DesiredCapacity=1) == (
        "InvalidParameterValue.AssertDesiredCapacityFailed"
    )


@pytest.mark.parametrize(
    ("instance", "prepare", "code"),
    [
        ("ins-nothere0", lambda _: None, "ResourceNotFound.InstancesNotFound"),
        ("ins-web00001", lambda cloud: cloud.do("RebootInstances", InstanceIds=["ins-web00001"]),
         "ResourceUnavailable.InstanceCannotAttach"),
    ],
)  # fmt: skip
def test_what_cannot_be_attached(
    cloud: Cloud, instance: str, prepare: Callable[[Cloud], Any], code: str
) -> None:
    group = Group(cloud)
    prepare(cloud)
    assert group.change("AttachInstances", InstanceIds=[instance]) == code


def test_an_instance_of_another_vpc_is_not_attached(cloud: Cloud) -> None:
    vpc = cloud.ask("CreateVpc", {"VpcName": "a", "CidrBlock": "172.16.0.0/16"}, service="vpc")
    asked = {
        "VpcId": vpc["Vpc"]["VpcId"],
        "SubnetName": "a",
        "CidrBlock": "172.16.1.0/24",
        "Zone": ZONE,
    }
    subnet = cloud.ask("CreateSubnet", asked, service="vpc")["Subnet"]
    group = Group(cloud, VpcId=subnet["VpcId"], SubnetIds=[subnet["SubnetId"]])
    refused = group.change("AttachInstances", InstanceIds=["ins-web00001"])
    assert refused == "ResourceUnavailable.CvmVpcInconsistent"


def test_another_instance_type_is_tried(cloud: Cloud) -> None:
    types = {"InstanceTypes": ["SA5.LARGE8", "S5.MEDIUM4"]}
    group = Group(cloud, configuration=types, DesiredCapacity=3)
    cloud.wait(300)
    held = sorted(each["InstanceType"] for each in group.instances())
    assert held == ["S5.MEDIUM4", "SA5.LARGE8", "SA5.LARGE8"]


@pytest.mark.parametrize(
    ("policy", "attempts"),
    [("NO_RETRY", 1), ("IMMEDIATE_RETRY", 6), ("INCREMENTAL_INTERVALS", 5)],
)
def test_a_launch_that_fails_is_retried_by_the_policy(
    cloud: Cloud, policy: str, attempts: int
) -> None:
    sold_out = {"InstanceType": "SA5.LARGE8"}
    launch = {"ImageId": "img-webv1000", "Placement": {"Zone": ZONE}, **sold_out}
    cloud.do("RunInstances", InstanceCount=2, **launch)
    group = Group(cloud, configuration=sold_out, DesiredCapacity=1, RetryPolicy=policy)
    cloud.wait(3600)
    assert group.activities() == [("SCALE_OUT", "FAILED")] * attempts
    assert group.shown()["InstanceCount"] == 0


def test_activities_are_found_by_their_time(cloud: Cloud) -> None:
    group = Group(cloud, DesiredCapacity=1)
    cloud.wait(300)
    found = group.ask("DescribeAutoScalingActivities", StartTime="2026-11-24T00:00:00Z")
    assert found["TotalCount"] == 0
    found = group.ask("DescribeAutoScalingActivities", StartTime="2026-11-23T00:00:00Z")
    assert found["TotalCount"] == 1
    refused = group.ask("DescribeAutoScalingActivities", EndTime="tomorrow")["Error"]["Code"]
    assert refused == "InvalidParameterValue.Filter"
