"""cbs: creating, attaching, changing and terminating disks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.cloud import Cloud

ZONE = "ap-guangzhou-7"
DISK: dict[str, Any] = {
    "Placement": {"Zone": ZONE},
    "DiskType": "CLOUD_PREMIUM",
    "DiskChargeType": "POSTPAID_BY_HOUR",
}
INSTANCE = "ins-web00001"


def create(cloud: Cloud, **params: Any) -> str:
    return str(cloud.cbs("CreateDisks", **{**DISK, "DiskSize": 100, **params})["DiskIdSet"][0])


def refused(cloud: Cloud, action: str, **params: Any) -> str:
    return cloud.refusal(action, service="cbs", **params)


def disk(cloud: Cloud, identifier: str) -> Any:
    return next(iter(cloud.cbs("DescribeDisks", DiskIds=[identifier])["DiskSet"]), None)


def data_disks(cloud: Cloud, instance: str = INSTANCE) -> list[str]:
    return [each["DiskId"] for each in cloud.instance(instance)["DataDisks"]]


def test_a_new_disk_is_unattached(cloud: Cloud) -> None:
    made = create(cloud, DiskName="logs", Tags=[{"Key": "k", "Value": "v"}])
    found = disk(cloud, made)
    assert (found["DiskState"], found["DiskName"], found["DiskSize"]) == ("UNATTACHED", "logs", 100)
    assert (found["Attached"], found["InstanceId"], found["IsReturnable"]) == (False, "", True)
    assert found["Tags"] == [{"Key": "k", "Value": "v"}]


def test_a_client_token_makes_creation_idempotent(cloud: Cloud) -> None:
    assert create(cloud, ClientToken="once") == create(cloud, ClientToken="once")
    assert create(cloud) != create(cloud)


def test_a_disk_can_be_created_from_a_snapshot(cloud: Cloud) -> None:
    snapshot = cloud.cbs("CreateSnapshot", DiskId="disk-data0001")["SnapshotId"]
    unfinished = {**DISK, "SnapshotId": snapshot}
    assert refused(cloud, "CreateDisks", **unfinished) == "InvalidSnapshotId.NotFound"
    cloud.wait(3600)
    (made,) = cloud.cbs("CreateDisks", **DISK, SnapshotId=snapshot)["DiskIdSet"]
    assert disk(cloud, made)["DiskSize"] == 200
    too_small = {**DISK, "SnapshotId": snapshot, "DiskSize": 100}
    assert refused(cloud, "CreateDisks", **too_small) == "InvalidParameterValue"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "MissingParameter"),
        ({"DiskSize": 5}, "InvalidParameterValue"),
        ({"DiskSize": 100, "DiskType": "CLOUD_WISH"}, "InvalidParameterValue"),
        ({"DiskSize": 100, "Placement": {"Zone": "ap-beijing-3"}}, "InvalidParameterValue"),
        ({"DiskSize": 100, "DiskChargeType": "WISH"}, "InvalidParameterValue"),
        ({"SnapshotId": "snap-none0001"}, "InvalidSnapshotId.NotFound"),
    ],
)
def test_invalid_disks_are_refused(cloud: Cloud, params: dict[str, Any], code: str) -> None:
    assert refused(cloud, "CreateDisks", **{**DISK, **params}) == code


def test_a_disk_is_attached_and_detached(cloud: Cloud) -> None:
    made = create(cloud)
    cloud.cbs("AttachDisks", InstanceId=INSTANCE, DiskIds=[made])
    assert disk(cloud, made)["DiskState"] == "ATTACHING"
    assert refused(cloud, "DetachDisks", DiskIds=[made]) == "ResourceBusy"
    cloud.wait(5)
    assert disk(cloud, made)["DiskState"] == "ATTACHED"
    assert data_disks(cloud) == [made]
    again = {"InstanceId": INSTANCE, "DiskIds": [made]}
    assert refused(cloud, "AttachDisks", **again) == "ResourceUnavailable.Attached"
    attached = refused(cloud, "TerminateDisks", DiskIds=[made])
    assert attached == "ResourceUnavailable.NotSupportRefund"
    cloud.cbs("DetachDisks", DiskIds=[made])
    assert disk(cloud, made)["DiskState"] == "DETACHING"
    cloud.wait(5)
    assert disk(cloud, made)["DiskState"] == "UNATTACHED"
    assert data_disks(cloud) == []
    cloud.cbs("TerminateDisks", DiskIds=[made])
    cloud.wait(5)
    assert disk(cloud, made) is None


def test_an_image_contains_an_attached_disk(cloud: Cloud) -> None:
    made = create(cloud)
    cloud.cbs("AttachDisks", InstanceId=INSTANCE, DiskIds=[made])
    cloud.wait(5)
    image = cloud.created("whole", INSTANCE, DataDiskIds=[made])
    usages = {each["DiskUsage"] for each in cloud.image(image)["SnapshotSet"]}
    assert usages == {"SYSTEM_DISK", "DATA_DISK"}


def test_disks_must_be_in_the_zone_of_the_instance(cloud: Cloud) -> None:
    made = create(cloud, Placement={"Zone": "ap-guangzhou-3"})
    elsewhere = {"InstanceId": INSTANCE, "DiskIds": [made]}
    assert refused(cloud, "AttachDisks", **elsewhere) == "ResourceUnavailable.ZoneNotMatch"


def test_system_disks_and_foreign_disks_cannot_be_detached(cloud: Cloud) -> None:
    system = cloud.instance(INSTANCE)["SystemDisk"]["DiskId"]
    assert refused(cloud, "DetachDisks", DiskIds=[system]) == "InvalidDisk.NotPortable"
    other = {"DiskIds": ["disk-data0001"], "InstanceId": INSTANCE}
    assert refused(cloud, "DetachDisks", **other) == "InvalidDisk.NotSupported"


def test_a_disk_grows_and_never_shrinks(cloud: Cloud) -> None:
    data = {"DiskId": "disk-data0001"}
    assert refused(cloud, "ResizeDisk", **data, DiskSize=200) == "InvalidParameterValue"
    cloud.cbs("ResizeDisk", **data, DiskSize=300)
    assert disk(cloud, "disk-data0001")["DiskSize"] == 300
    assert cloud.instance("ins-data0001")["DataDisks"][0]["DiskSize"] == 300


def test_attributes_of_disks_can_be_changed(cloud: Cloud) -> None:
    change = {"DiskName": "renamed", "DeleteWithInstance": False}
    cloud.cbs("ModifyDiskAttributes", DiskIds=["disk-data0001"], **change)
    assert disk(cloud, "disk-data0001")["DiskName"] == "renamed"
    assert cloud.instance("ins-data0001")["DataDisks"][0]["DeleteWithInstance"] is False


def test_attributes_of_snapshots_can_be_changed(cloud: Cloud) -> None:
    made = cloud.cbs("CreateSnapshot", DiskId="disk-data0001")["SnapshotId"]
    deadline = "2026-12-01T00:00:00+00:00"
    cloud.cbs("ModifySnapshotAttribute", SnapshotId=made, SnapshotName="n", Deadline=deadline)
    found = cloud.snapshot(made)
    assert (found["SnapshotName"], found["IsPermanent"]) == ("n", False)
    cloud.cbs("ModifySnapshotAttribute", SnapshotId=made, IsPermanent=True)
    assert cloud.snapshot(made)["IsPermanent"]


def test_the_offered_disk_types_are_listed(cloud: Cloud) -> None:
    wanted = {"InquiryType": "INQUIRY_CBS_CONFIG", "DiskTypes": ["CLOUD_SSD"], "Zones": [ZONE]}
    found = cloud.cbs("DescribeDiskConfigQuota", **wanted, DiskUsage="DATA_DISK")["DiskConfigSet"]
    assert {each["DiskChargeType"] for each in found} == {"PREPAID", "POSTPAID_BY_HOUR"}
    assert {(each["MinDiskSize"], each["MaxDiskSize"]) for each in found} == {(20, 32000)}
