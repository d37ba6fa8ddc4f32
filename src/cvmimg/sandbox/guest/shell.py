"""The shell of a simulated guest: a few harmless commands, and nothing of the host.

Imports only the standard library, because the guest's own ``sh`` runs this file:
``python shell.py ROOT -c COMMAND``.
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

_NOT_FOUND = 127
_TESTS = {"-e": os.path.lexists, "-f": os.path.isfile, "-d": os.path.isdir}


def run(root: Path, command: str) -> tuple[int, str]:
    """Return the exit code and the output of ``true``, ``false``, ``exit N`` or a ``test``.

    Args:
        root: the guest's files, in which the paths of ``test`` are looked up.
        command: one command; any other is not found.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if words in (["true"], ["false"]):
        return int(words == ["false"]), ""
    if len(words) == 2 and words[0] == "exit" and words[1].isdecimal():
        return int(words[1]) % 256, ""
    if len(words) == 3 and words[0] == "test" and words[1] in _TESTS:
        inside = os.path.normpath(f"/{words[2]}").lstrip("/")
        return int(not _TESTS[words[1]](root / inside)), ""
    return _NOT_FOUND, f"sh: the sandbox does not run {command!r}\n"


if __name__ == "__main__":
    exit_code, output = run(Path(sys.argv[1]), sys.argv[-1])
    sys.stdout.write(output)
    sys.exit(exit_code)
