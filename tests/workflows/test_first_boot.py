"""User data with which new instances get an identity of their own (launch --fix)."""

from __future__ import annotations

import base64
import email
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cvmimg.checks.registry import LAUNCH_FIXES
from cvmimg.errors import UsageError
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.launch.first_boot import with_fixes
from cvmimg.workflows.launch.plan import LaunchPlan, plan_launch
from cvmimg.workflows.launch.request import LaunchRequest
from cvmimg.workflows.launch.settings import LaunchSettings, Origin
from tests.guest import rootfs
from tests.support.lab import Lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def script(*fixes: str) -> str:
    found = with_fixes(None, fixes)
    assert found is not None
    return base64.b64decode(found).decode()


def planned(lab: Lab, image: str = "web-v1", **options: Any) -> LaunchPlan:
    cloud = lab.session().cloud
    return plan_launch(cloud, LaunchRequest(image, 1, **options), find_image(cloud, image))


def test_without_fixes_the_users_own_user_data_stays_as_it_is() -> None:
    assert with_fixes(None, ()) is None
    assert with_fixes("eA==", ()) == "eA=="


def test_a_script_alone_runs_the_chosen_fixes() -> None:
    text = script("machine-id", "host-keys")
    assert text.startswith("#!/bin/sh\n")
    assert text.endswith("\nfix_host_keys\nfix_machine_id\n")


def test_every_fix_of_the_registry_has_a_function() -> None:
    for fix in LAUNCH_FIXES:
        assert f"\nfix_{fix.replace('-', '_')}() {{" in script(fix)


