"""Into a guest through the system's own OpenSSH client, with the user's keys and settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cvmimg.errors import UsageError
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.script import Script, ScriptOutput
from cvmimg.guest.text import shown

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.:%-]*[A-Za-z0-9_])?")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63}")
_AS_ROOT = "sh -c 'if [ \"$(id -u)\" = 0 ]; then exec sh; else exec sudo -n sh; fi'"
_SSH_FAILED = 255
_CONNECT_SECONDS = 15


@dataclass(frozen=True)
class SshTarget:
    """Where to log in. Names are checked, so that none can be taken for an option or a command.

    Attributes:
        host: a name, an address, or a host of the user's ssh_config.
        user: the login; empty for ssh's own choice. One that is not root needs sudo without
            a password.
        port: 1 to 65535; 0 for ssh's own choice.
        key: path of a private key; empty for ssh's own choice.
    """

    host: str
    user: str = ""
    port: int = 0
    key: str = ""

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.host):
            raise UsageError(f"--ssh-host: {self.host!r} is not the name or address of a host")
        if self.user and not _USER.fullmatch(self.user):
            raise UsageError(f"--ssh-user: {self.user!r} is not the name of a user")
        if not 0 <= self.port <= 65535:
            raise UsageError(f"--ssh-port: {self.port} is not a port (1 to 65535)")
        if "\0" in self.key or "\n" in self.key:
            raise UsageError("--ssh-key: not the path of a file")

    def command(self) -> list[str]:
        """The command line: no password prompt, no unknown host, the script on standard input."""
        words = ["ssh", "-T", "-x", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
        words += ["-o", f"ConnectTimeout={_CONNECT_SECONDS}", "-o", "ServerAliveInterval=10"]
        words += ["-l", self.user] if self.user else []
        words += ["-p", str(self.port)] if self.port else []
        words += ["-o", "IdentitiesOnly=yes", "-i", self.key] if self.key else []
        return [*words, "--", self.host, _AS_ROOT]


class SshAccess:
    """An SSH login of one guest.

    Args:
        target: where to log in.
    """

    def __init__(self, target: SshTarget) -> None:
        self._target = target

    def run(
        self, script: Script, parameters: Mapping[str, str], *, timeout_seconds: int = 60
    ) -> ScriptOutput:
        """Run ``script`` as root in one login.

        Raises:
            GuestUnreachable: no login, no root, or no answer in time.
        """
        import subprocess

        text = script.rendered(parameters).encode()
        try:
            done = subprocess.run(
                self._target.command(),
                input=text,
                capture_output=True,
                timeout=timeout_seconds + _CONNECT_SECONDS,
                check=False,
            )
        except FileNotFoundError as error:
            raise GuestUnreachable(
                "there is no ssh on this machine", Reason.UNREACHABLE, hint="install OpenSSH"
            ) from error
        except subprocess.TimeoutExpired as error:
            raise GuestUnreachable(
                f"{self._target.host} did not answer within {timeout_seconds} s", Reason.TIMEOUT
            ) from error
        if done.returncode == _SSH_FAILED or (done.returncode and not done.stdout):
            raise GuestUnreachable(
                f"ssh to {self._target.host} failed: {_last_line(done.stderr)}",
                Reason.UNREACHABLE,
                hint=_hint(done.stderr, self._target.host),
            )
        return ScriptOutput(done.returncode, done.stdout)


def _last_line(stderr: bytes) -> str:
    lines = [line for line in stderr.split(b"\n") if line.strip()]
    return shown(lines[-1].strip()) if lines else "it gave no reason"


def _hint(stderr: bytes, host: str) -> str:
    if b"Host key verification failed" in stderr:
        return f"log in once by hand (ssh {host}) and compare the host's key"
    if b"sudo" in stderr:
        return "log in as root, or let the user run sudo without a password"
    return "check --ssh-host, --ssh-user, --ssh-port and --ssh-key by logging in by hand"
