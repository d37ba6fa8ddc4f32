"""The readiness checks, from a guest's files to the results, on every distribution."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.registry import CHECKS, GROUPS, LAUNCH_FIXES, WINDOWS, by_group, run_checks
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import text
from cvmimg.cloud.models import Instance
from cvmimg.guest.errors import Reason
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.read import GuestUnreadable, read_guest
from cvmimg.message import Message
from tests.guest import distributions, rootfs
from tests.guest.distributions import DISTRIBUTIONS, write
from tests.guest.rootfs import ShellAccess

pytestmark = pytest.mark.system

READINESS = [check.id for check in CHECKS if check.group and check.group != WINDOWS]
CASES = [
    case
    for path in sorted((Path(distributions.__file__).parent / "readiness").glob("*.yaml"))
    for case in yaml.safe_load(path.read_text())
]
INSTANCE = Instance(
    {
        "InstanceId": "ins-data0001",
        "InstanceState": "RUNNING",
        "SystemDisk": {"DiskId": "disk-system01", "DiskType": "CLOUD_SSD", "DiskSize": 50},
        "DataDisks": [{"DiskId": "disk-data0001", "DiskType": "CLOUD_SSD", "DiskSize": 200}],
    }
)
SECRET = "hunter2hunter2"
AGENT_OUTPUT_BYTES = 24 * 1024


def seen(root: Path, shell: str = "dash") -> GuestFacts:
    guest = read_guest(ShellAccess(root, shell))
    assert isinstance(guest, GuestFacts), guest
    return guest


def checked(root: Path, shell: str = "dash", **request: Any) -> dict[str, CheckResult]:
    """The results of the readiness checks of a guest's files, by id."""
    return results_of(seen(root, shell), **request)


def results_of(guest: GuestFacts, **request: Any) -> dict[str, CheckResult]:
    """The results of the readiness checks of a guest, by id."""
    wanted = CheckRequest(instance_id="ins-data0001", name="x", **request)
    facts = Facts(wanted, "ap-guangzhou", instance=INSTANCE, guest=guest)
    return {result.id: result for result in run_checks(facts) if result.id in READINESS}


def reported(results: Mapping[str, CheckResult]) -> dict[str, list[Any]]:
    """Status, code and names of the checks that did not simply pass."""
    return {
        id: [result.status.value, result.code, *map(list, result.params.values())]
        for id, result in results.items()
        if result.code != "NothingFound"
    }


def change(root: Path, case: Mapping[str, Any]) -> None:
    """Change a sound system as a case of the corpus says."""
    for path in case.get("remove", ()):
        distributions.remove(root, path)
    for path, content in case.get("files", {}).items():
        write(root, path, content)
    for path, target in case.get("links", {}).items():
        distributions.link(root, path, target)
    for path, content in case.get("append", {}).items():
        write(root, path, (root / path).read_text() + content)
    for path, seconds in case.get("age", {}).items():
        os.utime(root / path, times=(seconds, seconds))
    for path, pairs in case.get("replace", {}).items():
        content = (root / path).read_text()
        for expression, new in zip(pairs[::2], pairs[1::2], strict=True):
            content, count = re.subn(expression, new, content)
            assert count, expression
        write(root, path, content)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return DISTRIBUTIONS["ubuntu-22.04"].make(tmp_path)


