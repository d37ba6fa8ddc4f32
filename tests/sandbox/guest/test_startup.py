"""A simulated guest boots from its own files; images hand these files on to new instances."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cvmimg.sandbox import Sandbox
from cvmimg.sandbox.guest import boot, shell, startup, system_disk
from cvmimg.sandbox.guest.root_folder import FileSystem, GuestDisk, Machine, show_devices
from cvmimg.sandbox.guest.system_disk import File
from tests.guest import rootfs
from tests.support.clock import FakeClock
from tests.support.tc3 import Client

FSTAB = "UUID=root / ext4 defaults 0 1\n"
DISKS = (GuestDisk("vda", "disk-system01", 50, (FileSystem("vda1", "root"),)),)
KEY = "etc/ssh/ssh_host_ed25519_key"
INITRAMFS = "boot/initrd.img-5.15.0-101-generic"


def machine(name: str = "ins-new00001", **files: Any) -> Machine:
    return Machine(name, FSTAB, DISKS, "1", files=tuple(sorted(files.items())), hostname=name)


def booted(root: Path, guest: Machine) -> list[str]:
    """Boot a guest from its files; what keeps it from that."""
    if not root.exists():
        system_disk.write(root, guest.files)
        (root / "etc/fstab").write_text(guest.fstab)
    show_devices(root, guest.disks)
    problems = startup.start(root, guest)
    startup.finish(root)
    return problems


def text(root: Path, path: str) -> str:
    return (root / path).read_text() if (root / path).exists() else ""


def test_a_guest_boots_and_gets_its_own_identity(tmp_path: Path) -> None:
    assert booted(tmp_path / "root", machine()) == []
    root = tmp_path / "root"
    assert text(root, "etc/hostname") == text(root, "proc/sys/kernel/hostname") == "ins-new00001\n"
    assert text(root, system_disk.SYSTEM_STATE) == "running\n"
    assert '"errors": []' in text(root, "run/cloud-init/result.json")
    assert text(root, KEY)
    assert len(text(root, "run/machine-id").strip()) == 32


def test_an_image_hands_on_everything_but_what_cloud_init_makes_anew(tmp_path: Path) -> None:
    booted(tmp_path / "source", machine("ins-source01", **{"srv/app": File("file", "1")}))
    copied = system_disk.differences(system_disk.read(tmp_path / "source"))
    clone = Machine("ins-clone001", FSTAB, DISKS, "1", files=copied, hostname="clone")
    assert booted(tmp_path / "clone", clone) == []
    assert text(tmp_path / "clone", "srv/app") == "1"
    assert text(tmp_path / "clone", "etc/hostname") == "clone\n"
    assert text(tmp_path / "clone", KEY) != text(tmp_path / "source", KEY)
    assert text(tmp_path / "clone", "run/machine-id") != text(tmp_path / "source", "run/machine-id")


@pytest.mark.parametrize(
    "files",
    [
        {"etc/cloud/cloud-init.disabled": File("file", "")},
        {"etc/systemd/system/cloud-init.service": File("link", "/dev/null")},
        {"usr/bin/cloud-init": None},
        {"etc/cloud/cloud.cfg": File("file", "datasource_list: [ Ec2 ]\n")},
    ],
    ids=["disabled", "masked", "missing", "other cloud"],
)
def test_without_cloud_init_a_clone_keeps_the_identity_of_its_source(
    tmp_path: Path, files: dict[str, File | None]
) -> None:
    source = {KEY: File("file", "key of the source"), "etc/hostname": File("file", "source\n")}
    root = tmp_path / "root"
    assert booted(root, machine(**source, **files)) == []
    assert text(root, KEY) == "key of the source"
    assert text(root, "proc/sys/kernel/hostname") == "source\n"
    assert text(root, "run/cloud-init/result.json") == ""


def test_cloud_init_without_its_interpreter_is_a_failed_unit(tmp_path: Path) -> None:
    program = File("program", "#!/usr/bin/python3.8 -s\n")
    assert booted(tmp_path / "root", machine(**{"usr/bin/cloud-init": program})) == []
    assert text(tmp_path / "root", system_disk.SYSTEM_STATE) == "degraded\n"
    assert text(tmp_path / "root", system_disk.FAILED_UNITS) == "cloud-init.service\n"
    assert "failed" in text(tmp_path / "root", "run/cloud-init/result.json")


def test_a_machine_id_on_the_disk_is_kept(tmp_path: Path) -> None:
    files = {"etc/machine-id": File("file", f"{'1f' * 16}\n")}
    assert booted(tmp_path / "root", machine(**files)) == []
    assert not (tmp_path / "root/run/machine-id").exists()


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({INITRAMFS: None}, "no initramfs for 5.15.0-101-generic"),
        ({"boot/vmlinuz-5.15.0-102-generic": File("file", "")}, "no initramfs for 5.15.0-102"),
        ({"boot/vmlinuz-5.15.0-101-generic": None}, "no kernel"),
    ],
    ids=["missing", "of the next kernel", "no kernel"],
)
def test_the_newest_kernel_needs_an_initramfs(
    tmp_path: Path, files: dict[str, File | None], problem: str
) -> None:
    (found,) = booted(tmp_path / "root", machine(**files))
    assert problem in found


def test_a_reboot_sets_nothing_up_again(tmp_path: Path) -> None:
    booted(tmp_path / "root", machine())
    (tmp_path / "root" / KEY).write_text("changed by hand")
    assert booted(tmp_path / "root", machine()) == []
    assert text(tmp_path / "root", KEY) == "changed by hand"


@pytest.mark.parametrize(
    ("command", "exit_code"),
    [
        ("true", 0),
        ("false", 1),
        ("exit 3", 3),
        ("test -f /etc/fstab", 0),
        ("test -d /etc/fstab", 1),
        ("test -e /../../etc/fstab", 0),
        ("rm -rf /", 127),
        ("true; id", 127),
        ("test -e $(id)", 1),
        ("'", 127),
    ],
)
def test_the_guests_shell_runs_nothing_of_the_host(
    tmp_path: Path, command: str, exit_code: int
) -> None:
    system_disk.write(tmp_path)
    (tmp_path / "etc/fstab").write_text(FSTAB)
    assert shell.run(tmp_path, command)[0] == exit_code


class Cloud:
    """A sandbox on a clock that stands still, and a client of it."""

    def __init__(self, *faults: str, **instance: Any) -> None:
        self.clock = FakeClock()
        spec = {"id": "ins-app00001", **instance}
        world = {"regions": {"ap-guangzhou": {"instances": [spec]}}}
        self.sandbox = Sandbox(speed=1, clock=self.clock.now, world=world, faults=faults)
        key = self.sandbox.credentials()
        self.client = Client(self.sandbox.handle, *key, now=self.clock.now())

    def call(self, service: str, action: str, **params: Any) -> dict[str, Any]:
        self.client.now = self.clock.now()
        return self.client.call(service, action, **params)

    def launch(self) -> str:
        """Image the instance, and launch the image; the id of the new instance."""
        made = self.call("cvm", "CreateImage", ImageName="app-v1", InstanceId="ins-app00001")
        self.clock.sleep(3600)
        return self.run(made["ImageId"])

    def run(self, image_id: str) -> str:
        launched = self.call(
            "cvm",
            "RunInstances",
            ImageId=image_id,
            Placement={"Zone": "ap-guangzhou-6"},
            InstanceType="S5.MEDIUM4",
            EnhancedService={"AutomationService": {"Enabled": True}},
        )
        return str(launched["InstanceIdSet"][0])

    def online_after(self, instance_id: str, seconds: float) -> bool:
        """Whether the agent is online so long after the instance is running."""
        self.clock.sleep(30 + seconds)
        answer = self.call("tat", "DescribeAutomationAgentStatus", InstanceIds=[instance_id])
        return bool(answer["AutomationAgentSet"][0]["AgentStatus"] == "Online")


@pytest.fixture
def clouds() -> Iterator[list[Cloud]]:
    made: list[Cloud] = []
    yield made
    for cloud in made:
        cloud.sandbox.close()


@pytest.mark.parametrize(
    ("instance", "boots"),
    [
        ({}, True),
        ({"files": {f"/{INITRAMFS}": None}}, False),
        ({"data_disks": [{"size": 20, "mount": "/data"}]}, False),
        ({"data_disks": [{"size": 20, "mount": "/data", "options": "nofail"}]}, True),
    ],
    ids=["untouched", "no initramfs", "data disk", "data disk with nofail"],
)
def test_a_launched_instance_boots_from_the_files_of_its_image(
    clouds: list[Cloud], instance: dict[str, Any], boots: bool
) -> None:
    clouds.append(cloud := Cloud(**instance))
    assert cloud.online_after(cloud.launch(), 60) is boots


def test_a_launched_instance_gets_the_files_as_they_were_when_imaged(clouds: list[Cloud]) -> None:
    clouds.append(cloud := Cloud(files={"/srv/app": "1", "/var/log/app": "x"}))
    root = cloud.sandbox.guests.root
    cloud.call("tat", "DescribeAutomationAgentStatus", InstanceIds=["ins-app00001"])
    (root("ins-app00001") / "srv/app").write_text("2")
    launched = cloud.launch()
    (root("ins-app00001") / "srv/app").write_text("3")
    assert cloud.online_after(launched, 60)
    assert text(root(launched), "srv/app") == "2"
    assert not (root(launched) / "var/log/app").exists()


def test_boots_can_fail_and_take_longer(clouds: list[Cloud]) -> None:
    clouds.append(cloud := Cloud("RunInstances:boot-fail:times=1", "RunInstances:boot-slow=300"))
    image = "img-487zeit5"
    assert not cloud.online_after(cloud.run(image), 1000)
    slow = cloud.run(image)
    assert not cloud.online_after(slow, 290)
    assert cloud.online_after(slow, 10)


def test_the_time_of_a_boot_is_a_setting(clouds: list[Cloud]) -> None:
    clouds.append(cloud := Cloud())
    cloud.sandbox.configure(boot_seconds=120)
    launched = cloud.run("img-487zeit5")
    assert not cloud.online_after(launched, 119)
    assert cloud.online_after(launched, 1)


def test_a_mount_point_that_is_a_link_is_in_the_mount_table_where_it_leads(tmp_path: Path) -> None:
    root = rootfs.make(tmp_path)
    (root / "opt").symlink_to("data")
    (root / "etc/fstab").write_text("tmpfs /opt/cache tmpfs\n")

    boot.mount_all(root)

    table = (root / boot.MOUNTS).read_text().splitlines()
    assert "/data/cache" in {line.split()[4] for line in table}
