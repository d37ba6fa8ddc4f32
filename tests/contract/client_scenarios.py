"""Scenarios of the actions that other clients use, each answer checked against the description."""

from __future__ import annotations

import base64
from typing import Any

from tests.contract.scene import Scene

ZONE = "ap-guangzhou-3"


def instance(scene: Scene, instance_id: str) -> dict[str, Any]:
    (found,) = scene.ok("cvm", "DescribeInstances", InstanceIds=[instance_id])["InstanceSet"]
    return dict(found)


def disk(scene: Scene, disk_id: str, **more: Any) -> dict[str, Any]:
    (found,) = scene.ok("cbs", "DescribeDisks", DiskIds=[disk_id], **more)["DiskSet"]
    return dict(found)


def an_instance_is_reinstalled_and_resized(scene: Scene) -> None:
    stopped = {"InstanceIds": ["ins-stop0001"]}
    scene.ok("cvm", "ResetInstancesType", **stopped, InstanceType="S5.LARGE8")
    scene.later(60)
    assert instance(scene, "ins-stop0001")["CPU"] == 4
    scene.ok("cvm", "ResetInstancesPassword", **stopped, Password="not-kept-42")
    scene.later(60)
    scene.ok(
        "cvm",
        "ResizeInstanceDisks",
        InstanceId="ins-stop0001",
        SystemDisk={"DiskType": "CLOUD_SSD", "DiskSize": 80},
    )
    assert instance(scene, "ins-stop0001")["SystemDisk"]["DiskSize"] == 50
    scene.later(60)
    assert instance(scene, "ins-stop0001")["SystemDisk"]["DiskSize"] == 80
    scene.ok("cvm", "ResetInstance", InstanceId="ins-stop0001", ImageId="img-basev001")
    scene.later(120)
    after = instance(scene, "ins-stop0001")
    assert (after["ImageId"], after["InstanceState"]) == ("img-basev001", "RUNNING")
    scene.ok("cvm", "ModifyInstancesProject", **stopped, ProjectId=0)
    scene.ok("cvm", "StopInstances", **stopped)
    scene.later(60)


def security_groups_are_changed(scene: Scene) -> None:
    new = {"GroupName": "extra", "GroupDescription": ""}
    group = scene.ok("vpc", "CreateSecurityGroup", **new)["SecurityGroup"]["SecurityGroupId"]
    both = {"InstanceIds": ["ins-web00001"], "SecurityGroupIds": [group]}
    scene.ok("cvm", "AssociateSecurityGroups", **both)
    assert group in instance(scene, "ins-web00001")["SecurityGroupIds"]
    used = scene.ok("vpc", "DescribeSecurityGroupAssociationStatistics", SecurityGroupIds=[group])
    assert used["SecurityGroupAssociationStatisticsSet"][0]["CVM"] == 1
    named = {"SecurityGroupId": group}
    scene.ok("vpc", "ModifySecurityGroupAttribute", **named, GroupName="renamed")
    common = {"Protocol": "TCP", "CidrBlock": "10.0.0.0/8"}
    rules = {"Ingress": [{**common, "Port": port} for port in ("80", "22")]}
    scene.ok("vpc", "ModifySecurityGroupPolicies", **named, SecurityGroupPolicySet=rules)
    last = {"Ingress": [{"PolicyIndex": 1}]}
    scene.ok("vpc", "DeleteSecurityGroupPolicies", **named, SecurityGroupPolicySet=last)
    kept = scene.ok("vpc", "DescribeSecurityGroupPolicies", **named)["SecurityGroupPolicySet"]
    assert [rule["Port"] for rule in kept["Ingress"]] == ["80"]
    scene.ok("cvm", "DisassociateSecurityGroups", **both)
    scene.ok("vpc", "DeleteSecurityGroup", **named)


