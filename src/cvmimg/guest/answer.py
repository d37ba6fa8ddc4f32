"""Run a script in a guest and parse its answer, which is lines ``cvmimg KEY WORD``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cvmimg.errors import TaskFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.packing import Garbled, unpack
from cvmimg.guest.script import Script, sequence
from cvmimg.guest.text import shown
from cvmimg.message import Message

REASONS = (
    "attribute-failed",
    "backup-exists",
    "backup-failed",
    "changed-and-original-removed",
    "changed-meanwhile",
    "changed-since-read",
    "fsfreeze-failed",
    "incomplete",
    "move-failed",
    "no-base64",
    "no-fstab",
    "no-sha256sum",
    "original-changed",
    "original-removed",
    "other-freeze",
    "record-failed",
    "replace-failed",
    "unexpected-content",
    "unit-missing",
    "write-failed",
)
"""Words with which the scripts say why they did not do something."""


def run_script(
    access: GuestAccess, script: Script, parameters: Mapping[str, str], *, timeout_seconds: int = 60
) -> dict[str, bytes]:
    """Run a script and return its answer: key → plain bytes.

    Raises:
        TaskFailed: the script ended with an error of the shell.
        GuestUnreachable: as ``GuestAccess.run``; or the answer is incomplete.
    """
    (answer,) = _run(access, script, parameters, timeout_seconds, count=1)
    return answer


def run_sequence(
    access: GuestAccess,
    names: Sequence[str],
    parameters: Mapping[str, str],
    *,
    timeout_seconds: int = 60,
) -> list[dict[str, bytes]]:
    """Run several scripts at once and return the answer of each; raises as ``run_script``.

    Args:
        access: runs them.
        names: which, of POSIX sh; all are run, however those before ended.
        parameters: of all together.
        timeout_seconds: for all together.
    """
    script = sequence(tuple(names))
    return _run(access, script, parameters, timeout_seconds, count=len(names))


def _run(
    access: GuestAccess,
    script: Script,
    parameters: Mapping[str, str],
    timeout_seconds: int,
    *,
    count: int,
) -> list[dict[str, bytes]]:
    result = access.run(script, parameters, timeout_seconds=timeout_seconds)
    if result.exit_code != 0:
        raise TaskFailed(
            Message(
                "GuestScriptFailed",
                script=script.name,
                exit_code=result.exit_code,
                output=shown(result.output[-300:]),
            )
        )
    try:
        answers = [_parse(answer) for answer in result.answers]
    except Garbled:
        answers = []
    if len(answers) != count or not all(answers):
        raise GuestUnreachable(
            Message("GuestAnswerIncomplete", script=script.name, dropped=result.dropped),
            Reason.GARBLED,
        )
    return answers


def _parse(answer: bytes) -> dict[str, bytes]:
    lines = (line.strip().split(b" ") for line in answer.split(b"\n"))
    return {
        words[1].decode("ascii", "replace"): unpack(words[2])
        for words in lines
        if len(words) == 3 and words[0] == b"cvmimg"
    }


def text_of(answer: Mapping[str, bytes], key: str) -> str:
    """Return the plain text of a key; empty if the answer does not have it."""
    return answer.get(key, b"").decode("ascii", "replace")


def reason(answer: Mapping[str, bytes]) -> Message:
    """Return the reason that an answer gives, with the file that it is about."""
    word = text_of(answer, "reason")
    path = shown(answer.get("file", b""))
    return Message(f"guest.reason.{word if word in REASONS else 'unknown'}", path=path)