@pytest.mark.parametrize(
    ("own", "kind"),
    [
        ("#!/bin/bash\necho é\n", "text/x-shellscript"),
        ("#cloud-config\nruncmd: [ls]\n", "text/cloud-config"),
        ("#include-once\nhttps://x\n", "text/x-include-once-url"),
        ("#cloud-boothook\n", "text/cloud-boothook"),
    ],
)
def test_the_users_own_user_data_follows_as_a_part_of_its_kind(own: str, kind: str) -> None:
    combined = with_fixes(encoded(own), ["hostname"])
    assert combined is not None
    message = email.message_from_bytes(base64.b64decode(combined))
    ours, theirs = message.get_payload()  # type: ignore[misc]
    assert ours.get_content_type() == "text/x-shellscript"  # type: ignore[union-attr]
    assert ours.get_payload(decode=True).decode() == script("hostname")  # type: ignore[union-attr]
    assert theirs.get_content_type() == kind  # type: ignore[union-attr]
    assert theirs.get_payload(decode=True).decode() == own  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("own", "code"),
    [
        (b"\x1f\x8b\x08 gzip", "UserDataNotCombinable"),
        (b"#!/bin/sh\n\xff", "UserDataNotCombinable"),
        (b"Content-Type: multipart/mixed\n", "UserDataNotCombinable"),
        (b"#!/bin/sh\n" + b"x" * 16_000, "FixesTooLarge"),
    ],
)
def test_what_cannot_be_combined_is_refused(own: bytes, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_fixes(encoded(own), ["hostname"])
    assert caught.value.code == code or caught.value.message.code == code


def test_the_plan_shows_the_fixes_and_sends_them_as_user_data(lab: Lab) -> None:
    plan = planned(lab, fixes=("machine-id",))
    assert base64.b64decode(plan.request["UserData"]).decode() == script("machine-id")
    settings = {each.name: (each.value, each.origin) for each in plan.settings}
    assert settings["fixes"] == (("machine-id",), Origin.GIVEN)
    assert "user_data" not in settings
    assert "UserData" not in planned(lab).request


def test_a_template_or_windows_is_refused(lab: Lab) -> None:
    with pytest.raises(UsageError) as caught:
        planned(lab, fixes=("machine-id",), template="lt-web00001")
    assert caught.value.message.code == "FixesWithTemplate"


def test_own_user_data_of_the_plan_is_kept(lab: Lab) -> None:
    settings = LaunchSettings(user_data=encoded("#!/bin/sh\nls\n"))
    plan = planned(lab, settings=settings, fixes=("agents",))
    sent = base64.b64decode(plan.request["UserData"]).decode()
    assert "fix_agents\n" in sent
    assert sent.count("Content-Type: text/x-shellscript") == 2


class Guest:
    """A root folder in which the script runs: its paths are moved there, its programs recorded."""

    def __init__(self, folder: Path) -> None:
        self.root, self.programs = folder / "root", folder / "bin"
        self.programs.mkdir()
        self.log = folder / "log"
        self.program("hostname", "echo web-1")
        self.program("cloud-init", "echo web-2")
        for name in ("systemctl", "hostnamectl", "ssh-keygen", "dbus-uuidgen", "service"):
            self.program(name)
        self.program("systemd-machine-id-setup", f"echo new >{self.root}/etc/machine-id")

    def program(self, name: str, command: str = "true") -> None:
        path = self.programs / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.log}\n{command}\n')
        path.chmod(0o755)

    def write(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def run(self, shell: str, *fixes: str) -> list[str]:
        text = script(*fixes)
        for folder in ("/etc/", "/var/", "/opt/"):
            text = text.replace(f" {folder}", f" {self.root}{folder}")
        environment = {"PATH": f"{self.programs}:{os.environ['PATH']}"}
        command = [*rootfs.shell_command(shell), "-s"]
        subprocess.run(command, input=text.encode(), env=environment, check=True)
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    return Guest(tmp_path)


@pytest.mark.parametrize("shell", rootfs.SHELLS)
def test_the_machine_id_is_made_anew(guest: Guest, shell: str) -> None:
    guest.write("etc/machine-id", "old\n")
    bus = guest.write("var/lib/dbus/machine-id", "old\n")
    calls = guest.run(shell, "machine-id")
    assert (guest.root / "etc/machine-id").read_text() == "new\n"
    assert not bus.exists()
    assert calls == ["systemd-machine-id-setup ", "dbus-uuidgen --ensure"]


@pytest.mark.parametrize("shell", rootfs.SHELLS)
def test_host_keys_are_made_anew_and_nothing_else_is_removed(guest: Guest, shell: str) -> None:
    key = guest.write("etc/ssh/ssh_host_rsa_key", "old")
    public = guest.write("etc/ssh/ssh_host_rsa_key.pub", "old")
    config = guest.write("etc/ssh/sshd_config", "Port 22\n")
    assert guest.run(shell, "host-keys") == ["ssh-keygen -A", "systemctl restart ssh"]
    assert (key.exists(), public.exists(), config.exists()) == (False, False, True)


@pytest.mark.parametrize("shell", rootfs.SHELLS)
def test_the_host_name_is_that_of_the_new_instance(guest: Guest, shell: str) -> None:
    lines = [
        "127.0.0.1 localhost web-1",
        "10.0.0.5 db web-1",
        "10.0.0.6 web-10",
        "# 10.0.0.5 web-1",
    ]
    hosts = guest.write("etc/hosts", "\n".join([*lines, ""]))
    assert "hostnamectl set-hostname web-2" in guest.run(shell, "hostname")
    lines[1] = "# cvmimg: 10.0.0.5 db web-1"
    assert hosts.read_text().splitlines() == lines


def test_a_strange_host_name_changes_nothing(guest: Guest) -> None:
    guest.program("cloud-init", "echo '$(reboot)'")
    guest.write("etc/hosts", "10.0.0.5 web-1\n")
    assert not [call for call in guest.run("dash", "hostname") if "hostnamectl" in call]


@pytest.mark.parametrize("shell", rootfs.SHELLS)
def test_agents_forget_what_they_were_registered_with(guest: Guest, shell: str) -> None:
    minion = guest.write("etc/salt/pki/minion/minion.pem", "key")
    config = guest.write("etc/salt/minion", "master: x\n")
    calls = guest.run(shell, "agents")
    assert (minion.exists(), config.exists()) == (False, True)
    assert calls == [
        "systemctl is-active --quiet salt-minion",
        "systemctl stop salt-minion",
        "systemctl start salt-minion",
    ]
