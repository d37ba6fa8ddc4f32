"""What each check says of given facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cvmimg.checks import disks, instance, name, notices, power, quota
from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.result import Status
from cvmimg.cloud.models import Image, Instance, Snapshot, SnapshotOverview

PUBLIC = Image({"ImageId": "img-public01", "ImageType": "PUBLIC_IMAGE"})
CUSTOM = Image({"ImageId": "img-custom01", "ImageType": "PRIVATE_IMAGE"})


def an_instance(**changes: Any) -> Instance:
    return Instance(
        {
            "InstanceId": "ins-web00001",
            "InstanceState": "RUNNING",
            "RestrictState": "NORMAL",
            "OsName": "Ubuntu Server 22.04 LTS 64bit",
            "CreatedTime": "2024-03-01T00:00:00Z",
            "SystemDisk": {"DiskId": "disk-sys00001", "DiskType": "CLOUD_BSSD", "DiskSize": 50},
            "DataDisks": [
                {"DiskId": "disk-data0001", "DiskType": "CLOUD_SSD", "DiskSize": 200},
            ],
            **changes,
        }
    )


def facts(request: CheckRequest | None = None, **changes: Any) -> Facts:
    wanted = request or CheckRequest(instance_id="ins-web00001", name="web-v2")
    usual = Facts(
        wanted, "ap-guangzhou", instance=an_instance(), source_image=PUBLIC, images=[], quota=10
    )
    return replace(usual, **changes)


def custom_images(count: int) -> list[Image]:
    return [
        Image(
            {
                "ImageId": f"img-{number:08}",
                "ImageName": f"old-{number}",
                "CreatedTime": f"2024-01-{number + 1:02}T00:00:00Z",
            }
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({}, Status.PASS, "RUNNING"),
        ({"InstanceState": "STOPPED"}, Status.PASS, "STOPPED"),
        ({"InstanceState": "REBOOTING"}, Status.FAIL, "REBOOTING"),
        ({"RestrictState": "EXPIRED"}, Status.FAIL, "has expired"),
        ({"RestrictState": "PROTECTIVELY_ISOLATED"}, Status.FAIL, "isolated"),
        (
            {"LatestOperation": "ResetInstance", "LatestOperationState": "OPERATING"},
            Status.FAIL,
            "ResetInstance is in progress",
        ),
        ({"LatestOperationState": "FAILED"}, Status.PASS, "RUNNING"),
        ({"LatestOperationState": None}, Status.PASS, "RUNNING"),
    ],
)
def test_instance(changes: dict[str, Any], status: Status, words: str) -> None:
    result = instance.check(facts(instance=an_instance(**changes)))
    assert (result.status, words in result.summary) == (status, True)


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ("web-v2", Status.PASS),
        ("x" * 60, Status.PASS),
        ("x" * 61, Status.FAIL),
        ("", Status.FAIL),
        ("old-1", Status.FAIL),
        ("old", Status.PASS),  # only part of a name that exists
        ("OLD-1", Status.PASS),
        (None, Status.SKIP),
    ],
)
def test_name(wanted: str | None, status: Status) -> None:
    request = CheckRequest(instance_id="ins-web00001", name=wanted)
    assert name.check(facts(request, images=custom_images(3))).status is status


def test_quota_names_the_oldest_and_what_frees_a_place() -> None:
    images = custom_images(10)
    result = quota.check(facts(images=images, replaceable=images[:3]))
    assert result.status is Status.FAIL
    assert result.summary == "10 of 10 custom images used in ap-guangzhou"
    assert result.detail.splitlines()[1] == "img-00000000 'old-0', 2024-01-01, 0 GiB"
    assert "cvmimg delete img-00000000" in result.remedy


def test_quota_is_taken_as_ten_where_the_api_does_not_say() -> None:
    assert quota.check(facts(quota=None, images=custom_images(9))).status is Status.PASS
    assert quota.check(facts(quota=None, images=custom_images(10))).status is Status.FAIL
    assert quota.check(facts(quota=0)).status is Status.FAIL


@pytest.mark.parametrize(
    ("changes", "source", "reason"),
    [
        ({}, PUBLIC, ""),
        ({"CreatedTime": "2018-07-01T00:00:00Z"}, PUBLIC, ""),
        ({"CreatedTime": "2018-06-30T23:59:59Z"}, PUBLIC, "made before 2018-07-01 (2018-06-30)"),
        ({"CreatedTime": None}, PUBLIC, "made before"),
        ({}, CUSTOM, "img-custom01, which is no public image"),
        ({}, None, "cannot be seen any more"),
        (
            {"SystemDisk": {"DiskType": "LOCAL_SSD", "DiskSize": 50}},
            PUBLIC,
            "its system disk is no cloud disk (LOCAL_SSD)",
        ),
    ],
)
def test_power_of_a_running_instance(
    changes: dict[str, Any], source: Image | None, reason: str
) -> None:
    result = power.check(facts(instance=an_instance(**changes), source_image=source))
    assert result.status is (Status.FAIL if reason else Status.PASS)
    assert reason in result.detail
    if reason:
        assert "cvmimg create --instance ins-web00001 --name web-v2 --stop" in result.remedy


def test_power_is_no_obstacle_once_a_shutdown_is_allowed() -> None:
    request = CheckRequest(instance_id="ins-web00001", name="x", power="stop")
    old = an_instance(CreatedTime="2017-01-01T00:00:00Z")
    assert power.check(facts(request, instance=old)).status is Status.PASS


def test_power_of_a_stopped_instance_depends_on_its_charging() -> None:
    kept = an_instance(InstanceState="STOPPED", StopChargingMode="KEEP_CHARGING")
    saved = an_instance(InstanceState="STOPPED", StopChargingMode="STOP_CHARGING")
    assert power.check(facts(instance=kept)).status is Status.PASS
    refused = power.check(facts(instance=saved))
    assert refused.status is Status.FAIL
    assert "StartInstances" in refused.remedy
    assert "--stop" in refused.remedy


def test_a_name_is_quoted_in_commands_to_paste() -> None:
    request = CheckRequest(instance_id="ins-web00001", name="a; rm -rf /")
    result = power.check(facts(request, source_image=CUSTOM))
    assert "--name 'a; rm -rf /' --stop" in result.remedy


@pytest.mark.parametrize(
    ("chosen", "changes", "problem"),
    [
        ((), {}, ""),
        (("disk-data0001",), {}, ""),
        (("disk-other001",), {}, "disk-other001 is not attached to ins-web00001"),
        (("disk-sys00001",), {}, "is the system disk"),
        (
            ("disk-data0001",),
            {"DataDisks": [{"DiskId": "disk-data0001", "DiskType": "LOCAL_BASIC"}]},
            "is a local disk",
        ),
        (
            (),
            {"DataDisks": [{"DiskId": "disk-data0001", "DiskType": "LOCAL_BASIC"}]},
            "",
        ),
        (
            ("disk-data0001",),
            {"DataDisks": [{"DiskId": "disk-data0001", "DiskType": "CLOUD_SSD", "Encrypt": True}]},
            "is encrypted",
        ),
    ],
)
def test_disks(chosen: tuple[str, ...], changes: dict[str, Any], problem: str) -> None:
    request = CheckRequest(instance_id="ins-web00001", name="x", data_disk_ids=chosen)
    result = disks.check(facts(request, instance=an_instance(**changes)))
    assert result.status is (Status.FAIL if problem else Status.PASS)
    assert problem in result.summary


@pytest.mark.parametrize(
    ("disk", "status"), [("disk-sys00001", Status.FAIL), ("disk-data0001", Status.PASS)]
)
def test_disks_wait_for_snapshots_only_where_they_concern(disk: str, status: Status) -> None:
    making = Snapshot(
        {"SnapshotId": "snap-1", "DiskId": disk, "SnapshotState": "CREATING", "Percent": 30}
    )
    assert disks.check(facts(snapshots=[making])).status is status


def test_cost_counts_chosen_disks_and_what_is_free() -> None:
    overview = SnapshotOverview({"TotalSize": 30.0, "FreeQuota": 50.0})
    request = CheckRequest(instance_id="ins-web00001", name="x", with_data_disks=True)
    told = notices.snapshot_cost(facts(request, overview=overview))
    assert told.summary == (
        "the image keeps snapshots of up to 250 GiB, of which up to 230 GiB will be charged"
    )


def test_cleared_paths_are_those_of_the_operating_system() -> None:
    ubuntu = notices.cleared_paths(facts())
    centos = notices.cleared_paths(facts(instance=an_instance(OsName="CentOS 7.9 64bit")))
    windows = notices.cleared_paths(facts(instance=an_instance(OsName="Windows Server 2022")))
    assert "/home/ubuntu/.bash_history" in ubuntu.summary
    assert "/home/ubuntu" not in centos.summary
    assert windows.status is Status.SKIP
