"""Run scripts in a guest through the user's own OpenSSH client, keys and settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cvmimg.errors import UsageError
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.script import Script, ScriptOutput
from cvmimg.guest.text import shown
from cvmimg.message import Message

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.:%-]*[A-Za-z0-9_])?")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63}")
_AS_ROOT = "sh -c 'if [ \"$(id -u)\" = 0 ]; then exec sh; else exec sudo -n sh; fi'"
_SSH_FAILED = 255
_CONNECT_SECONDS = 15
_SECRET_PREFIXES = ("TENCENTCLOUD_", "CVMIMG_", "TCCLI_", "TKE_")


@dataclass(frozen=True)
class SshTarget:
    """Where to log in. Names are checked, so that none can act as an option or a command.

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
            raise UsageError(Message("InvalidSshHost", host=self.host))
        if self.user and not _USER.fullmatch(self.user):
            raise UsageError(Message("InvalidSshUser", user=self.user))
        if not 0 <= self.port <= 65535:
            raise UsageError(Message("InvalidSshPort", port=self.port))
        if "\0" in self.key or "\n" in self.key:
            raise UsageError(Message("InvalidSshKey"))

    def command(self) -> list[str]:
        """Return the command line, which prompts for nothing and reads the script from stdin."""
        words = ["ssh", "-T", "-x", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
        words += ["-o", f"ConnectTimeout={_CONNECT_SECONDS}", "-o", "ServerAliveInterval=10"]
        words += ["-l", self.user] if self.user else []
        words += ["-p", str(self.port)] if self.port else []
        words += ["-o", "IdentitiesOnly=yes", "-i", self.key] if self.key else []
        return [*words, "--", self.host, _AS_ROOT]


class SshAccess:
    """An SSH login to one guest.

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

        if script.language != "SHELL":
            raise GuestUnreachable(Message("SshWithoutPowerShell"), Reason.REFUSED)
        text = script.rendered(parameters).encode()
        try:
            done = subprocess.run(
                self._target.command(),
                input=text,
                capture_output=True,
                env=_environment(),
                timeout=timeout_seconds + _CONNECT_SECONDS,
                check=False,
            )
        except FileNotFoundError as error:
            raise GuestUnreachable(Message("SshMissing"), Reason.UNREACHABLE) from error
        except subprocess.TimeoutExpired as error:
            raise GuestUnreachable(
                Message("SshTimeout", host=self._target.host, seconds=timeout_seconds),
                Reason.TIMEOUT,
            ) from error
        if done.returncode == _SSH_FAILED or (done.returncode and not done.stdout):
            raise GuestUnreachable(
                Message("SshFailed", host=self._target.host, detail=_last_line(done.stderr)),
                Reason.UNREACHABLE,
                hint=_hint(done.stderr, self._target.host),
            )
        return ScriptOutput(done.returncode, done.stdout)


def _last_line(stderr: bytes) -> str:
    lines = [line for line in stderr.split(b"\n") if line.strip()]
    return shown(lines[-1].strip()) if lines else ""


def _hint(stderr: bytes, host: str) -> Message:
    if b"Host key verification failed" in stderr:
        return Message("ssh.unknown-host-key", host=host)
    if b"sudo" in stderr:
        return Message("ssh.sudo")
    return Message("ssh.check-login")


def _environment() -> dict[str, str]:
    """Return the environment of the ssh client: the user's, without the cloud's credentials."""
    import os

    return {
        name: value for name, value in os.environ.items() if not name.startswith(_SECRET_PREFIXES)
    }
