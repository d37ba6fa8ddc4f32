"""The check ``fstab``, from a guest's files to the result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cvmimg.checks import fstab
from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import text
from cvmimg.cloud.models import Instance
from cvmimg.errors import PreconditionFailed
from cvmimg.guest.access import AccessMethod
from cvmimg.guest.errors import Reason
from cvmimg.guest.facts import from_copy
from cvmimg.guest.read import GuestUnreadable, read_guest
from cvmimg.message import Message
from tests.guest import rootfs
from tests.guest.rootfs import ShellAccess

pytestmark = pytest.mark.system

ROOT = b"UUID=4c1e7bd2-root / ext4 defaults 0 1\n"
REQUEST = CheckRequest(instance_id="ins-data0001", name="web-v2")


def facts(request: CheckRequest = REQUEST, **changes: Any) -> Facts:
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
    return Facts(request, "ap-guangzhou", instance=instance)


def read(folder: Path, content: bytes, given: Facts | None = None) -> Facts:
    guest = read_guest(ShellAccess(rootfs.make(folder, content)))
    return replace(given or facts(), guest=guest)


def unreadable(reason: Reason, **changes: Any) -> CheckResult:
    guest = GuestUnreadable(reason, Message("GuestNotRunning", instance="ins-data0001"))
    return fstab.check(replace(facts(**changes), guest=guest))


def commands(result: CheckResult) -> list[str]:
    return [remedy.params["command"] for remedy in result.remedies if remedy.code == "Command"]


def test_a_data_disk_is_named_with_line_device_and_cloud_disk(tmp_path: Path) -> None:
    given = read(tmp_path, ROOT + b"UUID=9d9d-data /data ext4 defaults 0 2\n")
    result = fstab.check(given)
    assert result.summary == Message("FstabBlocksBoot", count=1)
    assert result.status is Status.FAIL
    assert [text(detail) for detail in result.details] == [
        "line 2: UUID=9d9d-data /data ext4 → /dev/vdb1 → disk-data0001 (200 GiB):"
        " is on a data disk missing from new instances"
    ]
    assert commands(result) == ["cvmimg create --instance ins-data0001 --name web-v2 --fix-fstab"]


def test_nofail_is_a_warning(tmp_path: Path) -> None:
    result = fstab.check(read(tmp_path, ROOT + b"UUID=9d9d-data /data ext4 nofail 0 2\n"))
    assert (result.status, result.code) == (Status.WARN, "FstabWarnings")


def test_a_clean_file_passes(tmp_path: Path) -> None:
    result = fstab.check(read(tmp_path, ROOT))
    assert (result.status, result.code) == (Status.PASS, "FstabReady")


def test_a_data_disk_that_the_image_includes_passes(tmp_path: Path) -> None:
    given = facts(replace(REQUEST, with_data_disks=True))
    content = ROOT + b"UUID=9d9d-data /data ext4 defaults 0 2\n"
    assert fstab.check(read(tmp_path, content, given)).status is Status.PASS


@pytest.mark.parametrize(
    ("reason", "first"),
    [
        (Reason.STOPPED, "guest.start-instance"),
        (Reason.AGENT_OFFLINE, "guest.install-agent"),
        (Reason.AGENT_MISSING, "guest.install-agent"),
        (Reason.TIMEOUT, "guest.use-ssh"),
    ],
)
def test_a_guest_that_cannot_be_read_fails_with_a_data_disk_and_names_the_alternatives(
    reason: Reason, first: str
) -> None:
    result = unreadable(reason)
    disk = Message("disk", disk="disk-data0001", gib=200)
    assert (result.status, result.summary) == (
        Status.FAIL,
        Message("FstabUnreadable", disks=[disk]),
    )
    assert result.details == (Message("GuestNotRunning", instance="ins-data0001"),)
    assert result.remedies[0].code == first
    create = "cvmimg create --instance ins-data0001 --name web-v2"
    assert f"{create} --fstab-file PATH" in commands(result)
    assert f"{create} --skip-check fstab" in commands(result)


def test_a_guest_that_cannot_be_read_is_a_warning_without_a_data_disk() -> None:
    assert unreadable(Reason.AGENT_OFFLINE, DataDisks=[]).status is Status.WARN


def test_windows_and_snapshots_are_not_applicable() -> None:
    windows = fstab.check(facts(OsName="Windows Server 2022"))
    assert (windows.status, windows.code) == (Status.SKIP, "NoFstabOnWindows")
    assert fstab.check(replace(facts(), instance=None)).status is Status.SKIP


def test_a_copy_of_the_file_is_assessed_but_cannot_be_fixed() -> None:
    content = ROOT + b"/dev/vdb1 /data ext4 defaults 0 2\n"
    request = replace(REQUEST, access=AccessMethod(fstab_copy=content))
    given = replace(facts(request), guest=from_copy(content))
    assert fstab.check(given).status is Status.FAIL
    with pytest.raises(PreconditionFailed) as caught:
        fstab.plan_fix(given, "op-1")
    assert caught.value.code == "FstabNotFixable"


def test_the_root_is_never_taken_out(tmp_path: Path) -> None:
    given = read(tmp_path, b"/dev/disk/by-id/virtio-disk-system01 / ext4 defaults 0 1\n")
    assert fstab.check(given).status is Status.FAIL
    with pytest.raises(PreconditionFailed) as caught:
        fstab.plan_fix(given, "op-1")
    assert caught.value.message.params["where"] == Message("fstab.line", number=1)


def test_nothing_is_planned_for_a_guest_that_could_not_be_read() -> None:
    guest = GuestUnreadable(Reason.TIMEOUT, Message("GuestAnswerMalformed"))
    assert fstab.plan_fix(replace(facts(), guest=guest), "op-1") is None


def test_hostile_lines_are_shown_escaped(tmp_path: Path) -> None:
    result = fstab.check(read(tmp_path, b"\x1b[31m$(reboot)\xff /x ext4 defaults 0 0\n"))
    shown = text(result.details[0])
    assert "\\x1b[31m$(reboot)\\xff /x ext4" in shown
    assert shown.isprintable()
