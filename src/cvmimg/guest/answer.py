"""Run a script in a guest and read its answer, which is lines ``cvmimg KEY WORD``."""

from __future__ import annotations

from collections.abc import Mapping

from cvmimg.errors import TaskFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.packing import Garbled, unpacked
from cvmimg.guest.script import Script
from cvmimg.guest.text import shown


def run_script(
    access: GuestAccess, script: Script, parameters: Mapping[str, str], *, timeout_seconds: int = 60
) -> dict[str, bytes]:
    """Run a script and return its answer: key → plain bytes.

    Raises:
        TaskFailed: the script ended with an error of the shell.
        GuestUnreachable: as ``GuestAccess.run``; or the answer is garbled.
    """
    result = access.run(script, parameters, timeout_seconds=timeout_seconds)
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
