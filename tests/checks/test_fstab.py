"""What the check ``fstab`` says, from a guest's root folder to the words for the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.fstab import FstabCheck
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud.models import Instance
from cvmimg.errors import PreconditionFailed
from cvmimg.guest.access import AccessMethod
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.script import Script, ScriptOutput
from cvmimg.guest.ssh import SshTarget
from tests.guest import rootfs
from tests.guest.rootfs import ShellAccess


def facts(request: CheckRequest | None = None, **changes: Any) -> Facts:
    instance = Instance(
        {
            "InstanceId": "ins-data0001",
            "InstanceState": "RUNNING",
            "OsName": "Ubuntu Server 22.04 LTS 64bit",
            "SystemDisk": {"DiskId": "disk-system01", "DiskSize": 50},
            "DataDisks": [{"DiskId": "disk-data0001", "DiskSize": 200}],
            "VirtualPrivateCloud": {"VpcId": "vpc-1"},
            **changes,
        }
    )
    wanted = request or CheckRequest(instance_id="ins-data0001", name="web-v2")
    return Facts(wanted, "ap-guangzhou", instance=instance)


def checked(folder: Path, fstab: bytes, given: Facts | None = None) -> CheckResult:
    return FstabCheck(ShellAccess(rootfs.make(folder, fstab))).check(given or facts())


class Blocked:
    """An access that leads nowhere."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason

    def run(
        self, script: Script, parameters: Mapping[str, str], *, timeout_seconds: int = 60
    ) -> ScriptOutput:
        raise GuestUnreachable("nobody answers", self.reason)


ROOT = b"UUID=4c1e7bd2-root / ext4 defaults 0 1\n"


def test_a_data_disk_is_named_with_line_device_and_cloud_disk(tmp_path: Path) -> None:
    result = checked(tmp_path, ROOT + b"UUID=9d9d-data /data ext4 defaults 0 2\n")
    assert result.status is Status.FAIL
    assert result.summary == "1 line of /etc/fstab would keep new instances from booting"
    assert result.detail == (
        "line 2: UUID=9d9d-data /data ext4 → /dev/vdb1 → disk-data0001 (200 GiB):"
        " lies on a data disk that a new instance lacks"
    )
    assert "cvmimg create --instance ins-data0001 --name web-v2 --fix-fstab" in result.remedy


def test_nofail_is_a_warning(tmp_path: Path) -> None:
    result = checked(tmp_path, ROOT + b"UUID=9d9d-data /data ext4 nofail 0 2\n")
    assert result.status is Status.WARN
    assert result.summary == "new instances boot, but 1 line of /etc/fstab deserves a look"


def test_a_clean_file_passes(tmp_path: Path) -> None:
    assert checked(tmp_path, ROOT).status is Status.PASS


def test_a_data_disk_that_comes_along_passes(tmp_path: Path) -> None:
    request = CheckRequest(instance_id="ins-data0001", name="x", with_data_disks=True)
    fstab = ROOT + b"UUID=9d9d-data /data ext4 defaults 0 2\n"
    assert checked(tmp_path, fstab, facts(request)).status is Status.PASS


@pytest.mark.parametrize(
    ("reason", "way"),
    [
        (Reason.AGENT_OFFLINE, "tat_agent"),
        (Reason.AGENT_MISSING, "tat_agent"),
        (Reason.TIMEOUT, "--guest ssh --ssh-host HOST"),
    ],
)
def test_where_it_cannot_look_it_fails_with_a_data_disk_and_says_the_ways_on(
    reason: Reason, way: str
) -> None:
    result = FstabCheck(Blocked(reason)).check(facts())
    assert result.status is Status.FAIL
    assert "disk-data0001 (200 GiB)" in result.summary
    assert result.detail == "nobody answers"
    assert way in result.remedy
    assert "--fstab-file PATH" in result.remedy
    assert "--skip-check fstab" in result.remedy


def test_where_it_cannot_look_it_warns_without_a_data_disk() -> None:
    result = FstabCheck(Blocked(Reason.AGENT_OFFLINE)).check(facts(DataDisks=[]))
    assert result.status is Status.WARN


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"InstanceState": "STOPPED"}, "is not running"),
        ({"VirtualPrivateCloud": {}}, "is not in a VPC"),
    ],
)
def test_it_does_not_try_where_the_agent_cannot_work(changes: dict[str, Any], why: str) -> None:
    check = FstabCheck(ShellAccess(Path()))
    result = check.check(facts(**changes))
    assert result.status is Status.FAIL
    assert why in result.detail
    assert check.plan_fix("op-1") is None


def test_ssh_works_without_a_vpc(tmp_path: Path) -> None:
    check = FstabCheck(ShellAccess(rootfs.make(tmp_path, ROOT)), AccessMethod(ssh=SshTarget("h")))
    assert check.check(facts(VirtualPrivateCloud={})).status is Status.PASS


def test_windows_and_snapshots_are_not_applicable() -> None:
    check = FstabCheck(Blocked(Reason.TIMEOUT))
    windows = check.check(facts(OsName="Windows Server 2022"))
    assert (windows.status, "not applicable" in windows.summary) == (Status.SKIP, True)
    assert check.check(replace(facts(), instance=None)).status is Status.SKIP


def test_a_copy_of_the_file_is_judged_but_cannot_be_fixed() -> None:
    check = FstabCheck(
        Blocked(Reason.COPY),
        AccessMethod(fstab_copy=ROOT + b"/dev/vdb1 /data ext4 defaults 0 2\n"),
    )
    result = check.check(facts())
    assert result.status is Status.FAIL
    assert "line 2" in result.detail
    with pytest.raises(PreconditionFailed, match="needs a way into the instance"):
        check.plan_fix("op-1")


def test_the_root_is_never_taken_out(tmp_path: Path) -> None:
    fstab = b"/dev/disk/by-id/virtio-disk-system01 / ext4 defaults 0 1\n"
    check = FstabCheck(ShellAccess(rootfs.make(tmp_path, fstab)))
    assert check.check(facts()).status is Status.FAIL
    with pytest.raises(PreconditionFailed, match="line 1 mounts /"):
        check.plan_fix("op-1")


def test_hostile_lines_are_shown_escaped(tmp_path: Path) -> None:
    result = checked(tmp_path, b"\x1b[31m$(reboot)\xff /x ext4 defaults 0 0\n")
    assert "\\x1b[31m$(reboot)\\xff /x ext4" in result.detail
    assert result.detail.isprintable()


def test_a_guest_that_answers_nonsense_is_not_believed() -> None:
    class Nonsense(Blocked):
        def run(self, *_: Any, **__: Any) -> ScriptOutput:
            return ScriptOutput(127, b"sh: inspect: not found\x1b[2J")

    result = FstabCheck(Nonsense(Reason.TIMEOUT)).check(facts())
    assert result.status is Status.FAIL
    assert "not found\\x1b[2J" in result.detail