def networks_are_renamed(scene: Scene) -> None:
    vpc = scene.ok("vpc", "CreateVpc", VpcName="a", CidrBlock="172.20.0.0/16")["Vpc"]["VpcId"]
    scene.ok("vpc", "ModifyVpcAttribute", VpcId=vpc, VpcName="b", DnsServers=["10.0.0.2"])
    (shown,) = scene.ok("vpc", "DescribeVpcs", VpcIds=[vpc])["VpcSet"]
    assert (shown["VpcName"], shown["DnsServerSet"]) == ("b", ["10.0.0.2"])
    place = {"VpcId": vpc, "Zone": ZONE, "CidrBlock": "172.20.1.0/24"}
    subnet = scene.ok("vpc", "CreateSubnet", **place, SubnetName="a")["Subnet"]["SubnetId"]
    scene.ok("vpc", "ModifySubnetAttribute", SubnetId=subnet, SubnetName="b")
    (shown,) = scene.ok("vpc", "DescribeSubnets", SubnetIds=[subnet])["SubnetSet"]
    assert shown["SubnetName"] == "b"
    scene.ok("vpc", "DeleteSubnet", SubnetId=subnet)
    scene.ok("vpc", "DeleteVpc", VpcId=vpc)


def launch_templates_are_created_and_deleted(scene: Scene) -> None:
    launch = {"Placement": {"Zone": ZONE}, "ImageId": "img-webv1000", "InstanceType": "S5.MEDIUM4"}
    template = {
        "LaunchTemplateId": scene.ok(
            "cvm",
            "CreateLaunchTemplate",
            LaunchTemplateName="app",
            DataDisks=[{"DiskType": "CLOUD_SSD", "DiskSize": 20}],
            **launch,
        )["LaunchTemplateId"]
    }
    scene.ok(
        "cvm",
        "CreateLaunchTemplateVersion",
        **template,
        InstanceType="S5.LARGE8",
        **{key: value for key, value in launch.items() if key == "Placement"},
    )
    scene.ok("cvm", "ModifyLaunchTemplateDefaultVersion", **template, DefaultVersion=2)
    versions = scene.ok("cvm", "DescribeLaunchTemplateVersions", **template)
    newest = versions["LaunchTemplateVersionSet"][0]["LaunchTemplateVersionData"]
    assert (newest["InstanceType"], newest["ImageId"]) == ("S5.LARGE8", "img-webv1000")
    scene.ok("cvm", "DescribeLaunchTemplates")
    launched = scene.ok("cvm", "RunInstances", LaunchTemplate=template)["InstanceIdSet"]
    scene.later(60)
    assert instance(scene, launched[0])["InstanceType"] == "S5.LARGE8"
    scene.ok("cvm", "TerminateInstances", InstanceIds=launched)
    scene.later(60)
    scene.ok("cvm", "DeleteLaunchTemplateVersions", **template, LaunchTemplateVersions=[1])
    scene.ok("cvm", "DeleteLaunchTemplate", **template)


def a_disk_is_rolled_back(scene: Scene) -> None:
    taken = scene.ok("cbs", "CreateSnapshot", DiskId="disk-data0001")["SnapshotId"]
    scene.later(3600)
    back = {"SnapshotId": taken, "DiskId": "disk-data0001"}
    assert scene.code("cbs", "ApplySnapshot", **back) == "InvalidDisk.NotSupported"
    scene.ok("cbs", "ApplySnapshot", **back, AutoStopInstance=True, AutoStartInstance=True)
    scene.later(30)
    rolling = disk(scene, "disk-data0001")
    assert (rolling["DiskState"], rolling["Rollbacking"]) == ("ROLLBACKING", True)
    scene.later(60)
    assert instance(scene, "ins-data0001")["InstanceState"] == "RUNNING"
    scene.ok("cbs", "DeleteSnapshots", SnapshotIds=[taken])
    scene.later(60)


