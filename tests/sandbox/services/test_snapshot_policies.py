"""Auto snapshot policies make snapshots as the clock advances."""

from __future__ import annotations

from typing import Any

import pytest

from cvmimg.sandbox.world.demo import WORLD
from tests.sandbox.cloud import Cloud

DAY = 86400
DISK = "disk-data0001"
UNTIL_THREE = 60_400
"""Seconds until 3 o'clock in China, when the policies make snapshots."""
EVERY_DAY = list(range(7))


def policy(cloud: Cloud, *disks: str, hours: tuple[int, ...] = (3,), **params: Any) -> str:
    """Create a policy for each day, and bind disks to it."""
    schedule = [{"Hour": list(hours), "DayOfWeek": EVERY_DAY}]
    named = {"AutoSnapshotPolicyName": "nightly", "Policy": schedule, **params}
    made = str(cloud.cbs("CreateAutoSnapshotPolicy", **named)["AutoSnapshotPolicyId"])
    if disks:
        cloud.cbs("BindAutoSnapshotPolicy", AutoSnapshotPolicyId=made, DiskIds=list(disks))
    return made


def snapshots_of_disk(cloud: Cloud) -> list[dict[str, Any]]:
    """Return the snapshots of the disk, newest first."""
    wanted = [{"Name": "disk-id", "Values": [DISK]}]
    found: list[dict[str, Any]] = cloud.cbs("DescribeSnapshots", Filters=wanted)["SnapshotSet"]
    return found


def times(cloud: Cloud, disk: str = DISK) -> list[str]:
    """Return when the policy's snapshots of a disk were made, newest first."""
    wanted = [{"Name": "snapshot-name", "Values": [f"auto_{disk}"]}]
    found = cloud.cbs("DescribeSnapshots", Filters=wanted, Limit=100)["SnapshotSet"]
    return [snapshot["CreateTime"] for snapshot in found]


def test_a_policy_makes_a_snapshot_at_each_trigger(cloud: Cloud) -> None:
    made = policy(cloud, DISK, hours=(3, 15))
    assert times(cloud) == []
    cloud.wait(DAY)
    assert times(cloud) == ["2026-11-24 03:00:00", "2026-11-23 15:00:00"]
    newest, *_ = cloud.cbs("DescribeSnapshots")["SnapshotSet"]
    assert newest["AutoSnapshotPolicyId"] == made


def test_its_snapshots_expire(cloud: Cloud) -> None:
    policy(cloud, DISK, RetentionDays=2)
    cloud.wait(10 * DAY)
    assert times(cloud) == ["2026-12-03 03:00:00", "2026-12-02 03:00:00"]
    newest, _ = snapshots_of_disk(cloud)
    assert newest["DeadlineTime"] == "2026-12-05 03:00:00"
    assert not newest["IsPermanent"]


def test_permanent_snapshots_stay(cloud: Cloud) -> None:
    policy(cloud, DISK, IsPermanent=True)
    cloud.wait(10 * DAY)
    assert len(times(cloud)) == 10


def test_a_snapshot_takes_its_time(cloud: Cloud) -> None:
    policy(cloud, DISK)
    cloud.wait(UNTIL_THREE + 60)
    (snapshot,) = snapshots_of_disk(cloud)
    assert snapshot["SnapshotState"] == "CREATING"
    cloud.wait(3600)
    assert cloud.snapshot(snapshot["SnapshotId"])["SnapshotState"] == "NORMAL"


def test_only_bound_disks_of_an_active_policy(cloud: Cloud) -> None:
    made = {"AutoSnapshotPolicyId": policy(cloud, DISK, "disk-nofl0001")}
    cloud.cbs("UnbindAutoSnapshotPolicy", **made, DiskIds=["disk-nofl0001"])
    cloud.wait(DAY)
    assert (len(times(cloud)), times(cloud, "disk-nofl0001")) == (1, [])
    cloud.cbs("ModifyAutoSnapshotPolicyAttribute", **made, IsActivated=False)
    cloud.wait(DAY)
    assert len(times(cloud)) == 1
    cloud.cbs("ModifyAutoSnapshotPolicyAttribute", **made, IsActivated=True)
    cloud.wait(DAY)
    assert len(times(cloud)) == 2
    cloud.cbs("DeleteAutoSnapshotPolicies", AutoSnapshotPolicyIds=list(made.values()))
    cloud.wait(DAY)
    assert len(times(cloud)) == 2


def test_a_busy_disk_is_omitted(cloud: Cloud) -> None:
    policy(cloud, DISK)
    cloud.wait(UNTIL_THREE - 60)
    cloud.cbs("CreateSnapshot", DiskId=DISK, SnapshotName="mine")
    cloud.wait(DAY)
    assert times(cloud) == []
    cloud.wait(DAY)
    assert times(cloud) == ["2026-11-25 03:00:00"]


@pytest.mark.parametrize("days", [365, 36_500])
def test_a_long_absence_makes_only_what_would_still_exist(cloud: Cloud, days: int) -> None:
    policy(cloud, DISK, hours=tuple(range(24)), RetentionDays=1)
    cloud.wait(days * DAY)
    assert len(times(cloud)) == 24


def test_the_quota_is_kept() -> None:
    cloud = Cloud(world={**WORLD, "snapshot_quota": 40})
    with cloud.sandbox:
        policy(cloud, DISK, IsPermanent=True)
        cloud.wait(10_000 * DAY)
        assert cloud.cbs("DescribeSnapshots")["TotalCount"] == 40


def test_an_exported_state_holds_what_happened_by_itself(cloud: Cloud) -> None:
    policy(cloud, DISK)
    cloud.wait(DAY)
    documents = cloud.sandbox.export()["documents"]
    assert f"auto_{DISK}" in [each.get("Name") for each in documents]
