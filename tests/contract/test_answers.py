"""Every action is answered as described, with and without results."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.sandbox.wire import description
from cvmimg.sandbox.world import regions
from tests.contract import client_scenarios, examples
from tests.contract.answers import described_fields
from tests.contract.scene import NEIGHBOUR, OWNER, Scene
from tests.support import tccli
from tests.support.issuer import AUDIENCE, PROVIDER, URL, Issuer, trust_policy

PACKAGE = tccli.package()

ALL = {(s, a) for s in description.SERVICES for a in description.load(s).actions}

LAUNCH: dict[str, Any] = {
    "Placement": {"Zone": "ap-guangzhou-3"},
    "ImageId": "img-webv1000",
    "InstanceType": "S5.MEDIUM4",
    "LoginSettings": {"KeepImageLogin": "TRUE"},
}


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with Scene() as scene:
        yield scene


def state(scene: Scene, image_id: str, region: str = "ap-guangzhou") -> str:
    found = scene.ok("cvm", "DescribeImages", ImageIds=[image_id], region=region)["ImageSet"]
    return str(found[0]["ImageState"]) if found else ""


def call_every_describe_action(scene: Scene, region: str, account: str) -> None:
    """Call every Describe action without parameters."""
    for service, action, params in (
        ("cvm", "DescribeRegions", {}),
        ("cvm", "DescribeZones", {}),
        ("cvm", "DescribeInstances", {"Limit": 100}),
        ("cvm", "DescribeInstancesStatus", {"Limit": 100}),
        ("cvm", "DescribeImages", {"Limit": 100}),
        ("cvm", "DescribeImageQuota", {}),
        ("cvm", "DescribeImageFromFamily", {"ImageFamily": "web"}),
        ("cvm", "DescribeImportImageOs", {}),
        ("cvm", "DescribeTaskInfo", {"Limit": 20, "Offset": 0}),
        ("cvm", "DescribeLaunchTemplates", {}),
        ("cbs", "DescribeDisks", {"Limit": 100}),
        ("cbs", "DescribeSnapshots", {"Limit": 100}),
        ("cbs", "DescribeSnapshotOverview", {}),
        ("cbs", "DescribeDiskConfigQuota", {"InquiryType": "INQUIRY_CBS_CONFIG"}),
        ("vpc", "DescribeVpcs", {}),
        ("vpc", "DescribeSubnets", {}),
        ("vpc", "DescribeSecurityGroups", {}),
        ("tat", "DescribeInvocations", {}),
        ("tat", "DescribeInvocationTasks", {"HideOutput": False}),
        ("tat", "DescribeAutomationAgentStatus", {"Limit": 100}),
        ("cvm", "DescribeKeyPairs", {}),
        ("cvm", "DescribeZoneInstanceConfigInfos", {}),
        ("sts", "GetCallerIdentity", {}),
        ("cam", "GetUserAppId", {}),
        ("tag", "GetResources", {}),
        ("as", "DescribeLaunchConfigurations", {}),
        ("as", "DescribeAutoScalingGroups", {}),
        ("region", "DescribeRegions", {"Product": "cvm"}),
    ):
        scene.ok(service, action, region=region, account=account, **params)


def the_initial_world_is_answered_as_described(scene: Scene) -> None:
    for account in (OWNER, NEIGHBOUR):
        for region in ("ap-guangzhou", "ap-shanghai", "na-siliconvalley"):
            call_every_describe_action(scene, region, account)
    for template in scene.ok("cvm", "DescribeLaunchTemplates")["LaunchTemplateSet"]:
        asked = {"LaunchTemplateId": template["LaunchTemplateId"]}
        scene.ok("cvm", "DescribeLaunchTemplateVersions", **asked)


def an_image_is_created_copied_shared_and_deleted(scene: Scene) -> None:
    image_id = scene.ok(
        "cvm", "CreateImage", InstanceId="ins-web00001", ImageName="made", ImageFamily="web"
    )["ImageId"]
    for _ in range(30):
        call_every_describe_action(scene, "ap-guangzhou", OWNER)
        scene.later(30)
    assert state(scene, image_id) == "NORMAL"
    scene.ok("cvm", "ModifyImageAttribute", ImageId=image_id, ImageDescription="of the test")
    copy = scene.ok(
        "cvm",
        "SyncImages",
        ImageIds=[image_id],
        DestinationRegions=["ap-beijing"],
        ImageSetRequired=True,
    )["ImageSet"][0]["ImageId"]
    for _ in range(20):
        call_every_describe_action(scene, "ap-beijing", OWNER)
        scene.later(60)
    assert state(scene, copy, "ap-beijing") == "NORMAL"
    sharing = {"ImageId": image_id, "AccountIds": [NEIGHBOUR]}
    scene.ok("cvm", "ModifyImageSharePermission", **sharing, Permission="SHARE")
    scene.ok("cvm", "DescribeImageSharePermission", ImageId=image_id)
    call_every_describe_action(scene, "ap-guangzhou", NEIGHBOUR)
    assert scene.code("cvm", "DeleteImages", ImageIds=[image_id]) == "InvalidImageId.InShared"
    scene.ok("cvm", "ModifyImageSharePermission", **sharing, Permission="CANCEL")
    scene.ok("cvm", "DeleteImages", ImageIds=[image_id], DeleteBindedSnap=True)
    call_every_describe_action(scene, "ap-guangzhou", OWNER)


def an_image_is_exported_and_another_imported(scene: Scene) -> None:
    scene.ok("cvm", "ExportImages", BucketName="images-1250000000", ImageIds=["img-webv1000"])
    scene.ok(
        "cvm",
        "ImportImage",
        Architecture="x86_64",
        OsType="Ubuntu",
        OsVersion="22",
        ImageUrl="https://images-1250000000.cos.ap-guangzhou.myqcloud.com/web.qcow2",
        ImageName="imported",
    )
    for _ in range(10):
        call_every_describe_action(scene, "ap-guangzhou", OWNER)
        scene.later(240)


def instances_are_launched_and_terminated(scene: Scene) -> None:
    scene.ok("cvm", "InquiryPriceRunInstances", **LAUNCH)
    scene.ok(
        "cvm",
        "InquiryPriceRunInstances",
        **LAUNCH,
        InstanceChargeType="PREPAID",
        InstanceChargePrepaid={"Period": 1},
        DataDisks=[{"DiskType": "CLOUD_PREMIUM", "DiskSize": 100}],
    )
    asked = {"InstanceIds": scene.ok("cvm", "RunInstances", **LAUNCH)["InstanceIdSet"]}
    for action in ("", "StopInstances", "StartInstances", "RebootInstances", "TerminateInstances"):
        if action:
            scene.ok("cvm", action, **asked)
        for _ in range(6):
            call_every_describe_action(scene, "ap-guangzhou", OWNER)
            scene.later(20)


def snapshots_are_created_and_deleted(scene: Scene) -> None:
    made = scene.ok("cbs", "CreateSnapshot", DiskId="disk-data0001", SnapshotName="before")
    call_every_describe_action(scene, "ap-guangzhou", OWNER)
    scene.later(3600)
    call_every_describe_action(scene, "ap-guangzhou", OWNER)
    scene.ok("cbs", "DeleteSnapshots", SnapshotIds=[made["SnapshotId"]])
    call_every_describe_action(scene, "ap-guangzhou", OWNER)


def disks_are_created_attached_resized_and_terminated(scene: Scene) -> None:
    zone = scene.ok("cbs", "DescribeDisks", DiskIds=["disk-data0001"])["DiskSet"][0]["Placement"]
    disk = {"DiskType": "CLOUD_PREMIUM", "DiskSize": 100, "DiskChargeType": "POSTPAID_BY_HOUR"}
    made = scene.ok("cbs", "CreateDisks", Placement={"Zone": zone["Zone"]}, **disk)["DiskIdSet"]
    call_every_describe_action(scene, "ap-guangzhou", OWNER)
    scene.ok("cbs", "AttachDisks", InstanceId="ins-data0001", DiskIds=made)
    call_every_describe_action(scene, "ap-guangzhou", OWNER)
    scene.later(10)
    scene.ok("cbs", "ModifyDiskAttributes", DiskIds=made, DiskName="renamed")
    scene.ok("cbs", "ResizeDisk", DiskId=made[0], DiskSize=120)
    snapshot = scene.ok("cbs", "CreateSnapshot", DiskId=made[0])["SnapshotId"]
    scene.ok("cbs", "ModifySnapshotAttribute", SnapshotId=snapshot, SnapshotName="renamed")
    scene.ok("cbs", "DetachDisks", DiskIds=made)
    call_every_describe_action(scene, "ap-guangzhou", OWNER)
    scene.later(10)
    scene.ok("cbs", "TerminateDisks", DiskIds=made)
    call_every_describe_action(scene, "ap-guangzhou", OWNER)


def networks_are_created_used_and_deleted(scene: Scene) -> None:
    vpc = scene.ok("vpc", "CreateVpc", VpcName="made", CidrBlock="172.16.0.0/16")["Vpc"]["VpcId"]
    place = {"Zone": "ap-guangzhou-3", "CidrBlock": "172.16.1.0/24"}
    made = scene.ok("vpc", "CreateSubnet", VpcId=vpc, SubnetName="made", **place)
    subnet = made["Subnet"]["SubnetId"]
    group = {"GroupName": "made", "GroupDescription": "of the test"}
    made = scene.ok("vpc", "CreateSecurityGroup", **group)
    group_id = {"SecurityGroupId": made["SecurityGroup"]["SecurityGroupId"]}
    policies = {"Ingress": [{"Protocol": "TCP", "Port": "22", "CidrBlock": "0.0.0.0/0"}]}
    scene.ok("vpc", "CreateSecurityGroupPolicies", **group_id, SecurityGroupPolicySet=policies)
    scene.ok("vpc", "DescribeSecurityGroupPolicies", **group_id)
    inside = {"VirtualPrivateCloud": {"VpcId": vpc, "SubnetId": subnet}}
    launched = scene.ok("cvm", "RunInstances", **LAUNCH, **inside)["InstanceIdSet"]
    call_every_describe_action(scene, "ap-guangzhou", OWNER)
    assert scene.ok("vpc", "DescribeUsedIpAddress", VpcId=vpc)["TotalCount"] == 1
    scene.later(60)
    scene.ok("cvm", "TerminateInstances", InstanceIds=launched)
    scene.later(60)
    scene.ok("vpc", "DeleteSecurityGroup", **group_id)
    scene.ok("vpc", "DeleteSubnet", SubnetId=subnet)
    scene.ok("vpc", "DeleteVpc", VpcId=vpc)


def a_command_is_run(scene: Scene) -> None:
    content = base64.b64encode(b"uname -a").decode()
    scene.ok("tat", "RunCommand", Content=content, InstanceIds=["ins-web00001"])
    call_every_describe_action(scene, "ap-guangzhou", OWNER)
    scene.later(60)
    call_every_describe_action(scene, "ap-guangzhou", OWNER)


def resources_are_tagged_and_found_by_tag(scene: Scene) -> None:
    name = f"qcs::cvm:ap-guangzhou:uin/{OWNER}:image/img-webv1000"
    tags = [{"TagKey": "team", "TagValue": "web"}, {"TagKey": "stage", "TagValue": "test"}]
    assert scene.ok("tag", "TagResources", ResourceList=[name], Tags=tags)["FailedResources"] == []
    found = scene.ok("tag", "GetResources", TagFilters=[{"TagKey": "team", "TagValue": ["web"]}])
    assert [r["Resource"] for r in found["ResourceTagMappingList"]] == [name]
    shown = scene.ok("cvm", "DescribeImages", Filters=[{"Name": "tag:team", "Values": ["web"]}])
    assert [image["ImageId"] for image in shown["ImageSet"]] == ["img-webv1000"]
    scene.ok("tag", "UnTagResources", ResourceList=[name], TagKeys=["team"])
    answer = scene.ok("tag", "GetResources", ResourceList=[name])["ResourceTagMappingList"]
    assert {"TagKey": "stage", "TagValue": "test"} in answer[0]["Tags"]
    assert "team" not in [tag["TagKey"] for tag in answer[0]["Tags"]]


def disks_and_instances_are_tagged(scene: Scene) -> None:
    prefix = f"qcs::cvm:ap-guangzhou:uin/{OWNER}"
    names = [f"{prefix}:volume/disk-data0001", f"{prefix}:instance/ins-data0001"]
    tags = [{"TagKey": "team", "TagValue": "data"}]
    scene.ok("tag", "TagResources", ResourceList=names, Tags=tags)
    wanted = [{"Name": "tag:team", "Values": ["data"]}]
    disks = scene.ok("cbs", "DescribeDisks", Filters=wanted)["DiskSet"]
    assert [disk["Tags"] for disk in disks] == [[{"Key": "team", "Value": "data"}]]
    instances = scene.ok("cvm", "DescribeInstances", Filters=wanted)["InstanceSet"]
    assert [instance["InstanceId"] for instance in instances] == ["ins-data0001"]


def tags_are_modified_and_read(scene: Scene) -> None:
    name = f"qcs::cvm:ap-guangzhou:uin/{OWNER}:image/img-basev001"
    scene.ok(
        "tag", "ModifyResourceTags", Resource=name, ReplaceTags=[{"TagKey": "a", "TagValue": "1"}]
    )
    asked = {
        "ServiceType": "cvm",
        "ResourcePrefix": "image",
        "ResourceIds": ["img-basev001"],
        "ResourceRegion": "ap-guangzhou",
    }
    found = scene.ok("tag", "DescribeResourceTagsByResourceIds", **asked)["Tags"]
    assert [(tag["TagKey"], tag["TagValue"]) for tag in found] == [("a", "1")]


def key_pairs_are_created_associated_and_deleted(scene: Scene) -> None:
    made = scene.ok("cvm", "CreateKeyPair", KeyName="made", ProjectId=0)["KeyPair"]["KeyId"]
    public = {"PublicKey": "ssh-ed25519 AAAA me", "ProjectId": 0}
    imported = scene.ok("cvm", "ImportKeyPair", KeyName="mine", **public)["KeyId"]
    scene.ok("cvm", "ModifyKeyPairAttribute", KeyId=made, KeyName="renamed")
    both = {"InstanceIds": ["ins-stop0001"], "KeyIds": [made, imported]}
    scene.ok("cvm", "AssociateInstancesKeyPairs", **both)
    call_every_describe_action(scene, "ap-guangzhou", OWNER)
    scene.ok("cvm", "DisassociateInstancesKeyPairs", **both)
    scene.ok("cvm", "DeleteKeyPairs", KeyIds=[made, imported])


def attributes_of_instances_are_changed(scene: Scene) -> None:
    asked = {"InstanceIds": ["ins-web00001"]}
    scene.ok("cvm", "ModifyInstancesAttribute", **asked, UserData="bHM=", InstanceName="renamed")
    found = scene.ok("cvm", "DescribeInstancesAttributes", **asked, Attributes=["UserData"])
    assert found["InstanceSet"][0]["Attributes"] == {"UserData": "bHM="}


def a_role_is_assumed(scene: Scene) -> None:
    arn = f"qcs::cam::uin/{NEIGHBOUR}:roleName/reader"
    scene.ok("sts", "AssumeRole", RoleArn=arn, RoleSessionName="me")
    stranger = "qcs::cam::uin/123:roleName/reader"
    code = scene.code("sts", "AssumeRole", RoleArn=stranger, RoleSessionName="me")
    assert code == "ResourceNotFound.RoleNotFound"


def a_role_is_assumed_with_a_token(scene: Scene) -> None:
    issuer, named = Issuer(), {"Name": PROVIDER}
    provider = {"IdentityUrl": URL, "ClientId": [AUDIENCE], "IdentityKey": issuer.identity_key}
    scene.ok("cam", "CreateOIDCConfig", **named, **provider)
    scene.ok("cam", "UpdateOIDCConfig", **named, **provider, AutoRotateKey=1)
    scene.ok("cam", "DescribeOIDCConfig", **named)
    role, policy = {"RoleName": "ci"}, {"PolicyDocument": trust_policy(OWNER)}
    scene.ok("cam", "CreateRole", **role, **policy)
    scene.ok("cam", "UpdateAssumeRolePolicy", **role, **policy)
    scene.ok("cam", "GetRole", **role)
    arn, token = f"qcs::cam::uin/{OWNER}:roleName/ci", issuer.token(scene.at)
    session = {"RoleArn": arn, "RoleSessionName": "me", "ProviderId": PROVIDER}
    scene.ok("sts", "AssumeRoleWithWebIdentity", **session, WebIdentityToken=token)
    scene.code("sts", "AssumeRoleWithWebIdentity", **session, WebIdentityToken="x.y.z")
    scene.ok("cam", "DeleteRole", **role)
    scene.ok("cam", "DeleteOIDCConfig", **named)


SCENARIOS = (
    the_initial_world_is_answered_as_described,
    an_image_is_created_copied_shared_and_deleted,
    an_image_is_exported_and_another_imported,
    instances_are_launched_and_terminated,
    snapshots_are_created_and_deleted,
    disks_are_created_attached_resized_and_terminated,
    networks_are_created_used_and_deleted,
    a_command_is_run,
    resources_are_tagged_and_found_by_tag,
    disks_and_instances_are_tagged,
    tags_are_modified_and_read,
    key_pairs_are_created_associated_and_deleted,
    attributes_of_instances_are_changed,
    a_role_is_assumed,
    a_role_is_assumed_with_a_token,
    *client_scenarios.SCENARIOS,
)


def test_every_action_is_answered_as_described(covered: Counter[str]) -> None:
    """Cover every action; each answer is checked when it is received."""
    with Scene() as scene:
        for scenario in SCENARIOS:
            scenario(scene)
        covered["actions answered"] = len(scene.answered)
        covered["answers"] = sum(scene.answered.values())
        covered["answer fields"] = len(scene.fields)
    covered["answer fields described"] = sum(1 for key in ALL for _ in described_fields(*key))
    assert set(scene.answered) == ALL


def test_tagging_a_foreign_resource_fails_without_affecting_others(scene: Scene) -> None:
    mine = f"qcs::cvm:ap-guangzhou:uin/{OWNER}:instance/ins-web00001"
    missing = f"qcs::cvm:ap-guangzhou:uin/{OWNER}:image/img-nothere0"
    tags = [{"TagKey": "team", "TagValue": "web"}]
    failed = scene.ok("tag", "TagResources", ResourceList=[mine, missing], Tags=tags)
    assert [each["Resource"] for each in failed["FailedResources"]] == [missing]
    foreign = scene.ok("tag", "TagResources", ResourceList=[mine], Tags=tags, account=NEIGHBOUR)
    assert [each["Resource"] for each in foreign["FailedResources"]] == [mine]
    nonsense = scene.code("tag", "TagResources", ResourceList=["img-webv1000"], Tags=tags)
    assert nonsense == "InvalidParameterValue.ResourceDescriptionError"


REFUSED = [
    ("cvm", "CreateImage", {"InstanceId": "ins-nothere0", "ImageName": "x"}),
    ("cvm", "CreateImage", {"InstanceId": "ins-web00001", "ImageName": "web-v1"}),
    ("cvm", "CreateImage", {"InstanceId": "ins-save0001", "ImageName": "x"}),
    ("cvm", "CreateImage", {"ImageName": "x"}),
    ("cvm", "CreateImage", {"SnapshotIds": ["snap-nothere0"], "ImageName": "x"}),
    (
        "cvm",
        "CreateImage",
        {"InstanceId": "ins-data0001", "ImageName": "x", "DataDiskIds": ["disk-nothere0"]},
    ),
    ("cvm", "DescribeImages", {"Filters": [{"Name": "wish", "Values": ["x"]}]}),
    ("cvm", "DescribeInstances", {"Filters": [{"Name": "wish", "Values": ["x"]}]}),
    ("cvm", "DeleteImages", {"ImageIds": ["img-nothere0"]}),
    ("cvm", "ModifyImageAttribute", {"ImageId": "img-nothere0", "ImageName": "x"}),
    ("cvm", "ModifyImageAttribute", {"ImageId": "img-webv1000", "ImageName": "base-v1"}),
    ("cvm", "SyncImages", {"ImageIds": ["img-nothere0"], "DestinationRegions": ["ap-beijing"]}),
    ("cvm", "SyncImages", {"ImageIds": ["img-webv1000"], "DestinationRegions": ["ap-guangzhou"]}),
    ("cvm", "SyncImages", {"ImageIds": ["img-webv1000"], "DestinationRegions": ["atlantis"]}),
    (
        "cvm",
        "ModifyImageSharePermission",
        {"ImageId": "img-webv1000", "AccountIds": [OWNER], "Permission": "SHARE"},
    ),
    ("cvm", "DescribeImageSharePermission", {"ImageId": "img-nothere0"}),
    ("cvm", "ExportImages", {"BucketName": "b-1", "ImageIds": ["img-nothere0"]}),
    ("cvm", "StartInstances", {"InstanceIds": ["ins-web00001"]}),
    ("cvm", "StartInstances", {"InstanceIds": ["ins-nothere0"]}),
    ("cvm", "StopInstances", {"InstanceIds": ["ins-stop0001"]}),
    ("cvm", "TerminateInstances", {"InstanceIds": ["ins-nothere0"]}),
    ("cvm", "RunInstances", {**LAUNCH, "ImageId": "img-nothere0"}),
    ("cvm", "RunInstances", {**LAUNCH, "Placement": {"Zone": "ap-shanghai-2"}}),
    ("cvm", "RunInstances", {**LAUNCH, "InstanceType": "X9.HUGE"}),
    ("cvm", "RunInstances", {**LAUNCH, "SystemDisk": {"DiskSize": 1}}),
    ("cvm", "RunInstances", {**LAUNCH, "UserData": "not base64!"}),
    ("cvm", "RunInstances", {**LAUNCH, "MinCount": 5, "InstanceCount": 2}),
    ("cvm", "RunInstances", {**LAUNCH, "LoginSettings": {"Password": "x"}}),
    ("cvm", "DescribeLaunchTemplateVersions", {"LaunchTemplateId": "lt-nothere0"}),
    ("cbs", "CreateSnapshot", {"DiskId": "disk-nothere0"}),
    ("cbs", "DeleteSnapshots", {"SnapshotIds": ["snap-nothere0"]}),
    ("tat", "RunCommand", {"Content": "!", "InstanceIds": ["ins-web00001"]}),
    ("tat", "RunCommand", {"Content": "bHM=", "InstanceIds": ["ins-noat0001"]}),
    ("tat", "RunCommand", {"Content": "bHM=", "InstanceIds": ["ins-stop0001"]}),
]


@pytest.mark.parametrize(("service", "action", "params"), REFUSED)
def test_errors_have_a_code_that_the_action_lists(
    scene: Scene, service: str, action: str, params: dict[str, Any], covered: Counter[str]
) -> None:
    covered["refusals"] += 1
    assert scene.code(service, action, **params) != "ok"


def test_a_full_quota_is_refused(scene: Scene) -> None:
    asked = {"InstanceId": "ins-full0001", "ImageName": "one-more"}
    code = scene.code("cvm", "CreateImage", region="ap-shanghai", **asked)
    assert code == "ImageQuotaLimitExceeded"


EXAMPLES = [
    example for key in sorted(ALL) for example in (examples.of_action(*key) if PACKAGE else ())
]


@pytest.mark.skipif(PACKAGE is None, reason="tccli is not installed")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.action}: {e.title}")
def test_every_official_example_succeeds_or_is_refused_with_a_listed_code(
    scene: Scene, example: examples.Example
) -> None:
    code = scene.code(example.service, example.action, **example.params)
    assert code not in ("UnknownParameter", "InternalError", "InvalidAction")


def test_regions_are_separate(scene: Scene) -> None:
    for region in regions.IDS:
        if region != "ap-guangzhou":
            found = scene.ok("cvm", "DescribeImages", ImageIds=["img-webv1000"], region=region)
            assert not found["ImageSet"]
