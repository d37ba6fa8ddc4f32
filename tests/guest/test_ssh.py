"""SSH against a real sshd on loopback."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cvmimg.errors import UsageError
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab import fix
from cvmimg.guest.fstab.assessment import assess
from cvmimg.guest.read import read_guest
from cvmimg.guest.script import load
from cvmimg.guest.ssh import SshAccess, SshTarget
from cvmimg.message import Message
from tests.guest import rootfs
from tests.guest.test_scripts import DISKS

pytestmark = pytest.mark.system

PART = {"offset": "0", "size": "20000"}


class Sshd:
    """A running sshd over a guest's root folder, and what a client needs to log in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = rootfs.make(folder)
        self.key = folder / "key"
        self.known_hosts = folder / "known_hosts"
        self.port = _free_port()
        self._make_keys()
        self._process = subprocess.Popen(
            [_sshd(), "-D", "-e", "-f", self._config()], stderr=subprocess.PIPE
        )
        self._wait()

    def target(self) -> SshTarget:
        return SshTarget("127.0.0.1", getpass.getuser(), self.port, str(self.key))

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate()

    def _make_keys(self) -> None:
        for name in ("host", "key"):
            path = str(self.folder / name)
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
        host_key = (self.folder / "host.pub").read_text()
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {host_key}")

    def _config(self) -> str:
        path = self.folder / "sshd_config"
        path.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {self.folder}/host\n"
            f"AuthorizedKeysFile {self.folder}/key.pub\nPidFile none\nStrictModes no\nUsePAM no\n"
            f"PermitRootLogin yes\nSetEnv CVMIMG_GUEST_ROOT={self.root}\n"
        )
        return str(path)

    def _wait(self) -> None:
        for _ in range(200):
            if self._process.poll() is not None:
                assert self._process.stderr is not None
                pytest.skip(f"sshd does not start here: {self._process.stderr.read()!r}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("sshd does not listen")


def _sshd() -> str:
    path = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if path is None or shutil.which("ssh") is None:
        pytest.skip("OpenSSH (ssh and sshd) is not installed")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    _sshd()
    server = Sshd(tmp_path_factory.mktemp("sshd"))
    yield server
    server.stop()


@pytest.fixture
def known_hosts(sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The client's known hosts: no environment variable sets them for ssh itself."""
    ssh = shutil.which("ssh")
    (tmp_path / "ssh").write_text(
        f'#!/bin/sh\nexec {ssh} -F none -o UserKnownHostsFile={tmp_path}/known "$@"\n'
    )
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    shutil.copy(sshd.known_hosts, tmp_path / "known")
    return tmp_path / "known"


@pytest.mark.usefixtures("known_hosts")
def test_a_guest_is_inspected_fixed_and_restored_over_ssh(sshd: Sshd) -> None:
    access = SshAccess(sshd.target())
    facts = read_guest(access)
    assert isinstance(facts, GuestFacts), facts
    plan = fix.plan_fix(facts, assess(facts, DISKS), "op-ssh")
    assert plan is not None
    assert plan.lines == (3, 5)
    fix.apply_fix(access, plan)
    assert (sshd.root / "etc/fstab").read_bytes() != rootfs.FSTAB
    assert fix.restore(access, plan).state == "restored"
    assert (sshd.root / "etc/fstab").read_bytes() == rootfs.FSTAB


def test_an_unknown_host_key_is_refused(sshd: Sshd, known_hosts: Path) -> None:
    known_hosts.write_text("")
    with pytest.raises(GuestUnreachable) as caught:
        SshAccess(sshd.target()).run(load("inspect"), PART)
    assert caught.value.reason is Reason.UNREACHABLE
    assert caught.value.hint == Message("ssh.unknown-host-key", host="127.0.0.1")


@pytest.mark.usefixtures("known_hosts")
def test_a_wrong_key_is_refused_without_asking_for_a_password(sshd: Sshd, tmp_path: Path) -> None:
    key = str(tmp_path / "other")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    target = SshTarget("127.0.0.1", getpass.getuser(), sshd.port, key)
    with pytest.raises(GuestUnreachable) as caught:
        SshAccess(target).run(load("inspect"), PART)
    assert "Permission denied" in caught.value.message.params["detail"]


def test_no_server_is_a_plain_failure() -> None:
    if shutil.which("ssh") is None:
        pytest.skip("OpenSSH is not installed")
    with pytest.raises(GuestUnreachable) as caught:
        SshAccess(SshTarget("127.0.0.1", port=_free_port())).run(load("inspect"), PART)
    assert caught.value.code == "SshFailed"


def test_the_client_does_not_inherit_the_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ssh").write_text(f"#!/bin/sh\nenv >{tmp_path}/environment\necho done\n")
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    secrets = ("TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN", "CVMIMG_ENDPOINT", "TKE_ROLE_ARN")
    for name in secrets:
        monkeypatch.setenv(name, f"secret {name}")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")

    SshAccess(SshTarget("example.com")).run(load("inspect"), PART)

    seen = (tmp_path / "environment").read_text()
    assert "SSH_AUTH_SOCK=/run/agent" in seen
    assert not [name for name in secrets if name in seen]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "-oProxyCommand=touch x"),
        ("host", "a b"),
        ("host", "$(id)"),
        ("host", ""),
        ("user", "-l"),
        ("user", "a;b"),
        ("port", 65536),
        ("port", -1),
        ("key", "a\nb"),
    ],
)
def test_names_that_are_options_or_commands_are_refused(field: str, value: object) -> None:
    with pytest.raises(UsageError) as caught:
        SshTarget(**{"host": "example.com", field: value})  # type: ignore[arg-type]
    assert caught.value.code == f"InvalidSsh{field.capitalize()}"
