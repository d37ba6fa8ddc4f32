from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.cloud import START, Cloud

DISK = "disk-data0001"


def take(cloud: Cloud, **params: Any) -> str:
    return str(cloud.cbs("CreateSnapshot", **{"DiskId": DISK, **params})["SnapshotId"])


def refused(cloud: Cloud, action: str, **params: Any) -> str:
    return cloud.refusal(action, service="cbs", **params)


def disks(cloud: Cloud, **filters: str) -> list[str]:
    asked = [{"Name": name.replace("_", "-"), "Values": [v]} for name, v in filters.items()]
    return sorted(each["DiskId"] for each in cloud.cbs("DescribeDisks", Filters=asked)["DiskSet"])


def snapshots(cloud: Cloud, **filters: str) -> list[str]:
    asked = [{"Name": name.replace("_", "-"), "Values": [v]} for name, v in filters.items()]
    found = cloud.cbs("DescribeSnapshots", Filters=asked)["SnapshotSet"]
    return [each["SnapshotId"] for each in found]


class TestDisks:
    def test_filters(self, cloud: Cloud) -> None:
        system = cloud.instance("ins-data0001")["SystemDisk"]["DiskId"]
        address = cloud.instance("ins-data0001")["PrivateIpAddresses"][0]
        both = sorted([DISK, system])
        assert disks(cloud, instance_id="ins-data0001") == both
        assert disks(cloud, instance_id="ins-data0001", disk_usage="DATA_DISK") == [DISK]
        assert disks(cloud, instance_name="data-1") == both
        assert disks(cloud, instance_ip_address=address) == both
        assert disks(cloud, disk_id=DISK, disk_state="ATTACHED") == [DISK]
        assert disks(cloud, disk_id=DISK, portable="FALSE") == []
        assert len(disks(cloud, disk_usage="DATA_DISK")) == 3

    def test_local_disks_are_not_listed(self, cloud: Cloud) -> None:
        local = cloud.instance("ins-locl0001")["SystemDisk"]["DiskId"]
        assert cloud.cbs("DescribeDisks", DiskIds=[local])["TotalCount"] == 0
        assert disks(cloud, instance_id="ins-locl0001") == []
        assert refused(cloud, "CreateSnapshot", DiskId=local) == "InvalidDiskId.NotFound"
        assert cloud.cbs("DescribeDisks", Limit=100)["TotalCount"] == 13

    def test_sort_order(self, cloud: Cloud) -> None:
        newest, oldest = (
            [each["CreateTime"] for each in cloud.cbs("DescribeDisks", Order=order)["DiskSet"]]
            for order in ("DESC", "ASC")
        )
        assert newest == sorted(newest, reverse=True)
        assert oldest == sorted(newest)

    def test_an_unknown_filter_is_refused(self, cloud: Cloud) -> None:
        asked = [{"Name": "color", "Values": ["red"]}]
        assert refused(cloud, "DescribeDisks", Filters=asked) == "InvalidFilter"