@pytest.mark.parametrize("shell", rootfs.SHELLS)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_sound_system_passes_every_check(tmp_path: Path, name: str, shell: str) -> None:
    distribution = DISTRIBUTIONS[name]
    root = distribution.make(tmp_path)
    guest = seen(root, shell)
    results = results_of(guest)
    assert list(results) == READINESS
    assert reported(results) == {}
    assert {result.status for result in results.values()} == {Status.PASS}
    assert list(guest.observed["next-kernel"]) == [distribution.kernel]


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(on, case, id=f"{on}: {case['name']}")
        for case in CASES
        for on in case["systems"]
    ],
)
def test_what_is_wrong_is_named_and_nothing_else_is(
    tmp_path: Path, name: str, case: dict[str, Any]
) -> None:
    root = DISTRIBUTIONS[name].make(tmp_path)
    change(root, case)
    options = {key: case[key] for key in ("power", "published") if key in case}
    results = checked(root, rootfs.SHELLS[len(case["name"]) % 3], **options)
    found = reported(results)
    assert found.keys() == case["expect"].keys(), found
    for id, (status, code, *names) in case["expect"].items():
        names = (
            [[each.format(kernel=DISTRIBUTIONS[name].kernel) for each in names[0]]]
            if (names and names != ["*"])
            else names
        )
        assert names in (["*"], found[id][2:])
        assert found[id][:2] == [status, code]
        skip = (Message("secrets.skip"),) if "published" in case else ()
        hint = Message(f"{code}.hint")
        if id in LAUNCH_FIXES and not runs_user_data(case["expect"]):
            hint = Message("readiness.fix-needs-cloud-init", check=id)
        assert results[id].remedies == (hint, *skip)


def runs_user_data(expected: Mapping[str, Any]) -> bool:
    modules = expected.get("cloud-init-modules", (None, None, []))[2]
    return "cloud-init" not in expected and "scripts-user" not in modules


def test_every_check_has_a_system_that_fails_it() -> None:
    assert {id for case in CASES for id in case["expect"]} == set(READINESS)
    codes = {code for case in CASES for _, code, *_ in case["expect"].values()}
    assert codes == {code for check in CHECKS if check.id in READINESS for code in check.codes}


def test_every_distribution_has_systems_that_fail() -> None:
    assert {on for case in CASES for on in case["systems"] if case["expect"]} == set(DISTRIBUTIONS)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_nothing_is_written(tmp_path: Path, name: str) -> None:
    root = DISTRIBUTIONS[name].make(tmp_path)
    for case in CASES:
        if name in case["systems"] and "remove" not in case:
            change(root, {**case, "replace": {}})
    before = contents(tmp_path)
    seen(root, rootfs.SHELLS[len(name) % 3])
    assert contents(tmp_path) == before
    assert len(before) > 60


def test_temporary_files_of_the_lister_of_initramfs_stay_in_memory(tmp_path: Path) -> None:
    root = DISTRIBUTIONS["centos-7"].make(tmp_path)
    write(root, "usr/bin/lsinitrd", '#!/bin/sh\n: >"${TMPDIR:-/var/tmp}/list"\ncat "$1"\n')
    before = contents(root / "var")
    assert "driver" in seen(root).observed
    assert (root / "run/list").exists()
    assert contents(root / "var") == before


