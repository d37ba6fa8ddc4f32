"""The inspection of this very machine, with real loop devices where it allows them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.read import read_guest
from tests.guest.rootfs import SHELLS, ShellAccess

pytestmark = pytest.mark.system

UUID = "0d15c0de-1111-4222-8333-444455556666"


class ThisMachine(ShellAccess):
    """Runs scripts over no folder, as inside a real guest."""

    def __init__(self, shell: str) -> None:
        super().__init__(Path(), shell)
        self.environment = {"PATH": os.environ["PATH"]}


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A loop device with an ext4 on it, and its file."""
    tools = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    losetup, mkfs = shutil.which("losetup", path=tools), shutil.which("mkfs.ext4", path=tools)
    if os.getuid() != 0 or losetup is None or mkfs is None:
        pytest.skip("loop devices need root, losetup and mkfs.ext4")
    image = tmp_path / "disk image"
    image.write_bytes(b"")
    os.truncate(image, 4 * 1024 * 1024)
    subprocess.run([mkfs, "-q", "-U", UUID, "-L", "TESTDISK", image], check=True)
    attached = subprocess.run(
        [losetup, "--find", "--show", image], capture_output=True, text=True, check=False
    )
    if attached.returncode:
        pytest.skip(f"no loop device here: {attached.stderr.strip()}")
    device = attached.stdout.strip()
    yield device, image
    subprocess.run([losetup, "--detach", device], check=True)


@pytest.mark.parametrize("shell", SHELLS)
def test_this_machine_can_be_inspected(shell: str) -> None:
    if not Path("/proc/self/mountinfo").exists():
        pytest.skip("this machine is no Linux")
    facts = read_guest(ThisMachine(shell))
    assert isinstance(facts, GuestFacts), facts
    assert facts.kernel == "Linux"
    assert "/" in {mount.target for mount in facts.mounts}
    fstab = Path("/etc/fstab")
    assert facts.fstab == (fstab.read_bytes() if fstab.exists() else None)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_loop_device_is_read_with_its_file_and_tags(
    shell: str, loop: tuple[str, Path]
) -> None:
    device, image = loop
    facts = read_guest(ThisMachine(shell))
    assert isinstance(facts, GuestFacts), facts
    seen = facts.devices[device.removeprefix("/dev/")]
    assert seen.backing_file == str(image)
    if Path("/run/udev/data").exists() or shutil.which("blkid", path="/usr/sbin:/sbin"):
        assert seen.tags["UUID"] == UUID
        assert seen.tags["LABEL"] == "TESTDISK"