class TestSnapshots:
    def test_duration_depends_on_the_size(self, cloud: Cloud) -> None:
        taken = take(cloud, SnapshotName="before", Tags=[{"Key": "k", "Value": "v"}])
        shown = cloud.snapshot(taken)
        assert (shown["SnapshotState"], shown["Percent"]) == ("CREATING", 0)
        assert (shown["SnapshotName"], shown["Tags"]) == ("before", [{"Key": "k", "Value": "v"}])
        cloud.wait(30 + 200 * 6)
        shown = cloud.snapshot(taken)
        assert (shown["SnapshotState"], shown["Percent"], shown["DiskSize"]) == ("NORMAL", 100, 200)

    def test_times_are_in_china_time(self, cloud: Cloud) -> None:
        assert START == 1_795_400_000
        assert cloud.snapshot(take(cloud))["CreateTime"] == "2026-11-23 10:13:20"

    def test_only_one_snapshot_of_a_disk_at_a_time(self, cloud: Cloud) -> None:
        take(cloud)
        assert refused(cloud, "CreateSnapshot", DiskId=DISK) == "InvalidDisk.SnapshotCreating"

    def test_filters(self, cloud: Cloud) -> None:
        taken = take(cloud, SnapshotName="mine")
        assert snapshots(cloud, disk_id=DISK) == [taken]
        assert snapshots(cloud, snapshot_name="mine", snapshot_state="CREATING") == [taken]
        assert snapshots(cloud, snapshot_id=taken, snapshot_state="NORMAL") == []
        assert snapshots(cloud, disk_usage="DATA_DISK", encrypt="false") == [taken]
        assert taken in snapshots(cloud, snapshot_type="PRIVATE_SNAPSHOT", project_id="0")
        assert cloud.cbs("DescribeSnapshots")["SnapshotSet"][0]["SnapshotId"] == taken

    def test_a_system_disk_snapshot_can_be_marked_as_data_disk(self, cloud: Cloud) -> None:
        system = cloud.instance("ins-web00001")["SystemDisk"]["DiskId"]
        taken = take(cloud, DiskId=system, DiskUsage="DATA_DISK")
        assert cloud.snapshot(taken)["DiskUsage"] == "DATA_DISK"

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ({"DiskId": "disk-none0001"}, "InvalidDiskId.NotFound"),
            ({"DiskId": None}, "MissingParameter"),
            ({"LocalSnap": True}, "ResourceUnavailable.NotSupported"),
            ({"Deadline": "soon"}, "InvalidParameterValue"),
            ({"Deadline": "9999-12-31T23:59:59+00:00"}, "InvalidParameterValue"),
            ({"Deadline": "2026-11-23T08:00:00+00:00"}, "InvalidParameterValue"),
            ({"Deadline": "2027-11-23T08:00:00+00:00"}, "ok"),
        ],
    )
    def test_invalid_requests_are_refused(
        self, cloud: Cloud, asked: dict[str, Any], code: str
    ) -> None:
        assert refused(cloud, "CreateSnapshot", **{"DiskId": DISK, **asked}) == code

    def test_the_quota_is_enforced(self) -> None:
        cloud = Cloud(world={"snapshot_quota": 1, "regions": {"ap-guangzhou": {"instances": [
            {"id": "ins-app00001", "data_disks": [{"id": "disk-app00001"}]},
        ]}}})  # fmt: skip
        with cloud.sandbox:
            take(cloud, DiskId="disk-app00001")
            cloud.wait(3600)
            assert refused(cloud, "CreateSnapshot", DiskId="disk-app00001") == (
                "InsufficientSnapshotQuota"
            )

    def test_a_failed_snapshot_disappears(self, cloud: Cloud) -> None:
        cloud.sandbox.faults.add("CreateSnapshot:task-fail:times=1")
        taken = take(cloud)
        cloud.wait(60)
        assert cloud.snapshot(taken)["SnapshotState"] == "CREATING"
        cloud.wait(3600)
        assert cloud.snapshot(taken) is None
        take(cloud)


class TestDeleting:
    def test_deletion_takes_some_seconds(self, cloud: Cloud) -> None:
        taken = take(cloud)
        assert refused(cloud, "DeleteSnapshots", SnapshotIds=[taken]) == (
            "ResourceUnavailable.SnapshotCreating"
        )
        cloud.wait(3600)
        cloud.cbs("DeleteSnapshots", SnapshotIds=[taken])
        assert cloud.snapshot(taken) is not None
        cloud.wait(5)
        assert cloud.snapshot(taken) is None
        assert refused(cloud, "DeleteSnapshots", SnapshotIds=[taken]) == (
            "InvalidSnapshotId.NotFound"
        )

    def test_a_snapshot_used_by_an_image_is_not_deleted(self, cloud: Cloud) -> None:
        held = cloud.image("img-webv1000")["SnapshotSet"][0]["SnapshotId"]
        assert refused(cloud, "DeleteSnapshots", SnapshotIds=[held]) == (
            "UnsupportedOperation.SnapshotHasBindedImage"
        )
        cloud.cbs("DeleteSnapshots", SnapshotIds=[held], DeleteBindImages=True)
        cloud.wait(10)
        assert cloud.snapshot(held) is cloud.image("img-webv1000") is None

    def test_a_snapshot_of_a_shared_image_is_not_deleted(self, cloud: Cloud) -> None:
        held = cloud.image("img-webv1000")["SnapshotSet"][0]["SnapshotId"]
        cloud.do("ModifyImageSharePermission", ImageId="img-webv1000", Permission="SHARE",
                 AccountIds=["100000000002"])  # fmt: skip
        request = {"SnapshotIds": [held], "DeleteBindImages": True}
        assert refused(cloud, "DeleteSnapshots", **request) == "ResourceBusy"

    def test_deletion_is_all_or_nothing(self, cloud: Cloud) -> None:
        taken = take(cloud)
        cloud.wait(3600)
        request = {"SnapshotIds": [taken, "snap-none0001"]}
        assert refused(cloud, "DeleteSnapshots", **request) == "InvalidSnapshotId.NotFound"
        cloud.wait(60)
        assert cloud.snapshot(taken) is not None


def test_the_overview_includes_the_charged_size(cloud: Cloud) -> None:
    before = cloud.cbs("DescribeSnapshotOverview")
    take(cloud)
    after = cloud.cbs("DescribeSnapshotOverview")
    assert after["TotalSize"] - before["TotalSize"] == 200
    assert after["RealTradeSize"] == after["TotalSize"] - after["FreeQuota"]
    assert after["TotalNums"] == before["TotalNums"] + 1
