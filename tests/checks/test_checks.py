"""The result of each check for given facts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cvmimg.checks import (
    cleared_paths,
    disks,
    dry_run,
    instance,
    name,
    power,
    quota,
    snapshot_cost,
)
from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import text
from cvmimg.cloud.models import Image, Instance, Snapshot, SnapshotOverview
from cvmimg.command_line import CommandLine
from cvmimg.errors import CloudRefused, CredentialsError
from cvmimg.message import Message

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


def commands(result: CheckResult) -> list[str]:
    return [remedy.params["command"] for remedy in result.remedies if remedy.code == "Command"]


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
    ("changes", "status", "code"),
    [
        ({}, Status.PASS, "InstanceReady"),
        ({"InstanceState": "STOPPED"}, Status.PASS, "InstanceReady"),
        ({"InstanceState": "REBOOTING"}, Status.FAIL, "InstanceInTransition"),
        ({"RestrictState": "EXPIRED"}, Status.FAIL, "InstanceExpired"),
        ({"RestrictState": "PROTECTIVELY_ISOLATED"}, Status.FAIL, "InstanceIsolated"),
        (
            {"LatestOperation": "ResetInstance", "LatestOperationState": "OPERATING"},
            Status.FAIL,
            "OperationInProgress",
        ),
        ({"LatestOperationState": "OPERATING"}, Status.FAIL, "OperationInProgress"),
        ({"LatestOperationState": "FAILED"}, Status.PASS, "InstanceReady"),
        ({"LatestOperationState": None}, Status.PASS, "InstanceReady"),
    ],
)
def test_instance(changes: dict[str, Any], status: Status, code: str) -> None:
    result = instance.check(facts(instance=an_instance(**changes)))
    assert (result.status, result.code) == (status, code)


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
    assert result.summary == Message("QuotaFull", used=10, quota=10, region="ap-guangzhou")
    assert text(result.details[1]) == "img-00000000 'old-0', 2024-01-01, 0 GiB"
    assert commands(result)[0] == "cvmimg delete img-00000000"


@pytest.mark.parametrize("used", [0, 9, 10, 20])
def test_a_quota_that_may_not_be_read_is_a_warning(used: int) -> None:
    result = quota.check(facts(quota=None, images=custom_images(used)))
    assert (result.status, result.code, result.params["used"]) == (
        Status.WARN,
        "QuotaUnknown",
        used,
    )


def test_a_quota_of_nothing_is_full() -> None:
    result = quota.check(facts(quota=0))
    assert (result.status, result.code) == (Status.FAIL, "QuotaFull")
    assert commands(result) == ["cvmimg delete IMAGE --dry-run"]


@pytest.mark.parametrize(
    ("changes", "source", "reason"),
    [
        ({}, PUBLIC, ""),
        ({"CreatedTime": "2018-07-01T00:00:00Z"}, PUBLIC, ""),
        ({"CreatedTime": "2018-06-30T23:59:59Z"}, PUBLIC, "power.too-old"),
        ({"CreatedTime": None}, PUBLIC, "power.age-unknown"),
        ({}, CUSTOM, "power.image-not-public"),
        ({}, None, "power.image-not-found"),
        (
            {"SystemDisk": {"DiskType": "LOCAL_SSD", "DiskSize": 50}},
            PUBLIC,
            "power.local-system-disk",
        ),
    ],
)
def test_power_of_a_running_instance(
    changes: dict[str, Any], source: Image | None, reason: str
) -> None:
    result = power.check(facts(instance=an_instance(**changes), source_image=source))
    assert result.status is (Status.FAIL if reason else Status.PASS)
    if reason:
        assert [detail.code for detail in result.details] == [reason]
        assert commands(result) == ["cvmimg create --instance ins-web00001 --name web-v2 --stop"]


def test_power_is_no_obstacle_once_a_shutdown_is_allowed() -> None:
    request = CheckRequest(instance_id="ins-web00001", name="x", power="stop")
    old = an_instance(CreatedTime="2017-01-01T00:00:00Z")
    assert power.check(facts(request, instance=old)).status is Status.PASS


def test_power_of_a_stopped_instance_depends_on_its_charging() -> None:
    kept = an_instance(InstanceState="STOPPED", StopChargingMode="KEEP_CHARGING")
    saved = an_instance(InstanceState="STOPPED", StopChargingMode="STOP_CHARGING")
    assert power.check(facts(instance=kept)).status is Status.PASS
    refused = power.check(facts(instance=saved))
    assert (refused.status, refused.code) == (Status.FAIL, "PowerStopCharging")
    start, create = commands(refused)
    assert start.startswith("tccli cvm StartInstances --region ap-guangzhou")
    assert create.endswith("--stop")


def test_a_name_is_quoted_in_commands_to_paste() -> None:
    request = CheckRequest(instance_id="ins-web00001", name="a; rm -rf /")
    (command,) = commands(power.check(facts(request, source_image=CUSTOM)))
    assert command == "cvmimg create --instance ins-web00001 --name 'a; rm -rf /' --stop"


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (
            "create --instance ins-web00001 --name x --tag a=b --no-restart",
            "cvmimg create --instance ins-web00001 --name x --tag a=b --no-restart --stop",
        ),
        (
            "-q check --instance ins-web00001 --data-disk disk-data0001",
            "cvmimg -q create --instance ins-web00001 --data-disk disk-data0001 --name NAME --stop",
        ),
        (
            "check --instance ins-web00001 --name=x",
            "cvmimg create --instance ins-web00001 --name=x --stop",
        ),
        (
            "create --instance ins-web00001 --online --name x -y",
            "cvmimg create --instance ins-web00001 --name x -y --stop",
        ),
    ],
)
def test_the_users_own_options_are_repeated_in_commands_to_paste(words: str, command: str) -> None:
    line = CommandLine(words=tuple(words.split()))
    request = CheckRequest(instance_id="ins-web00001", command_line=line)
    assert commands(power.check(facts(request, source_image=CUSTOM))) == [command]


@pytest.mark.parametrize(
    ("chosen", "changes", "problem"),
    [
        ((), {}, ""),
        (("disk-data0001",), {}, ""),
        (("disk-other001",), {}, "DiskNotAttached"),
        (("disk-sys00001",), {}, "DiskIsSystemDisk"),
        (tuple(f"disk-{number:08}" for number in range(21)), {}, "DisksNotReady"),
        (
            ("disk-data0001",),
            {"DataDisks": [{"DiskId": "disk-data0001", "DiskType": "LOCAL_BASIC"}]},
            "DiskIsLocal",
        ),
        (
            (),
            {"DataDisks": [{"DiskId": "disk-data0001", "DiskType": "LOCAL_BASIC"}]},
            "",
        ),
        (
            ("disk-data0001",),
            {"DataDisks": [{"DiskId": "disk-data0001", "DiskType": "CLOUD_SSD", "Encrypt": True}]},
            "DiskEncrypted",
        ),
    ],
)
def test_disks(chosen: tuple[str, ...], changes: dict[str, Any], problem: str) -> None:
    request = CheckRequest(instance_id="ins-web00001", name="x", data_disk_ids=chosen)
    result = disks.check(facts(request, instance=an_instance(**changes)))
    assert result.status is (Status.FAIL if problem else Status.PASS)
    assert not problem or result.code == problem


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
    result = snapshot_cost.check(facts(request, overview=overview))
    assert result.summary == Message("SnapshotCost", gib=250, charged=230.0)
    assert result.details[0].params["free"] == 20.0


def test_cleared_paths_are_those_of_the_operating_system() -> None:
    ubuntu = cleared_paths.check(facts())
    centos = cleared_paths.check(facts(instance=an_instance(OsName="CentOS 7.9 64bit")))
    windows = cleared_paths.check(facts(instance=an_instance(OsName="Windows Server 2022")))
    assert "/home/ubuntu/.bash_history" in ubuntu.params["paths"]
    assert "/home/ubuntu/.bash_history" not in centos.params["paths"]
    assert windows.status is Status.SKIP


def test_a_refused_dry_run_fails_with_the_code_and_the_request() -> None:
    refusal = CloudRefused(Message("no"), code="InvalidImageName.Duplicate", request_id="r-1")
    result = dry_run.check(facts(refusal=refusal))
    assert result.status is Status.FAIL
    assert result.summary == Message("DryRunRefused", error="InvalidImageName.Duplicate")
    assert result.details[0].params["request"] == "r-1"


def test_a_dry_run_that_is_not_permitted_is_a_warning() -> None:
    refusal = CredentialsError(Message("no"), code="UnauthorizedOperation")
    result = dry_run.check(facts(refusal=refusal))
    assert (result.status, result.code) == (Status.WARN, "DryRunNotPermitted")


def test_a_result_survives_the_journal() -> None:
    result = replace(quota.check(facts(images=custom_images(10), replaceable=[])), id="quota")
    assert CheckResult.from_json(json.loads(json.dumps(result.as_json()))) == result
