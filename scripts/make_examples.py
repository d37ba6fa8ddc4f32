"""Run the commands that the docs show, against the sandbox, and write what they print.

Every ``console`` block with a ``$ cvmimg`` line is an example: its commands run in order, in a
sandbox of the page's own. Time is simulated and chance is fixed, so the output is the same every
time. ``--check`` writes nothing, and fails if anything is not as it would be written.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import shlex
import sys

from generated import ROOT, write_or_check
from picture import picture
from simulation import SimulatedTime, fresh_sandbox, run

BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?= ?[),\"])")
"""A request's id, which calls side by side draw in any order; a line of fstab has others."""
SAME_UUID = "3f0c7a52-6d1e-4b8a-9c35-2e71d8a4f690"


def main() -> int:
    """Write or check all pages, and the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()

    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    files = {page: with_examples(page.read_text(encoding="utf-8")) for page in pages}
    files[ROOT / "docs" / "images" / "create.svg"] = picture()
    return write_or_check(files, check=arguments.check)


def with_examples(text: str) -> str:
    """A page with the output of its examples as it is now."""
    with fresh_sandbox() as clock:
        return BLOCK.sub(lambda match: run_block(match[1], clock), text)


def run_block(block: str, clock: SimulatedTime) -> str:
    """The commands of a block, each with what it prints."""
    if "$ cvmimg" not in block or "$ cvmimg sandbox serve" in block:  # which never ends
        return block
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    code, parts = 0, []
    for command in commands:
        if command == "echo $?":
            output = f"{code}\n"
        else:
            code, output = run_command(shlex.split(command)[1:], clock)
        parts.append(f"$ {command}\n{output}")
    return "".join(parts)


def run_command(arguments: list[str], clock: SimulatedTime) -> tuple[int, str]:
    """Run cvmimg in this process; give its exit code and what a pipe would get of both streams."""
    screen = io.StringIO()
    with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
        code = run(arguments, clock)
    printed = UUID.sub(SAME_UUID, screen.getvalue())
    return code, "".join(f"{line.rstrip()}\n" for line in printed.splitlines())


if __name__ == "__main__":
    sys.exit(main())
