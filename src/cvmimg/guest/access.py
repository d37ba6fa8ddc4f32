"""How a script gets into a guest, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from cvmimg.errors import TaskFailed, Unreachable
from cvmimg.guest.packing import Garbled, unpacked
from cvmimg.guest.script import Script
from cvmimg.guest.text import shown


class Reason(str, Enum):
    """Why a guest cannot be looked into."""

    STOPPED = "stopped"
    AGENT_OFFLINE = "agent-offline"
    AGENT_MISSING = "agent-missing"
    NOT_IN_VPC = "not-in-vpc"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    GARBLED = "garbled"


class GuestUnreachable(Unreachable):
    """A script could not be run inside the guest, or its answer did not come back.

    Attributes:
        reason: which case it is.
    """

    default_code = "GuestUnreachable"

    def __init__(
        self, message: str, reason: Reason, *, code: str = "", hint: str = "", request_id: str = ""
    ) -> None:
        super().__init__(message, code=code, hint=hint, request_id=request_id)
        self.reason = reason


@dataclass(frozen=True)
class CommandResult:
    """What a script left: its exit code and what it printed."""

    exit_code: int
    output: bytes


class Channel(Protocol):
    """A way into one guest, as root."""

    def run(
        self, script: Script, parameters: Mapping[str, str], *, timeout_seconds: int = 60
    ) -> CommandResult:
        """Run ``script`` to its end. It may be run twice if an answer is lost.

        Raises:
            GuestUnreachable: it did not run, or its answer did not come back.
            CvmimgError: the cloud could not be asked.
        """


def ask(
    channel: Channel, script: Script, parameters: Mapping[str, str], *, timeout_seconds: int = 60
) -> dict[str, bytes]:
    """Run a script that answers in lines ``cvmimg KEY WORD``; the answer as key → plain bytes.

    Raises:
        TaskFailed: the script ended with an error of the shell.
        GuestUnreachable: as ``Channel.run``; or the answer is garbled.
    """
    result = channel.run(script, parameters, timeout_seconds=timeout_seconds)
    if result.exit_code != 0:
        raise TaskFailed(
            f"the script {script.name} failed in the guest with exit code {result.exit_code}:"
            f" {shown(result.output[-300:])}",
            code="GuestScriptFailed",
        )
    lines = (line.strip().split(b" ") for line in result.output.split(b"\n"))
    try:
        return {
            words[1].decode("ascii", "replace"): unpacked(words[2])
            for words in lines
            if len(words) == 3 and words[0] == b"cvmimg"
        }
    except Garbled as error:
        raise GuestUnreachable(str(error), Reason.GARBLED) from error