def snapshots_are_made_in_a_group(scene: Scene) -> None:
    found = scene.ok(
        "cbs", "DescribeDisks", Filters=[{"Name": "instance-id", "Values": ["ins-data0001"]}]
    )["DiskSet"]
    named = {"SnapshotGroupName": "both"}
    disks = [each["DiskId"] for each in found]
    group = scene.ok("cbs", "CreateSnapshotGroup", DiskIds=disks, **named)["SnapshotGroupId"]
    (shown,) = scene.ok("cbs", "DescribeSnapshotGroups")["SnapshotGroupSet"]
    assert (shown["SnapshotGroupState"], len(shown["SnapshotIdSet"])) == ("CREATING", 2)
    scene.later(7200)
    (shown,) = scene.ok("cbs", "DescribeSnapshotGroups")["SnapshotGroupSet"]
    assert (shown["SnapshotGroupState"], shown["Percent"]) == ("NORMAL", 100)
    scene.ok("cbs", "DeleteSnapshotGroup", SnapshotGroupId=group)
    scene.later(60)
    assert scene.ok("cbs", "DescribeSnapshotGroups")["TotalCount"] == 0


def snapshot_policies_are_bound_and_deleted(scene: Scene) -> None:
    daily = [{"Hour": [3], "DayOfWeek": [0, 3]}]
    made = scene.ok("cbs", "CreateAutoSnapshotPolicy", Policy=daily, AutoSnapshotPolicyName="d")
    policy = {"AutoSnapshotPolicyId": made["AutoSnapshotPolicyId"]}
    scene.ok("cbs", "BindAutoSnapshotPolicy", **policy, DiskIds=["disk-data0001"])
    shown = disk(scene, "disk-data0001", ReturnBindAutoSnapshotPolicy=True)
    assert shown["AutoSnapshotPolicyIds"] == [policy["AutoSnapshotPolicyId"]]
    of_disk = {"DiskId": "disk-data0001"}
    found = scene.ok("cbs", "DescribeDiskAssociatedAutoSnapshotPolicy", **of_disk)
    assert found["TotalCount"] == 1
    scene.ok("cbs", "ModifyAutoSnapshotPolicyAttribute", **policy, IsActivated=False)
    (shown,) = scene.ok("cbs", "DescribeAutoSnapshotPolicies")["AutoSnapshotPolicySet"]
    assert (shown["IsActivated"], shown["DiskIdSet"]) == (False, ["disk-data0001"])
    scene.ok("cbs", "UnbindAutoSnapshotPolicy", **policy, DiskIds=["disk-data0001"])
    scene.ok("cbs", "DeleteAutoSnapshotPolicies", AutoSnapshotPolicyIds=list(policy.values()))


def a_command_is_kept_and_invoked(scene: Scene) -> None:
    content = base64.b64encode(b"echo {{word}}").decode()
    made = scene.ok(
        "tat",
        "CreateCommand",
        CommandName="greet",
        Content=content,
        EnableParameter=True,
        DefaultParameters='{"word": "hello"}',
        Tags=[{"Key": "team", "Value": "web"}],
    )
    command = {"CommandId": made["CommandId"]}
    scene.ok("tat", "ModifyCommand", **command, Description="says hello")
    (shown,) = scene.ok("tat", "DescribeCommands")["CommandSet"]
    assert (shown["CommandName"], shown["Description"]) == ("greet", "says hello")
    started = scene.ok("tat", "InvokeCommand", **command, InstanceIds=["ins-web00001"])
    assert scene.code("tat", "DeleteCommand", **command) == (
        "ResourceUnavailable.CommandInExecuting"
    )
    scene.later(60)
    wanted = {"InvocationIds": [started["InvocationId"]]}
    (run,) = scene.ok("tat", "DescribeInvocations", **wanted)["InvocationSet"]
    assert run["CommandId"] == made["CommandId"]
    scene.ok("tat", "DeleteCommand", **command)
    assert scene.ok("tat", "DescribeCommands")["TotalCount"] == 0


