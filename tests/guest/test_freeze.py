"""Freezing: one freeze at a time, and what is known of it afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from cvmimg.errors import PreconditionFailed, TaskFailed
from cvmimg.guest.facts import BlockDevice, GuestFacts, Mount
from cvmimg.guest.freeze import freeze, mount_points_on, thaw
from cvmimg.guest.fstab.devices import CloudDisk
from tests.guest import rootfs
from tests.guest.rootfs import SHELLS, ShellAccess

pytestmark = pytest.mark.system

TARGETS = ("/data", "/srv/with blank")


@pytest.fixture(params=SHELLS)
def access(request: pytest.FixtureRequest, tmp_path: Path) -> ShellAccess:
    rootfs.shell_command(request.param)
    return ShellAccess(rootfs.make(tmp_path), request.param)


def frozen(access: ShellAccess) -> set[str]:
    """The targets that are frozen now."""
    folder = access.root / "run/frozen"
    prefix = str(access.root).replace("/", "-")
    names = (path.name for path in folder.iterdir()) if folder.exists() else ()
    return {name.removeprefix(prefix) for name in names}


ALL = {"-data", "-srv-with blank"}


def test_file_systems_are_frozen_until_they_are_thawed(access: ShellAccess) -> None:
    freeze(access, TARGETS, "op-1")
    assert frozen(access) == ALL
    assert thaw(access, TARGETS, "op-1") is True
    assert frozen(access) == set()


def test_a_freeze_that_is_sent_twice_is_one_freeze(access: ShellAccess) -> None:
    freeze(access, TARGETS, "op-1")
    freeze(access, TARGETS, "op-1")
    assert frozen(access) == ALL
    assert thaw(access, TARGETS, "op-1") is True


def test_a_thaw_that_is_sent_twice_reports_the_same(access: ShellAccess) -> None:
    freeze(access, TARGETS, "op-1", attempt=5)
    assert [thaw(access, TARGETS, "op-1", attempt=6) for _ in range(2)] == [True, True]
    assert thaw(access, TARGETS, "op-1", attempt=7) is True


def test_a_freeze_that_ended_too_early_is_reported(access: ShellAccess) -> None:
    freeze(access, TARGETS, "op-1")
    (access.root / "run/frozen" / f"{str(access.root).replace('/', '-')}-data").unlink()
    assert thaw(access, TARGETS, "op-1") is False
    assert frozen(access) == set()


def test_a_freeze_that_a_restart_ended_is_reported(access: ShellAccess) -> None:
    freeze(access, TARGETS, "op-1")
    for path in ("run/cvmimg", "run/frozen"):
        rootfs.remove(access.root / path)
    assert thaw(access, TARGETS, "op-1") is False


def test_a_freeze_that_is_delivered_after_its_thaw_does_nothing(access: ShellAccess) -> None:
    freeze(access, TARGETS, "op-1", attempt=2)
    thaw(access, TARGETS, "op-1", attempt=3)
    for late in (1, 2, 3):
        with pytest.raises(TaskFailed) as caught:
            freeze(access, TARGETS, "op-1", attempt=late)
        assert caught.value.code == "FreezeEnded"
    assert frozen(access) == set()


def test_a_thaw_without_a_freeze_keeps_a_late_freeze_from_happening(access: ShellAccess) -> None:
    assert thaw(access, TARGETS, "op-1", attempt=2) is False
    with pytest.raises(TaskFailed):
        freeze(access, TARGETS, "op-1", attempt=1)
    assert frozen(access) == set()


def test_a_second_freeze_of_the_same_operation_replaces_the_first(access: ShellAccess) -> None:
    freeze(access, TARGETS, "op-1", attempt=1)
    freeze(access, TARGETS, "op-1", attempt=2)
    assert frozen(access) == ALL
    assert thaw(access, TARGETS, "op-1", attempt=1) is False, "delivered late"
    assert frozen(access) == ALL
    assert thaw(access, TARGETS, "op-1", attempt=2) is True


def test_the_freeze_of_another_operation_is_left_alone(access: ShellAccess) -> None:
    freeze(access, TARGETS, "op-1")
    with pytest.raises(PreconditionFailed) as caught:
        freeze(access, TARGETS, "op-2")
    assert caught.value.message.params["reason"].code == "guest.reason.other-freeze"
    assert thaw(access, TARGETS, "op-2") is False
    assert frozen(access) == ALL
    assert thaw(access, TARGETS, "op-1") is True


def test_a_freeze_of_someone_else_stays_and_no_other(access: ShellAccess) -> None:
    rootfs.run_tool(access, "fsfreeze", "--freeze", "/srv/with blank")
    with pytest.raises(PreconditionFailed) as caught:
        freeze(access, TARGETS, "op-1")
    assert caught.value.code == "FreezeRefused"
    assert "busy" in caught.value.message.params["output"]
    assert frozen(access) == {"-srv-with blank"}


def test_a_freeze_of_an_older_version_is_thawed(access: ShellAccess) -> None:
    for target in TARGETS:
        rootfs.run_tool(access, "fsfreeze", "--freeze", target)
    thaw(access, TARGETS, "op-1")
    assert frozen(access) == set()


def test_a_file_system_that_is_mounted_twice_is_frozen_once() -> None:
    facts = GuestFacts(
        devices={
            "vda": BlockDevice("vda", "254:0", serial="disk-sys00001"),
            "vdb": BlockDevice("vdb", "254:16", serial="disk-data0001"),
            "vdc": BlockDevice("vdc", "254:32", serial="disk-data0002"),
        },
        mounts=[
            Mount("254:0", "/", "ext4", "/dev/vda"),
            Mount("254:16", "/data", "ext4", "/dev/vdb"),
            Mount("254:16", "/srv", "ext4", "/dev/vdb"),
            Mount("0:41", "/pool/a", "btrfs", "/dev/vdc"),
            Mount("0:42", "/pool/b", "btrfs", "/dev/vdc"),
        ],
        btrfs={"b7f5": ["vdc"]},
    )
    disks = [
        CloudDisk("disk-sys00001", is_system=True),
        CloudDisk("disk-data0001"),
        CloudDisk("disk-data0002"),
    ]
    assert mount_points_on(facts, disks) == ("/data", "/pool/a")
