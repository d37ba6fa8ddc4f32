"""The readiness checks, from a guest's files to the results: one that passes, one that does not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.registry import CHECKS, GROUPS, by_group, run_checks
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import text
from cvmimg.cloud.models import Instance
from cvmimg.guest.errors import Reason
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.read import GuestUnreadable, read_guest
from cvmimg.message import Message
from tests.guest import rootfs
from tests.guest.rootfs import ShellAccess

READINESS = [check.id for check in CHECKS if check.group]
ROOT = b"UUID=4c1e7bd2-root / ext4 defaults 0 1\n"
INSTANCE = Instance(
    {
        "InstanceId": "ins-data0001",
        "InstanceState": "RUNNING",
        "SystemDisk": {"DiskId": "disk-system01", "DiskType": "CLOUD_SSD", "DiskSize": 50},
        "DataDisks": [{"DiskId": "disk-data0001", "DiskType": "CLOUD_SSD", "DiskSize": 200}],
    }
)
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nsecret\n"
HASH = "$y$j9T$abcdefghijk$0123456789abcdef"


def checked(root: Path, shell: str = "dash", **request: Any) -> dict[str, CheckResult]:
    """The results of the readiness checks of a guest, by id."""
    guest = read_guest(ShellAccess(root, shell))
    assert isinstance(guest, GuestFacts), guest
    wanted = CheckRequest(instance_id="ins-data0001", name="x", **request)
    facts = Facts(wanted, "ap-guangzhou", instance=INSTANCE, guest=guest)
    return {result.id: result for result in run_checks(facts) if result.id in READINESS}


def write(root: Path, files: Mapping[str, str]) -> None:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
        if path.startswith("usr/bin/"):
            (root / path).chmod(0o755)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return rootfs.make(tmp_path, ROOT)


@pytest.mark.parametrize("shell", rootfs.SHELLS)
def test_a_system_like_that_of_a_public_image_passes(root: Path, shell: str) -> None:
    results = checked(root, shell)
    assert list(results) == READINESS
    assert {
        id: result.code for id, result in results.items() if result.code != "NothingFound"
    } == {}
    assert {result.status for result in results.values()} == {Status.PASS}


DF = "#!/bin/sh\necho Filesystem Size\necho '/dev/vda1 100 99 1 {percent}% /'\n"
FOUND: list[tuple[str, dict[str, str], str, list[str]]] = [
    (
        "kernel-options",
        {"proc/cmdline": "ro root=/dev/sda1 quiet\n"},
        "KernelOptions",
        ["root=/dev/sda1"],
    ),
    (
        "kernel-options",
        {"proc/cmdline": "root=UUID=4c1e7bd2-root resume=UUID=gone"},
        "KernelOptions",
        ["resume=UUID=gone"],
    ),
    (
        "kernel-options",
        {"proc/cmdline": "resume=UUID=9d9d-data"},
        "KernelOptions",
        ["resume=UUID=9d9d-data"],
    ),
    (
        "initramfs",
        {"boot/vmlinuz-6.1.0-9-amd64": "kernel", "boot/vmlinuz-0-rescue-1": "kernel"},
        "InitramfsMissing",
        ["6.1.0-9-amd64"],
    ),
    ("pending-reboot", {"run/reboot-required": ""}, "RebootRequired", ["/run/reboot-required"]),
    (
        "packages",
        {"var/lib/dpkg/updates/0001": ""},
        "PackagesUnfinished",
        ["/var/lib/dpkg/updates/0001"],
    ),
    (
        "packages",
        {"var/lib/dpkg/status": "Package: x\nStatus: install ok half-configured\n"},
        "PackagesUnfinished",
        ["/var/lib/dpkg/status"],
    ),
    ("free-space", {"usr/bin/df": DF.format(percent=97)}, "SystemDiskFull", ["inodes", "space"]),
    (
        "accounts",
        {"usr/bin/lsattr": '#!/bin/sh\necho "----i--------- $2"\n'},
        "AccountsImmutable",
        ["/etc/group", "/etc/passwd", "/etc/shadow"],
    ),
    ("selinux-relabel", {".autorelabel": ""}, "RelabelPending", ["/.autorelabel"]),
    (
        "cloud-init",
        {"etc/cloud/cloud-init.disabled": ""},
        "CloudInitDisabled",
        ["/etc/cloud/cloud-init.disabled"],
    ),
    (
        "cloud-init",
        {"proc/cmdline": "ro cloud-init=disabled"},
        "CloudInitDisabled",
        ["/proc/cmdline"],
    ),
    (
        "datasource",
        {"etc/cloud/cloud.cfg": "datasource_list: [ Ec2 ]\n"},
        "DatasourceMissing",
        ["/etc/cloud/cloud.cfg"],
    ),
    (
        "network",
        {"etc/sysconfig/network-scripts/ifcfg-eth0": "BOOTPROTO=static\nIPADDR=10.0.0.5\n"},
        "StaticNetwork",
        ["/etc/sysconfig/network-scripts/ifcfg-eth0"],
    ),
    (
        "network",
        {"etc/netplan/01.yaml": "  eth0:\n    addresses: [10.0.0.5/24]\n"},
        "StaticNetwork",
        ["/etc/netplan/01.yaml"],
    ),
    (
        "network",
        {"etc/netplan/01.yaml": "    addresses:\n      - 10.0.0.5/24\n"},
        "StaticNetwork",
        ["/etc/netplan/01.yaml"],
    ),
    (
        "network",
        {"etc/systemd/network/10.network": "[Network]\nAddress=10.0.0.5/24\n"},
        "StaticNetwork",
        ["/etc/systemd/network/10.network"],
    ),
    (
        "network",
        {"etc/NetworkManager/system-connections/eth0": "address1=10.0.0.5/24\n"},
        "StaticNetwork",
        ["/etc/NetworkManager/system-connections/eth0"],
    ),
    (
        "network",
        {"etc/network/interfaces": "iface eth0 inet static\n"},
        "StaticNetwork",
        ["/etc/network/interfaces"],
    ),
    (
        "network",
        {"etc/udev/rules.d/70-persistent-net.rules": 'SUBSYSTEM=="net", ATTR{address}=="52:54"\n'},
        "StaticNetwork",
        ["/etc/udev/rules.d/70-persistent-net.rules"],
    ),
    (
        "network-config",
        {"etc/cloud/cloud.cfg.d/99.cfg": "network: {config: disabled}\n"},
        "NetworkConfigDisabled",
        ["/etc/cloud/cloud.cfg.d/99.cfg"],
    ),
    (
        "machine-id",
        {"etc/machine-id": "0123456789abcdef0123456789abcdef\n"},
        "MachineIdShared",
        ["/etc/machine-id"],
    ),
    (
        "host-keys",
        {
            "etc/ssh/ssh_host_rsa_key": "key",
            "etc/cloud/cloud.cfg.d/10.cfg": "ssh_deletekeys: false\n",
        },
        "HostKeysShared",
        ["/etc/ssh/ssh_host_rsa_key"],
    ),
    (
        "hostname",
        {"etc/cloud/cloud.cfg.d/10.cfg": "preserve_hostname: true\n"},
        "HostnameKept",
        ["/etc/cloud/cloud.cfg.d/10.cfg"],
    ),
    (
        "hostname",
        {
            "etc/hosts": "127.0.0.1 localhost\n10.0.0.5 web-1\n",
            "proc/sys/kernel/hostname": "web-1\n",
        },
        "HostnameKept",
        ["/etc/hosts"],
    ),
    ("agents", {"var/ossec/etc/client.keys": "001 x"}, "AgentsRegistered", ["wazuh"]),
    (
        "private-keys",
        {"root/.ssh/id_ed25519": KEY},
        "PrivateKeysIncluded",
        ["/root/.ssh/id_ed25519"],
    ),
    (
        "authorized-keys",
        {"home/ann/.ssh/authorized_keys": "# mine\nssh-ed25519 AAAA ann\n"},
        "AuthorizedKeysIncluded",
        ["/home/ann/.ssh/authorized_keys"],
    ),
    (
        "credentials",
        {"root/.aws/credentials": "[default]\n", "home/ann/.kube/config": "x"},
        "CredentialsIncluded",
        ["/home/ann/.kube/config", "/root/.aws/credentials"],
    ),
    (
        "histories",
        {"home/ann/.bash_history": "ls\n"},
        "HistoriesIncluded",
        ["/home/ann/.bash_history"],
    ),
    (
        "passwords",
        {"etc/shadow": f"root:{HASH}:1::::::\nann:!{HASH}:1::::::\nsync:*:1::::::\n"},
        "PasswordsIncluded",
        ["root"],
    ),
    ("databases", {"proc/812/comm": "mysqld\n"}, "DatabasesRunning", ["mysqld"]),
    ("cluster-members", {"proc/812/comm": "etcd\n"}, "ClusterMembersRunning", ["etcd"]),
]


@pytest.mark.parametrize(
    ("check", "files", "code", "names"),
    FOUND,
    ids=[f"{case[0]}-{i}" for i, case in enumerate(FOUND)],
)
def test_what_is_wrong_is_named_and_nothing_else_is(
    root: Path, check: str, files: dict[str, str], code: str, names: list[str]
) -> None:
    write(root, files)
    results = checked(root)
    assert (results[check].code, results[check].params["names"]) == (code, names)
    assert results[check].remedies == (Message(f"{code}.hint"),)
    assert [id for id, result in results.items() if result.status is not Status.PASS] == [check]


FINE: list[dict[str, str]] = [
    {"proc/cmdline": "root=UUID=4c1e7bd2-root ro", "etc/machine-id": "uninitialized\n"},
    {
        "etc/ssh/ssh_host_rsa_key": "key",
        "root/.ssh/id_rsa.pub": "ssh-rsa AAAA",
        "etc/hosts": "127.0.1.1 web-1\n",
    },
    {"root/.bash_history": "ls\n", "home/ubuntu/.bash_history": "ls\n"},
    {
        "etc/netplan/50-cloud-init.yaml": "macaddress: 52:54\n",
        "etc/netplan/1.yaml": "nameservers:\n  addresses: [1.1.1.1]\n",
    },
    {
        "etc/sysconfig/network-scripts/ifcfg-lo": "IPADDR=127.0.0.1\n",
        "usr/bin/df": DF.format(percent=94),
    },
    {"home/ann/.ssh/authorized_keys": "# none\n\n", "etc/shadow": "root:!:1::::::\n"},
    {"etc/cloud/cloud.cfg.d/90.cfg": "datasource_list:\n  - ConfigDrive\n  - TencentCloud\n"},
    {"proc/77/comm": "sshd\n", "var/lib/dpkg/status": "Status: install ok installed\n"},
]


@pytest.mark.parametrize("files", FINE)
def test_what_is_fine_passes(root: Path, files: dict[str, str]) -> None:
    write(root, files)
    results = checked(root)
    assert [id for id, result in results.items() if result.status is not Status.PASS] == []


def test_what_is_missing_is_named(root: Path) -> None:
    for tool in ("cloud-init", "growpart"):
        (root / "usr/bin" / tool).unlink()
    codes = {
        id: result.code for id, result in checked(root).items() if result.code != "NothingFound"
    }
    assert codes == {"cloud-init": "CloudInitMissing", "disk-growth": "GrowpartMissing"}


def test_a_part_of_the_system_on_a_data_disk_fails_unless_the_disk_is_included(root: Path) -> None:
    mounts = root / "proc/self/mountinfo"
    mounts.write_text(mounts.read_text() + "99 1 254:17 / /var rw - ext4 /dev/vdb1 rw\n")
    result = checked(root)["system-disks"]
    assert result.status is Status.FAIL
    assert result.summary == Message("SystemOnDataDisk", names=["/var"])
    included = checked(root, with_data_disks=True)["system-disks"]
    assert included.status is Status.PASS


def test_what_runs_does_not_matter_after_a_shutdown(root: Path) -> None:
    write(root, {"proc/812/comm": "etcd\n", "proc/813/comm": "mysqld\n"})
    assert checked(root)["cluster-members"].status is Status.FAIL
    stopped = checked(root, power="stop")
    assert {stopped[id].status for id in ("databases", "cluster-members")} == {Status.PASS}


def test_no_content_of_a_file_leaves_the_guest(root: Path) -> None:
    secret = "hunter2"
    write(
        root,
        {
            "root/.ssh/id_rsa": KEY.replace("secret", secret),
            "root/.aws/credentials": secret,
            "root/.zsh_history": secret,
            "home/ann/.ssh/authorized_keys": f"ssh-rsa {secret}\n",
            "etc/shadow": f"root:$6${secret}{secret}:1::::::\n",
            "proc/cmdline": f"root=UUID=4c1e7bd2-root password={secret}\n",
        },
    )
    guest = read_guest(ShellAccess(root))
    assert isinstance(guest, GuestFacts)
    assert secret not in repr(guest)
    assert len(guest.observed) > 5


def test_hostile_names_are_only_text(root: Path) -> None:
    write(
        root, {"home/$(reboot)\x1b[2J/.bash_history": "x", "etc/netplan/a b;c.yaml": "Address=1\n"}
    )
    result = checked(root)["histories"]
    shown = text(result.summary)
    assert "$(reboot)\\x1b[2J" in shown
    assert shown.isprintable()


@pytest.mark.parametrize("shell", rootfs.SHELLS)
def test_the_real_system_of_this_machine_can_be_read(shell: str) -> None:
    access = ShellAccess(Path(), shell)
    access.environment = {"PATH": os.environ["PATH"]}
    guest = read_guest(access)
    assert isinstance(guest, GuestFacts), guest
    assert guest.observed["running-kernel"]


def test_a_guest_that_was_not_read_skips_them() -> None:
    guest = GuestUnreadable(Reason.TIMEOUT, Message("GuestAnswerMalformed"))
    facts = Facts(CheckRequest(instance_id="i"), "r", instance=INSTANCE, quota=10, guest=guest)
    results = [result for result in run_checks(facts) if result.id in READINESS]
    assert {(result.status, result.code) for result in results} == {(Status.SKIP, "GuestNotRead")}
    shown = {result.id: result for result in by_group(run_checks(facts))}
    assert {shown[group].status for group in GROUPS} == {Status.SKIP}


def test_a_group_is_one_line_with_the_details_of_what_was_found(root: Path) -> None:
    write(root, {"run/reboot-required": "", ".autorelabel": ""})
    boot = by_group(list(checked(root).values()))[0]
    count = len([check for check in CHECKS if check.group == "boot"])
    assert (boot.id, boot.status) == ("boot", Status.WARN)
    assert boot.summary == Message("GroupReported", reported=2, count=count)
    assert [detail.params["check"] for detail in boot.details] == [
        "pending-reboot",
        "selinux-relabel",
    ]
    secrets = by_group(list(checked(root).values()))[2]
    assert secrets.code == "GroupPassed"


def test_a_group_can_be_skipped_as_a_whole(root: Path) -> None:
    guest = read_guest(ShellAccess(root))
    assert isinstance(guest, GuestFacts)
    facts = Facts(CheckRequest(instance_id="i"), "r", instance=INSTANCE, quota=10, guest=guest)
    results = run_checks(replace(facts), skip=["secrets", "hostname"])
    skipped = {result.id for result in results if result.code == "CheckSkipped"}
    assert skipped == {"hostname", *(check.id for check in CHECKS if check.group == "secrets")}
