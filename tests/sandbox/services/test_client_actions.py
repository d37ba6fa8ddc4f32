"""What the actions that other clients use refuse, and what they change."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.guest.script import load
from cvmimg.sandbox.guest.runtime import Runtime
from tests.contract.client_scenarios import disk, instance
from tests.contract.scene import NEIGHBOUR, Scene

PLACE = {"Zone": "ap-guangzhou-3"}
TEMPLATE: dict[str, Any] = {"Placement": PLACE, "ImageId": "img-webv1000"}
DAILY = [{"Hour": [3], "IntervalDays": 1}]
GROUP = {"AutoScalingGroupName": "g", "LaunchConfigurationId": "asc-base0001", "MinSize": 0}
SYSTEM = {"DiskType": "CLOUD_SSD"}


@pytest.fixture
def scene() -> Iterator[Scene]:
    with Scene() as one:
        yield one


REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("cvm", "ResetInstance", {"InstanceId": "ins-busy0001"},
     "OperationDenied.InstanceOperationInProgress"),
    ("cvm", "ResetInstance", {"InstanceId": "ins-locl0001"}, "InvalidInstance.NotSupported"),
    ("cvm", "ResetInstance", {"InstanceId": "ins-nothere0"}, "InvalidInstanceId.NotFound"),
    ("cvm", "ResetInstance", {"InstanceId": "ins-web00001", "ImageId": "img-nothere0"},
     "InvalidImageId.NotFound"),
    ("cvm", "ResetInstance", {"InstanceId": "ins-web00001", "SystemDisk": {"DiskSize": 20}},
     "InvalidParameterValue"),
    ("cvm", "ResetInstance",
     {"InstanceId": "ins-web00001", "LoginSettings": {"Password": "x", "KeyIds": ["skey-a"]}},
     "InvalidParameter.ParameterConflict"),
    ("cvm", "ResetInstance", {"InstanceId": "ins-web00001", "HostName": "-"},
     "InvalidParameterValue.IllegalHostName"),
    ("cvm", "ResetInstancesType", {"InstanceIds": ["ins-web00001"], "InstanceType": "S5.LARGE8"},
     "UnsupportedOperation.InstanceStateRunning"),
    ("cvm", "ResetInstancesType", {"InstanceIds": ["ins-stop0001"], "InstanceType": "S1.HUGE"},
     "ResourceNotFound.InvalidZoneInstanceType"),
    ("cvm", "ResetInstancesPassword", {"InstanceIds": ["ins-stop0001"], "Password": "short"},
     "InvalidParameterValue.InvalidPassword"),
    ("cvm", "ResizeInstanceDisks", {"InstanceId": "ins-stop0001"}, "InvalidParameterValue"),
    ("cvm", "ResizeInstanceDisks",
     {"InstanceId": "ins-stop0001", "SystemDisk": {**SYSTEM, "DiskSize": 1}},
     "InvalidParameterValue"),
    ("cvm", "ResizeInstanceDisks",
     {"InstanceId": "ins-web00001", "SystemDisk": {**SYSTEM, "DiskSize": 100}},
     "UnsupportedOperation.InstanceStateRunning"),
    ("cvm", "ResizeInstanceDisks",
     {"InstanceId": "ins-stop0001", "DataDisks": [{"DiskSize": 100}]}, "InvalidParameterValue"),
    ("cvm", "ModifyInstancesProject", {"InstanceIds": ["ins-web00001"], "ProjectId": 7},
     "InvalidProjectId.NotFound"),
    ("cvm", "DisassociateSecurityGroups",
     {"InstanceIds": ["ins-web00001"], "SecurityGroupIds": ["sg-nothere0"]},
     "InvalidSecurityGroupId.NotFound"),
    ("cvm", "CreateLaunchTemplate", {**TEMPLATE, "LaunchTemplateName": "x"},
     "InvalidParameterValue.InvalidLaunchTemplateName"),
    ("cvm", "CreateLaunchTemplate",
     {**TEMPLATE, "LaunchTemplateName": "app", "InstanceType": "S1.HUGE"},
     "InvalidInstanceType.Malformed"),
    ("cvm", "DeleteLaunchTemplate", {"LaunchTemplateId": "lt-nothere0"},
     "InvalidParameterValue.LaunchTemplateIdNotExisted"),
    ("cvm", "ModifyLaunchTemplateDefaultVersion",
     {"LaunchTemplateId": "lt-base0001", "DefaultVersion": 9},
     "InvalidParameterValue.LaunchTemplateIdVerNotExisted"),
    ("cvm", "ModifyLaunchTemplateDefaultVersion",
     {"LaunchTemplateId": "lt-base0001", "DefaultVersion": 1},
     "InvalidParameterValue.LaunchTemplateIdVerSetAlready"),
    ("cvm", "DeleteLaunchTemplateVersions",
     {"LaunchTemplateId": "lt-base0001", "LaunchTemplateVersions": [1]},
     "InvalidParameterValue.LaunchTemplateDefaultVersion"),
    ("cbs", "ApplySnapshot", {"SnapshotId": "snap-nothere", "DiskId": "disk-data0001"},
     "InvalidSnapshotId.NotFound"),
    ("cbs", "CreateSnapshotGroup", {"DiskIds": ["disk-data0001", "disk-nofl0001"]},
     "InvalidDisk.NotSupported"),
    ("cbs", "DeleteSnapshotGroup", {}, "MissingParameter"),
    ("cbs", "DeleteSnapshotGroup", {"SnapshotGroupId": "sgp-nothere0"},
     "InvalidSnapshotId.NotFound"),
    ("cbs", "CreateAutoSnapshotPolicy", {"Policy": []}, "InvalidParameterValue"),
    ("cbs", "CreateAutoSnapshotPolicy", {"Policy": [{"Hour": [24], "DayOfWeek": [1]}]},
     "InvalidParameterValue"),
    ("cbs", "CreateAutoSnapshotPolicy", {"Policy": [{"Hour": [1]}]}, "InvalidParameterValue"),
    ("cbs", "CreateAutoSnapshotPolicy",
     {"Policy": DAILY, "IsPermanent": True, "RetentionDays": 3}, "InvalidParameter"),
    ("cbs", "DeleteAutoSnapshotPolicies", {"AutoSnapshotPolicyIds": ["asp-nothere0"]},
     "InvalidAutoSnapshotPolicyId.NotFound"),
    ("vpc", "ModifyVpcAttribute", {"VpcId": "vpc-nothere0"}, "ResourceNotFound"),
    ("vpc", "DescribeSecurityGroupAssociationStatistics", {"SecurityGroupIds": ["sg-nothere0"]},
     "ResourceNotFound"),
    ("tat", "CreateCommand", {"CommandName": "a b", "Content": "bHM="},
     "InvalidParameterValue.InvalidCommandName"),
    ("tat", "CreateCommand", {"CommandName": "a", "Content": "!"},
     "InvalidParameterValue.InvalidContent"),
    ("tat", "CreateCommand", {"CommandName": "a", "Content": "bHM=", "DefaultParameters": "{}x"},
     "InvalidParameterValue.SupportParametersOnlyIfEnableParameter"),
    ("tat", "DeleteCommand", {"CommandId": "cmd-nothere0"}, "ResourceNotFound.CommandNotFound"),
    ("tat", "InvokeCommand", {"CommandId": "nonsense", "InstanceIds": ["ins-web00001"]},
     "InvalidParameterValue.InvalidCommandId"),
    ("as", "CreateLaunchConfiguration", {"LaunchConfigurationName": "a"},
     "InvalidParameter.MustOneParameter"),
    ("as", "CreateLaunchConfiguration",
     {"LaunchConfigurationName": "a", "ImageId": "img-webv1000", "ImageFamily": "web"},
     "InvalidParameter.Conflict"),
    ("as", "CreateLaunchConfiguration",
     {"LaunchConfigurationName": "base", "ImageId": "img-webv1000"},
     "InvalidParameterValue.LaunchConfigurationNameDuplicated"),
    ("as", "CreateLaunchConfiguration",
     {"LaunchConfigurationName": "a", "ImageId": "img-nothere0"},
     "InvalidParameterValue.ImageNotFound"),
    ("as", "CreateLaunchConfiguration",
     {"LaunchConfigurationName": "a", "ImageId": "img-webv1000", "InstanceType": "S1.HUGE"},
     "InvalidParameterValue.InvalidInstanceType"),
    ("as", "CreateLaunchConfiguration",
     {"LaunchConfigurationName": "a", "ImageId": "img-webv1000", "UserData": "!"},
     "InvalidParameterValue.UserDataFormatError"),
    ("as", "DeleteLaunchConfiguration", {"LaunchConfigurationId": "asc-base0001"},
     "ResourceInUse.LaunchConfigurationIdInUse"),
    ("as", "CreateAutoScalingGroup", {**GROUP, "MaxSize": 2, "VpcId": "vpc-nothere0"},
     "MissingParameter.InScenario"),
    ("as", "CreateAutoScalingGroup",
     {**GROUP, "MaxSize": 2, "VpcId": "vpc-nothere0", "SubnetIds": ["subnet-nothere0"]},
     "InvalidParameterValue.InvalidSubnetId"),
    ("as", "CreateAutoScalingGroup",
     {**GROUP, "MaxSize": 1, "DesiredCapacity": 2, "VpcId": "vpc-nothere0"},
     "InvalidParameterValue.Size"),
    ("as", "ModifyAutoScalingGroup", {"AutoScalingGroupId": "asg-base0001", "DesiredCapacity": 5},
     "InvalidParameterValue.AssertDesiredCapacityFailed"),
    ("as", "DeleteAutoScalingGroup", {"AutoScalingGroupId": "nonsense"},
     "InvalidParameterValue.InvalidAutoScalingGroupId"),
    ("as", "DeleteAutoScalingGroup", {"AutoScalingGroupId": "asg-nothere0"},
     "ResourceNotFound.AutoScalingGroupNotFound"),
    ("monitor", "GetMonitorData",
     {"Namespace": "QCE/LB", "MetricName": "m", "Instances": [{"Dimensions": [
         {"Name": "InstanceId", "Value": "x"}]}]}, "InvalidParameterValue"),
    ("monitor", "GetMonitorData",
     {"Namespace": "QCE/CVM", "MetricName": "m", "Instances": [], "StartTime": "yesterday"},
     "InvalidParameterValue"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "action", "params", "code"), REFUSED)
def test_it_is_refused_with_the_code_of_the_service(
    scene: Scene, service: str, action: str, params: dict[str, Any], code: str
) -> None:
    assert scene.code(service, action, **params) == code


def test_another_account_does_not_see_them(scene: Scene) -> None:
    made = scene.ok("cvm", "CreateLaunchTemplate", LaunchTemplateName="app", **TEMPLATE)
    code = scene.code("cvm", "DeleteLaunchTemplate", account=NEIGHBOUR, **_template(made))
    assert code == "InvalidParameterValue.LaunchTemplateIdNotExisted"


def _template(made: dict[str, Any]) -> dict[str, Any]:
    return {"LaunchTemplateId": made["LaunchTemplateId"]}


def test_a_password_is_checked_but_not_kept(scene: Scene) -> None:
    login = {"LoginSettings": {"Password": "Correct-Horse-9"}}
    made = scene.ok("cvm", "CreateLaunchTemplate", LaunchTemplateName="app", **TEMPLATE, **login)
    named = {"LaunchConfigurationName": "a", "ImageId": "img-webv1000"}
    scene.ok("as", "CreateLaunchConfiguration", **named, **login)
    shown = scene.ok("cvm", "DescribeLaunchTemplateVersions", **_template(made))
    data = shown["LaunchTemplateVersionSet"][0]["LaunchTemplateVersionData"]
    assert "Password" not in data["LoginSettings"]
    with scene.sandbox.store.transaction(write=False) as view:
        kept = [*view.all("launch-template", *_PLACE), *view.all("launch-configuration", *_PLACE)]
    assert len(kept) == 4
    assert "Correct-Horse-9" not in repr(kept)


_PLACE = ("100000000001", "ap-guangzhou")


def test_a_dry_run_creates_no_template(scene: Scene) -> None:
    asked = {"LaunchTemplateName": "app", **TEMPLATE, "DryRun": True}
    assert scene.code("cvm", "CreateLaunchTemplate", **asked) == "DryRunOperation"
    assert scene.ok("cvm", "DescribeLaunchTemplates")["TotalCount"] == 1


def test_a_deleted_version_is_not_numbered_again(scene: Scene) -> None:
    made = _template(scene.ok("cvm", "CreateLaunchTemplate", LaunchTemplateName="app", **TEMPLATE))
    again = {**made, "Placement": PLACE}
    scene.ok("cvm", "CreateLaunchTemplateVersion", **again)
    scene.ok("cvm", "DeleteLaunchTemplateVersions", **made, LaunchTemplateVersions=[2])
    added = scene.ok("cvm", "CreateLaunchTemplateVersion", **again)
    assert added["LaunchTemplateVersionNumber"] == 3


def test_a_running_instance_changes_with_force_stop_and_runs_again(scene: Scene) -> None:
    asked = {"InstanceIds": ["ins-web00001"], "InstanceType": "S5.LARGE8", "ForceStop": True}
    scene.ok("cvm", "ResetInstancesType", **asked)
    assert instance(scene, "ins-web00001")["InstanceState"] == "REBOOTING"
    scene.later(60)
    after = instance(scene, "ins-web00001")
    assert (after["InstanceState"], after["Memory"]) == ("RUNNING", 8)


def test_a_reinstalled_instance_has_the_files_of_the_image(scene: Scene) -> None:
    script = load("inspect")
    folder = scene.sandbox.guests.root("x").parent.parent
    runtime = scene.sandbox.endpoint.guests = Runtime(folder, [script.digest])
    asked = {"Content": base64.b64encode(script.text.encode()).decode()}
    scene.ok("tat", "RunCommand", **asked, InstanceIds=["ins-data0001"])
    fstab = runtime.root("ins-data0001") / "etc/fstab"
    assert "/data" in fstab.read_text()
    scene.ok("cvm", "ResetInstance", InstanceId="ins-data0001", ImageId="img-basev001",
             EnhancedService={"AutomationService": {"Enabled": True}})  # fmt: skip
    scene.later(120)
    scene.ok("tat", "RunCommand", **asked, InstanceIds=["ins-data0001"])
    assert "/data" not in fstab.read_text()


def test_a_system_disk_is_rolled_back_while_its_instance_is_stopped(scene: Scene) -> None:
    system = instance(scene, "ins-web00001")["SystemDisk"]["DiskId"]
    taken = scene.ok("cbs", "CreateSnapshot", DiskId=system)["SnapshotId"]
    scene.later(3600)
    back = {"SnapshotId": taken, "DiskId": system}
    assert scene.code("cbs", "ApplySnapshot", **back) == "InvalidInstance.NotSupported"
    scene.ok("cvm", "StopInstances", InstanceIds=["ins-web00001"])
    scene.later(60)
    scene.ok("cbs", "ApplySnapshot", **back)
    assert scene.code("cbs", "CreateSnapshot", DiskId=system) == "ResourceInUse.DiskRollbacking"
    scene.later(120)
    assert disk(scene, system)["DiskState"] == "ATTACHED"


def test_a_rollback_of_another_disk_is_refused(scene: Scene) -> None:
    taken = scene.ok("cbs", "CreateSnapshot", DiskId="disk-data0001")["SnapshotId"]
    scene.later(3600)
    asked = {"SnapshotId": taken, "DiskId": "disk-nofl0001"}
    assert scene.code("cbs", "ApplySnapshot", **asked) == "InvalidSnapshot.NotSupported"
    both = {"SnapshotId": taken, "DiskId": "disk-data0001", "AutoStartInstance": True}
    assert scene.code("cbs", "ApplySnapshot", **both) == "InvalidParameter"


def test_a_policy_names_its_next_moment_in_china_time(scene: Scene) -> None:
    asked = {"Policy": [{"Hour": [3, 15], "DayOfMonth": [29]}], "DryRun": True}
    found = scene.ok("cbs", "CreateAutoSnapshotPolicy", **asked)
    assert found["NextTriggerTime"][8:] == "29 03:00:00"
    assert scene.ok("cbs", "DescribeAutoSnapshotPolicies")["TotalCount"] == 0


def test_a_disk_is_bound_once(scene: Scene) -> None:
    made = scene.ok("cbs", "CreateAutoSnapshotPolicy", Policy=DAILY)["AutoSnapshotPolicyId"]
    bind = {"AutoSnapshotPolicyId": made, "DiskIds": ["disk-data0001"]}
    scene.ok("cbs", "BindAutoSnapshotPolicy", **bind)
    assert scene.code("cbs", "BindAutoSnapshotPolicy", **bind) == "InvalidDisk.AlreadyBound"
    scene.ok("cbs", "UnbindAutoSnapshotPolicy", **bind)
    scene.ok("cbs", "BindAutoSnapshotPolicy", **bind)


def test_the_last_security_group_stays(scene: Scene) -> None:
    only = instance(scene, "ins-web00001")["SecurityGroupIds"]
    asked = {"InstanceIds": ["ins-web00001"], "SecurityGroupIds": only}
    code = scene.code("cvm", "DisassociateSecurityGroups", **asked)
    assert code == "FailedOperation.SecurityGroupActionFailed"


def test_policies_of_another_version_are_refused(scene: Scene) -> None:
    made = scene.ok("vpc", "CreateSecurityGroup", GroupName="a", GroupDescription="")
    group = {"SecurityGroupId": made["SecurityGroup"]["SecurityGroupId"]}
    rule = {"Protocol": "TCP", "Port": "22", "CidrBlock": "0.0.0.0/0"}
    policies: dict[str, Any] = {"Version": "9", "Ingress": [rule]}
    refused = scene.code(
        "vpc", "CreateSecurityGroupPolicies", **group, SecurityGroupPolicySet=policies
    )
    assert refused == "UnsupportedOperation.VersionMismatch"
    scene.ok("vpc", "ModifySecurityGroupPolicies", **group, SecurityGroupPolicySet=policies)
    scene.ok("vpc", "ModifySecurityGroupPolicies", **group, SecurityGroupPolicySet={"Version": "0"})
    policies = {"Ingress": [rule]}
    scene.ok("vpc", "CreateSecurityGroupPolicies", **group, SecurityGroupPolicySet=policies)
    scene.ok("vpc", "DeleteSecurityGroupPolicies", **group, SecurityGroupPolicySet=policies)
    gone = scene.code(
        "vpc", "DeleteSecurityGroupPolicies", **group, SecurityGroupPolicySet=policies
    )
    assert gone == "ResourceNotFound"


def test_command_names_are_unique(scene: Scene) -> None:
    command = {"CommandName": "a", "Content": "bHM="}
    scene.ok("tat", "CreateCommand", **command)
    code = scene.code("tat", "CreateCommand", **command)
    assert code == "InvalidParameterValue.CommandNameDuplicated"


def test_a_metric_has_no_value_before_the_resource_exists(scene: Scene) -> None:
    asked = {
        "Namespace": "QCE/CVM",
        "MetricName": "CPUUsage",
        "Instances": [
            {"Dimensions": [{"Name": "InstanceId", "Value": each}]}
            for each in ("ins-web00001", "ins-nothere0")
        ],
        "Period": 3600,
        "SpecifyStatistics": 2,
        "StartTime": "2020-01-01T00:00:00+08:00",
        "EndTime": "2020-01-02T00:00:00+08:00",
    }
    points = scene.ok("monitor", "GetMonitorData", **asked)["DataPoints"]
    assert [point["Values"] for point in points] == [[], []]
