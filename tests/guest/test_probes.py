"""The probes' scripts, run for real by three shells over a root folder with real files."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from cvmimg.guest import probes
from cvmimg.guest.facts import GuestFacts, Mount
from tests.guest import rootfs
from tests.guest.rootfs import SHELLS, ShellAccess

pytestmark = pytest.mark.system

RESULT = "run/cloud-init/result.json"
SECRET = "4cc3ss-k3y"


@pytest.fixture(params=SHELLS)
def access(request: pytest.FixtureRequest, tmp_path: Path) -> ShellAccess:
    rootfs.shell_command(request.param)
    return ShellAccess(rootfs.make(tmp_path), request.param)


def write(access: ShellAccess, path: str, text: str) -> None:
    target = access.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def program(access: ShellAccess, name: str, script: str) -> None:
    write(access, f"usr/bin/{name}", f"#!/bin/sh\n{script}\n")
    (access.root / "usr/bin" / name).chmod(0o755)


@pytest.mark.parametrize(
    ("printed", "units"),
    [
        ("", ()),
        ("nginx.service loaded failed failed A server", ("nginx.service",)),
        (
            "● a@b.service loaded failed failed X\n  c.mount loaded failed failed Y",
            ("a@b.service", "c.mount"),
        ),
        ("$(id).service loaded failed failed X", ("id).service",)),
    ],
)
def test_systemd_and_its_failed_units_are_read(
    access: ShellAccess, printed: str, units: tuple[str, ...]
) -> None:
    state = "degraded" if units else "running"
    cases = f"is-system-running) echo {state} ;;"
    program(access, "systemctl", f"case $1 in {cases} *) cat <<'END'\n{printed}\nEND\n;; esac")
    found = probes.read_boot_state(access)
    assert (found.systemd, found.failed_units, found.is_finished) == (state, units, True)


def test_a_boot_in_progress_is_not_finished(access: ShellAccess) -> None:
    program(access, "systemctl", "[ $1 = is-system-running ] && echo starting")
    assert not probes.read_boot_state(access).is_finished


def test_a_system_without_systemd_is_up(access: ShellAccess) -> None:
    (access.root / "run/systemd/system").rmdir()
    found = probes.read_boot_state(access)
    assert (found.systemd, found.is_finished) == ("none", True)


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({RESULT: '{\n "v1": {\n  "datasource": "X",\n  "errors": []\n }\n}\n'}, "done"),
        ({RESULT: f'{{"v1": {{"errors": [\n  "{SECRET}"\n ]}}}}'}, "errors"),
        ({}, "unfinished"),
        ({"etc/cloud/cloud-init.disabled": ""}, "disabled"),
        ({"run/cloud-init/disabled": ""}, "disabled"),
    ],
)
def test_the_end_of_cloud_init_is_read(
    access: ShellAccess, files: dict[str, str], state: str
) -> None:
    for path, text in files.items():
        write(access, path, text)
    assert probes.read_boot_state(access).cloud_init == state


def test_an_identity_is_digests_alone(access: ShellAccess) -> None:
    write(access, "etc/machine-id", f"{SECRET}\n")
    write(access, "etc/ssh/ssh_host_rsa_key.pub", f"ssh-rsa {SECRET} root@web\n")
    write(access, "proc/sys/kernel/hostname", f"{SECRET}\n")
    own = probes.read_identity(access, "img-1")
    digests = own.machine_id | own.host_keys | own.hostname
    assert len(digests) == 1
    assert {len(digest) for digest in digests} == {64}
    assert probes.read_identity(access, "img-1") == own
    assert not probes.read_identity(access, "img-2").shared_with(own)


def test_what_two_identities_share_is_named(access: ShellAccess) -> None:
    write(access, "etc/machine-id", "one\n")
    write(access, "proc/sys/kernel/hostname", "web\n")
    first = probes.read_identity(access, "img-1")
    write(access, "etc/machine-id", "two\n")
    write(access, "etc/ssh/ssh_host_rsa_key.pub", "ssh-rsa key root@web\n")
    assert probes.read_identity(access, "img-1").shared_with(first) == ["hostname"]


def test_nothing_is_shared_where_nothing_is_there(access: ShellAccess) -> None:
    (access.root / "etc/machine-id").unlink(missing_ok=True)
    first = probes.read_identity(access, "img-1")
    assert first.machine_id == first.host_keys == first.hostname == frozenset()
    assert first.shared_with(first) == []


@pytest.mark.parametrize(("command", "status"), [("true", 0), ("exit 7", 7), ("cat /x", 127)])
def test_the_exit_status_of_a_command_is_read(
    access: ShellAccess, command: str, status: int
) -> None:
    assert probes.command_status(access, command) == status


def test_a_command_gets_to_the_shell_as_it_was_given(access: ShellAccess) -> None:
    program(access, "sh", 'printf "%s" "$2" | base64 | tr -d "\\n" >"$CVMIMG_GUEST_ROOT/given"')
    command = "a 'b' \"c\" $(d) `e` \\\n* ü"
    assert probes.command_status(access, command) == 0
    assert base64.b64decode((access.root / "given").read_text()).decode() == command


@pytest.mark.parametrize(
    ("page", "status"),
    [((80, "/health"), "200"), ((80, "/x?a=$(id)"), "404"), ((81, "/"), "000")],
)
def test_the_status_of_a_page_is_read(
    access: ShellAccess, page: tuple[int, str], status: str
) -> None:
    write(access, "srv/http/80/health", "ok")
    assert probes.http_status(access, *page) == status


def test_a_page_cannot_be_asked_for_without_a_client(access: ShellAccess) -> None:
    (access.root / "usr/bin/curl").unlink()
    assert probes.http_status(access, 80, "/") == "no-client"
    program(access, "wget", "echo '  HTTP/1.1 302 Found' >&2; echo '  HTTP/1.1 204 X' >&2")
    assert probes.http_status(access, 80, "/") == "204"


@pytest.mark.parametrize(
    ("fstab", "required", "optional"),
    [
        ("UUID=a / ext4 defaults 0 1\n", [], []),
        ("UUID=a /data/ ext4 defaults 0 1\nUUID=b /data ext4\n", [], []),
        ("UUID=b /srv ext4 defaults 0 2\n", ["/srv"], []),
        ("UUID=b /srv ext4 nofail 0 2\n", [], ["/srv"]),
        ("UUID=b /srv ext4 noauto 0 2\n# UUID=c /x ext4\n", [], []),
        ("/swapfile none swap sw 0 0\n", ["/swapfile"], []),
        ("broken\n", [], []),
    ],
)
def test_what_fstab_defines_and_is_not_mounted(
    fstab: str, required: list[str], optional: list[str]
) -> None:
    mounts = [Mount("254:1", target, "ext4", "/dev/vda1") for target in ("/", "/data")]
    facts = GuestFacts(fstab=fstab.encode(), mounts=mounts)
    assert probes.unmounted(facts) == (required, optional)