def scaling_is_configured(scene: Scene) -> None:
    named = {"LaunchConfigurationName": "app", "InstanceType": "S5.MEDIUM4"}
    made = scene.ok("as", "CreateLaunchConfiguration", **named, ImageId="img-webv1000")
    configuration = {"LaunchConfigurationId": made["LaunchConfigurationId"]}
    scene.ok("as", "ModifyLaunchConfigurationAttributes", **configuration, ImageFamily="web")
    wanted = {"LaunchConfigurationIds": list(configuration.values())}
    shown = scene.ok("as", "DescribeLaunchConfigurations", **wanted)["LaunchConfigurationSet"]
    assert (shown[0]["ImageId"], shown[0]["ImageFamily"]) == ("", "web")
    subnet = scene.ok("vpc", "DescribeSubnets")["SubnetSet"][0]
    group = scene.ok(
        "as",
        "CreateAutoScalingGroup",
        AutoScalingGroupName="app",
        MinSize=0,
        MaxSize=2,
        VpcId=subnet["VpcId"],
        SubnetIds=[subnet["SubnetId"]],
        **configuration,
    )
    scene.ok("as", "ModifyAutoScalingGroup", **_group(group), MaxSize=3)
    code = scene.code("as", "DeleteLaunchConfiguration", **configuration)
    assert code == "ResourceInUse.LaunchConfigurationIdInUse"
    groups = scene.ok("as", "DescribeAutoScalingGroups")["AutoScalingGroupSet"]
    assert 3 in {each["MaxSize"] for each in groups}
    _instances_come_and_go(scene, _group(group))
    scene.ok("as", "DeleteAutoScalingGroup", **_group(group))
    scene.ok("as", "DeleteLaunchConfiguration", **configuration)


def _instances_come_and_go(scene: Scene, group: dict[str, Any]) -> None:
    scene.ok("as", "DisableAutoScalingGroup", **group)
    scene.ok("as", "EnableAutoScalingGroup", **group)
    scene.ok("as", "ModifyDesiredCapacity", **group, DesiredCapacity=1)
    scene.later(300)
    (made,) = scene.ok("as", "DescribeAutoScalingInstances")["AutoScalingInstanceSet"]
    scene.ok("as", "AttachInstances", **group, InstanceIds=["ins-web00001"])
    scene.later(60)
    protected = {"InstanceIds": [made["InstanceId"]], "ProtectedFromScaleIn": True}
    scene.ok("as", "SetInstancesProtection", **group, **protected)
    scene.ok("as", "DetachInstances", **group, InstanceIds=["ins-web00001"])
    scene.later(60)
    scene.ok("as", "RemoveInstances", **group, InstanceIds=[made["InstanceId"]])
    scene.later(60)
    kinds = [each["ActivityType"] for each in _activities(scene, group)]
    assert kinds == ["REMOVE_INSTANCES", "DETACH_INSTANCES", "ATTACH_INSTANCES", "SCALE_OUT"]


def _activities(scene: Scene, group: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = [{"Name": "auto-scaling-group-id", "Values": list(group.values())}]
    found: list[dict[str, Any]] = scene.ok("as", "DescribeAutoScalingActivities", Filters=wanted)[
        "ActivitySet"
    ]
    return found


def _group(answer: dict[str, Any]) -> dict[str, Any]:
    return {"AutoScalingGroupId": answer["AutoScalingGroupId"]}


def metrics_are_read(scene: Scene) -> None:
    wanted = [{"Dimensions": [{"Name": "InstanceId", "Value": "ins-web00001"}]}]
    start, end = "2026-11-18T10:00:00+08:00", "2026-11-18T11:00:00+08:00"
    found = scene.ok(
        "monitor",
        "GetMonitorData",
        Namespace="QCE/CVM",
        MetricName="CPUUsage",
        Instances=wanted,
        StartTime=start,
        EndTime=end,
    )["DataPoints"]
    assert set(found[0]["Values"]) == {0.0}


SCENARIOS = (
    an_instance_is_reinstalled_and_resized,
    security_groups_are_changed,
    networks_are_renamed,
    launch_templates_are_created_and_deleted,
    a_disk_is_rolled_back,
    snapshots_are_made_in_a_group,
    snapshot_policies_are_bound_and_deleted,
    a_command_is_kept_and_invoked,
    scaling_is_configured,
    metrics_are_read,
)