def contents(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Everything below a folder: metadata, including the time of the last change, and content."""
    found = {}
    for path in folder.rglob("*"):
        about = path.lstat()
        content = os.readlink(path) if path.is_symlink() else None
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
        found[str(path)] = (
            about.st_mode, about.st_uid, about.st_gid, about.st_mtime_ns, about.st_ctime_ns,
            content,
        )  # fmt: skip
    return found


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_normal_guest_fits_one_answer_of_the_agent(tmp_path: Path, name: str) -> None:
    access = ShellAccess(DISTRIBUTIONS[name].make(tmp_path))
    assert isinstance(read_guest(access), GuestFacts)
    assert access.runs == ["inspect"]
    assert max(access.output_sizes) < AGENT_OUTPUT_BYTES


@pytest.mark.parametrize("shell", rootfs.SHELLS)
def test_no_content_of_a_file_leaves_the_guest(root: Path, shell: str) -> None:
    key = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SECRET}\n"
    files = {
        "root/.ssh/id_rsa": key,
        "root/.aws/credentials": SECRET,
        "root/.zsh_history": SECRET,
        "home/ann/.ssh/authorized_keys": f"ssh-rsa {SECRET}\n",
        "home/ann/.docker/config.json": f'{{"auth": "{SECRET}"}}',
        "home/ann/.bashrc": f"export TENCENTCLOUD_SECRET_KEY={SECRET}\n",
        "etc/profile.d/x.sh": f"SECRET_KEY={SECRET}\n",
        "etc/shadow": f"root:$6${SECRET}:1::::::\n{SECRET}\n",
        "etc/hosts": f"10.0.0.5 {SECRET}\n",
        "etc/netplan/1.yaml": f"macaddress: {SECRET}\n",
        "etc/cloud/cloud.cfg.d/1.cfg": f"preserve_hostname: true # {SECRET}\n",
        "etc/gitlab-runner/config.toml": f"token = {SECRET}\n",
        "etc/nginx/x.key": key,
        "proc/812/comm": "java\n",
        "proc/812/cmdline": f"java\0-D{SECRET}\0kafka.Kafka\0",
        "proc/cmdline": f"root=UUID=4c1e7bd2-root password={SECRET}\n",
    }
    for path, content in files.items():
        write(root, path, content)
    guest = seen(root, shell)
    assert SECRET not in repr(guest)
    kinds = {"private-key", "credentials", "history", "authorized-keys", "password", "agent"}
    assert kinds < guest.observed.keys()


HOSTILE = (
    "$(reboot)", "`reboot`", "; reboot", "a b", "-rf", "--", "*", "?", "[a", "a\nb", "\\",
    "\x1b[2J", "'", '"', "\u202ex", "%s%n", "&", "|x", "../../etc", "~", "a" * 200,
)  # fmt: skip
"""Names that mean something to a shell, a terminal or a program."""


@pytest.mark.parametrize("shell", rootfs.SHELLS)
def test_hostile_names_are_only_text(root: Path, shell: str) -> None:
    for name in HOSTILE:
        if "/" in name:
            continue
        home = f"home/{name}"
        write(root, f"{home}/.bash_history", "x\n")
        write(root, f"{home}/.ssh/{name}", "-----BEGIN RSA PRIVATE KEY-----\n")
        write(root, f"{home}/.ssh/authorized_keys{name}", "ssh-rsa A\n")
        write(root, f"etc/netplan/{name}.yaml", "macaddress: 1\n")
        write(root, f"etc/cloud/cloud.cfg.d/{name}.cfg", "preserve_hostname: true\n")
        write(root, f"boot/vmlinuz-{name}", "kernel")
        write(root, f"boot/loader/entries/{name}.conf", "linux /boot/vmlinuz-x\n")
        write(root, f"{home}/{name}.pem", "-----BEGIN RSA PRIVATE KEY-----\n")
        write(root, f"etc/ssh/authorized_keys/{name}", "ssh-rsa A\n")
    write(root, "boot/grub/grub.cfg", "blscfg\n")
    write(root, "boot/grub/grubenv", "saved_entry=$(reboot)\n")
    results = checked(root, shell)
    for result in results.values():
        assert text(result.summary).isprintable()
    histories = results["histories"].params["names"]
    for name in HOSTILE:
        if "/" not in name and "\n" not in name:
            assert f"/home/{name}/.bash_history" in histories
    assert (root / "etc/hosts").exists()


HOSTILE_CONTENT = [
    b"",
    b"\0" * 70_000,
    b"a" * 3_000_000,
    b"$(reboot)\n`reboot`\n; reboot\n",
    b"\xff\xfe\x00\n" * 100,
    b"==> /etc/passwd <==\nobserved:password\0root\0x\0end\0\0\0",
    b"set default=\"$(reboot)\"\nsaved_entry=../../../etc/passwd\nmenuentry '*' {\nlinux *\n}\n"
    * 20,
    b"root=\x1b[2J resume=$(reboot) root=" + b"A" * 100_000,
    b"ann:x:1:1::/../../../../etc:/bin/sh\nbob:x:1:1::/$(reboot):/bin/sh\n:::::/\n:\n",
    b"datasource_list:\npreserve_hostname:\ncloud_init_modules: [" + b"[" * 5000 + b"\n",
]
READ = (
    "etc/cloud/cloud.cfg", "etc/cloud/cloud.cfg.d/1.cfg", "etc/passwd", "etc/shadow", "etc/hosts",
    "etc/machine-id", "proc/cmdline", "proc/sys/kernel/osrelease", "proc/sys/kernel/hostname",
    "proc/net/fib_trie", "boot/grub/grub.cfg", "boot/grub/grubenv", "usr/bin/cloud-init",
    "lib/modules/5.15.0-139-generic/modules.builtin", "sys/fs/ext4/vda1/errors_count",
    "var/lib/dpkg/status", "proc/7/comm", "root/.ssh/authorized_keys", "etc/netplan/1.yaml",
    "etc/crypttab", "etc/systemd/system/x.mount", "etc/initramfs-tools/conf.d/resume",
    "boot/efi/EFI/x/grub.cfg", "boot/loader/entries/x.conf", "root/x.pem",
    "etc/ssh/authorized_keys/ann", "etc/sysconfig/network-scripts/ifcfg-eth1",
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE_CONTENT)))
def test_hostile_content_is_read_to_the_end(root: Path, number: int) -> None:
    for path in READ:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(HOSTILE_CONTENT[number])
    results = checked(root, rootfs.SHELLS[number % 3])
    assert list(results) == READINESS
    for result in results.values():
        assert text(result.summary).isprintable()
    assert not (root / "boot/grub/reboot").exists()


@pytest.mark.parametrize("shell", rootfs.SHELLS)
def test_pipes_and_loops_of_links_do_not_hang(root: Path, shell: str) -> None:
    paths = [
        *READ,
        "root/.ssh/id_rsa",
        "root/.bashrc",
        "root/.aws/credentials",
        "etc/nginx/a.key",
        "etc/network/interfaces",
        "etc/ssh/ssh_host_rsa_key",
        "root/.docker/config.json",
    ]
    for path in paths:
        if path.startswith(("proc/", "sys/")):
            continue  # the kernel's own files are regular ones
        distributions.remove(root, path)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(root / path)
    distributions.link(root, "home/loop", "loop")
    distributions.link(root, "etc/cloud/cloud.cfg.d/loop.cfg", "loop.cfg")
    distributions.link(root, "root/.kube/config", "../.kube/config")
    assert list(checked(root, shell)) == READINESS


@pytest.mark.parametrize("shell", rootfs.SHELLS)
@pytest.mark.parametrize(
    ("target", "check", "code"),
    [
        (None, "cloud-init", "CloudInitMissing"),
        ("/nowhere/at/all", "cloud-init", "CloudInitMissing"),
        # A regular file, each read of which fails, also for root: no process has memory there.
        ("/proc/self/mem", "cloud-init-modules", "ModulesMissing"),
    ],
    ids=["directories", "links that lead nowhere", "errors"],
)
def test_what_cannot_be_read_keeps_nobody_waiting(
    root: Path, target: str | None, check: str, code: str, shell: str
) -> None:
    for path in READ:
        distributions.remove(root, path)
        if target is None:
            (root / path).mkdir(parents=True)
        else:
            distributions.link(root, path, target)
    results = checked(root, shell)
    assert list(results) == READINESS
    assert results[check].code == code


def test_secrets_are_found_in_the_last_of_many_homes(root: Path) -> None:
    homes = 450
    passwd = [f"u{number}:x:{number}:100::/srv/u{number}:/bin/sh\n" for number in range(homes)]
    write(root, "etc/passwd", "".join(passwd))
    for number in range(homes):
        write(root, f"srv/u{number}/.bashrc", "alias ll='ls -l'\n")
        write(root, f"srv/u{number}/.ssh/config", "Host *\n")
    write(root, "srv/u99/.bashrc", "export TENCENTCLOUD_SECRET_KEY=x\n")
    write(root, "srv/u99/.ssh/id_rsa", "-----BEGIN RSA PRIVATE KEY-----\n")
    write(root, "srv/u99/.ssh/authorized_keys", "ssh-rsa A\n")
    assert {id: found[2] for id, found in reported(checked(root)).items()} == {
        "private-keys": ["/srv/u99/.ssh/id_rsa"],
        "authorized-keys": ["/srv/u99/.ssh/authorized_keys"],
        "credentials": ["/srv/u99/.bashrc"],
    }


@pytest.mark.parametrize("shell", rootfs.SHELLS)
def test_the_real_system_of_this_machine_can_be_read(shell: str) -> None:
    access = ShellAccess(Path(), shell)
    access.environment = {"PATH": os.environ["PATH"]}
    guest = read_guest(access)
    assert isinstance(guest, GuestFacts), guest
    assert guest.observed["running-kernel"]
    assert max(access.output_sizes) < AGENT_OUTPUT_BYTES


CHANGES = (
    "creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,link,linkat,symlink,"
    "symlinkat,chmod,fchmod,fchmodat,chown,fchown,fchownat,truncate,ftruncate,utimensat,mknodat"
)
"""System calls that change files, where the kernel has them."""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("shell", rootfs.SHELLS)
def test_no_system_call_changes_the_real_system(tmp_path: Path, shell: str) -> None:
    log = tmp_path / "calls"
    calls = ",".join(f"?{name}" for name in ("open", "openat", *CHANGES.split(",")))
    access = ShellAccess(Path(), shell)
    access.environment = {"PATH": os.environ["PATH"]}
    traced = ["strace", "-f", "-qq", "-e", f"trace={calls}", "-o", str(log)]
    access.command = [*traced, *access.command]
    assert isinstance(read_guest(access), GuestFacts)
    lines = log.read_text(errors="replace").splitlines()
    assert len(lines) > 100
    opened = [line for line in lines if re.search(r" open(at)?\(", line)]
    writing = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")
    written = [line for line in opened if writing.search(line) and "/dev/" not in line]
    assert written == []
    assert [line for line in lines if line not in opened and line.rstrip().endswith("= 0")] == []


def test_a_guest_that_was_not_read_skips_them() -> None:
    guest = GuestUnreadable(Reason.TIMEOUT, Message("GuestAnswerMalformed"))
    facts = Facts(CheckRequest(instance_id="i"), "r", instance=INSTANCE, quota=10, guest=guest)
    results = [result for result in run_checks(facts) if result.id in READINESS]
    assert {(result.status, result.code) for result in results} == {(Status.SKIP, "GuestNotRead")}
    shown = {result.id: result for result in by_group(run_checks(facts))}
    assert {shown[group].status for group in GROUPS if group != WINDOWS} == {Status.SKIP}


def test_secrets_that_could_not_be_read_are_a_warning_before_the_image_is_shared() -> None:
    guest = GuestUnreadable(Reason.TIMEOUT, Message("GuestAnswerMalformed"))
    request = CheckRequest(instance_id="i", published=True)
    facts = Facts(request, "r", instance=INSTANCE, quota=10, guest=guest)
    (shown,) = (result for result in by_group(run_checks(facts)) if result.id == "secrets")
    assert (shown.status, shown.code, shown.details) == (Status.WARN, "SecretsNotChecked", ())


def test_a_group_is_one_line_with_the_details_of_what_was_found(root: Path) -> None:
    write(root, "run/reboot-required", "")
    write(root, ".autorelabel", "")
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


def test_notices_do_not_refuse_even_a_strict_request(root: Path) -> None:
    write(root, "etc/docker/key.json", "{}\n")
    facts = Facts(
        CheckRequest(instance_id="i", name="x"), "r", instance=INSTANCE, quota=10, guest=seen(root)
    )
    strict = [result for result in run_checks(facts, fail_on="warn") if result.id in READINESS]
    assert {result.status for result in strict} == {Status.PASS}
    assert [result.id for result in strict if result.is_notice] == ["agents"]
    identity = next(result for result in by_group(strict) if result.id == "identity")
    assert (identity.status, len(identity.details), identity.remedies) == (Status.PASS, 1, ())


def test_a_group_can_be_skipped_as_a_whole(root: Path) -> None:
    facts = Facts(CheckRequest(instance_id="i"), "r", instance=INSTANCE, quota=10, guest=seen(root))
    results = run_checks(replace(facts), skip=["secrets", "hostname"])
    skipped = {result.id for result in results if result.code == "CheckSkipped"}
    assert skipped == {"hostname", *(check.id for check in CHECKS if check.group == "secrets")}
