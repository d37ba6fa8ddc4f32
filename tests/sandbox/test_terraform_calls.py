"""The calls that Terraform's provider makes for examples/terraform: what it reads is what it set.

CI cannot download the provider; this holds the sandbox to what it relies on. Where it is installed,
tests/interop/test_terraform.py runs it.
"""

from __future__ import annotations

from typing import Any

from tests.sandbox.cloud import Cloud

ZONE = "ap-guangzhou-3"
TAGS = {"team": "shop", "stage": "test"}
UBUNTU = "Ubuntu Server 22.04 LTS 64bit"
DATA_DISKS = [
    {"DiskType": "CLOUD_PREMIUM", "DiskSize": 50, "DeleteWithInstance": True},
    {"DiskType": "CLOUD_SSD", "DiskSize": 100, "DeleteWithInstance": True},
]


def tag(cloud: Cloud, prefix: str, identifier: str) -> None:
    """Set the tags as the provider does: with an empty owner in the resource's name."""
    name = f"qcs::cvm:ap-guangzhou:uin/:{prefix}/{identifier}"
    tags = [{"TagKey": key, "TagValue": value} for key, value in TAGS.items()]
    answer = cloud.ask("ModifyResourceTags", {"Resource": name, "ReplaceTags": tags}, service="tag")
    assert "Error" not in answer, answer


def tags(cloud: Cloud, prefix: str, identifier: str) -> dict[str, str]:
    """Read the tags as the provider does."""
    asked = {
        "ServiceType": "cvm",
        "ResourcePrefix": prefix,
        "ResourceIds": [identifier],
        "ResourceRegion": "ap-guangzhou",
        "Limit": 20,
        "Offset": 0,
    }
    found = cloud.ask("DescribeResourceTagsByResourceIds", asked, service="tag")["Tags"]
    return {each["TagKey"]: each["TagValue"] for each in found}


def launched(cloud: Cloud, image_id: str) -> str:
    specification = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    (instance_id,) = cloud.do(
        "RunInstances",
        InstanceName="source",
        Placement={"Zone": ZONE, "ProjectId": 0},
        ImageId=image_id,
        InstanceType="S5.MEDIUM4",
        InstanceChargeType="POSTPAID_BY_HOUR",
        SystemDisk={"DiskType": "CLOUD_PREMIUM", "DiskSize": 50},
        DataDisks=DATA_DISKS,
        TagSpecification=[{"ResourceType": "instance", "Tags": specification}],
        ClientToken="terraform-1",
    )["InstanceIdSet"]
    cloud.wait(60)
    return str(instance_id)


def read_instance(cloud: Cloud, instance_id: str) -> dict[str, Any]:
    """Return what the provider compares with the configuration."""
    instance = cloud.instance(instance_id)
    assert instance["SystemDisk"]["ThroughputPerformance"] == 0, "without it, the provider crashes"
    topology = instance["CpuTopology"]  # without it, every plan replaces the instance
    assert topology == {"CoreCount": instance["CPU"] // 2, "ThreadPerCore": 2}
    disks = [{key: disk[key] for key in DATA_DISKS[0]} for disk in instance["DataDisks"]]
    return {
        "state": instance["InstanceState"],
        "name": instance["InstanceName"],
        "zone": instance["Placement"]["Zone"],
        "type": instance["InstanceType"],
        "system": (instance["SystemDisk"]["DiskType"], instance["SystemDisk"]["DiskSize"]),
        "data": disks,
        "tags": tags(cloud, "instance", instance_id),
        "operation": instance["LatestOperationState"],
    }


def test_an_instance_is_read_as_it_was_configured(cloud: Cloud) -> None:
    listed = cloud.do(
        "DescribeImages", Filters=[{"Name": "image-type", "Values": ["PUBLIC_IMAGE"]}]
    )
    (image_id,) = [i["ImageId"] for i in listed["ImageSet"] if i["ImageName"] == UBUNTU]
    instance_id = launched(cloud, image_id)
    configured = {
        "state": "RUNNING",
        "name": "source",
        "zone": ZONE,
        "type": "S5.MEDIUM4",
        "system": ("CLOUD_PREMIUM", 50),
        "data": DATA_DISKS,
        "tags": TAGS,
        "operation": "SUCCESS",
    }
    assert read_instance(cloud, instance_id) == configured
    cloud.wait(86400)
    assert read_instance(cloud, instance_id) == configured, "nothing drifts"
    assert len(_disks(cloud, instance_id)) == 3


def _disks(cloud: Cloud, instance_id: str) -> list[dict[str, Any]]:
    wanted = [{"Name": "instance-id", "Values": [instance_id]}]
    found: list[dict[str, Any]] = cloud.cbs("DescribeDisks", Filters=wanted, Limit=100)["DiskSet"]
    return found


def test_an_image_is_read_as_it_was_configured(cloud: Cloud) -> None:
    made = cloud.do(
        "CreateImage",
        InstanceId="ins-web00001",
        ImageName="app-v1",
        ImageDescription="made by Terraform",
        ForcePoweroff="TRUE",
    )["ImageId"]
    cloud.wait(3600)
    tag(cloud, "image", made)
    (image,) = cloud.do("DescribeImages", ImageIds=[made])["ImageSet"]
    assert (image["ImageName"], image["ImageDescription"], image["ImageState"]) == (
        "app-v1",
        "made by Terraform",
        "NORMAL",
    )
    assert tags(cloud, "image", made) == TAGS


def test_a_disk_and_its_snapshot_are_read_as_they_were_configured(cloud: Cloud) -> None:
    (disk_id,) = cloud.cbs(
        "CreateDisks",
        DiskName="backup",
        DiskType="CLOUD_PREMIUM",
        DiskSize=50,
        DiskChargeType="POSTPAID_BY_HOUR",
        Placement={"Zone": ZONE, "ProjectId": 0},
    )["DiskIdSet"]
    tag(cloud, "volume", disk_id)
    (disk,) = cloud.cbs("DescribeDisks", DiskIds=[disk_id])["DiskSet"]
    assert (disk["DiskName"], disk["DiskType"], disk["DiskSize"], disk["DiskState"]) == (
        "backup",
        "CLOUD_PREMIUM",
        50,
        "UNATTACHED",
    )
    assert tags(cloud, "volume", disk_id) == TAGS
    named = {"DiskId": disk_id, "SnapshotName": "backup-v1"}
    snapshot_id = cloud.cbs("CreateSnapshot", **named)["SnapshotId"]
    tag(cloud, "snapshot", snapshot_id)
    cloud.wait(3600)
    wanted = [{"Name": "snapshot-id", "Values": [snapshot_id]}]
    (snapshot,) = cloud.cbs("DescribeSnapshots", Filters=wanted)["SnapshotSet"]
    assert (snapshot["SnapshotName"], snapshot["DiskId"], snapshot["Percent"]) == (
        "backup-v1",
        disk_id,
        100,
    )
    assert tags(cloud, "snapshot", snapshot_id) == TAGS


def test_all_of_it_is_destroyed(cloud: Cloud) -> None:
    instance_id = launched(cloud, "img-webv1000")
    cloud.do("TerminateInstances", InstanceIds=[instance_id])
    cloud.wait(60)
    assert cloud.do("DescribeInstances", InstanceIds=[instance_id])["TotalCount"] == 0
    assert _disks(cloud, instance_id) == []
