"""How a script gets into a guest, and what comes back."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from cvmimg.errors import TaskFailed, Unreachable
from cvmimg.guest.script import Script
from cvmimg.guest.text import shown

_MOST = 64 * 1024 * 1024
"""Bytes that an unpacked answer may have."""


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
    answer = {}
    for line in result.output.split(b"\n"):
        words = line.strip().split(b" ")
        if len(words) == 3 and words[0] == b"cvmimg":
            answer[words[1].decode("ascii", "replace")] = unpacked(words[2])
    return answer


def unpacked(word: bytes) -> bytes:
    """Undo the packing of the scripts: ``gzip+base64:…``, ``base64:…``, ``hex:…``.

    Raises:
        GuestUnreachable: it is garbled, or larger than any honest answer.
    """
    encoding, _, encoded = word.partition(b":")
    try:
        plain = _decoded(encoding.removeprefix(b"gzip+"), encoded)
        return _gunzipped(plain) if encoding.startswith(b"gzip+") else plain
    except (ValueError, zlib.error) as error:
        raise GuestUnreachable("the guest's answer is garbled", Reason.GARBLED) from error


def _decoded(encoding: bytes, encoded: bytes) -> bytes:
    if encoding == b"hex":
        return binascii.unhexlify(encoded)
    if encoding == b"base64":
        return base64.b64decode(encoded, validate=True)
    raise ValueError("unknown encoding")


def _gunzipped(packed: bytes) -> bytes:
    decompressor = zlib.decompressobj(wbits=31)
    plain = decompressor.decompress(packed, _MOST)
    if not decompressor.eof:
        raise ValueError("cut, or too large")
    return plain
