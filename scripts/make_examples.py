"""Run the commands that the docs show, against the sandbox, and write what they print.

Every ``console`` block with a ``$ cvmimg`` line is an example: its commands run in order, in a
sandbox of the page's own. Time is simulated and chance is fixed, so the output is the same every
time. ``--check`` writes nothing, and fails if anything is not as it would be written.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import re
import shlex
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator

from generated import ROOT, write_or_check

BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
START = 1795428000.0  # 2026-11-23, 10:00 UTC
COLUMNS = 100


class SimulatedTime:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return START + self.passed

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self.passed

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.passed += max(0.0, seconds)


def main() -> int:
    """Write or check all pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()

    clock = SimulatedTime()
    simulate(clock)
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    files = {page: with_examples(page.read_text(encoding="utf-8"), clock) for page in pages}
    return write_or_check(files, check=arguments.check)


def with_examples(text: str, clock: SimulatedTime) -> str:
    """A page with the output of its examples as it is now."""
    if not any("$ cvmimg" in block for block in BLOCK.findall(text)):
        return text
    with fresh_sandbox(clock):
        return BLOCK.sub(lambda match: run_block(match[1]), text)


def run_block(block: str) -> str:
    """The commands of a block, each with what it prints."""
    if "$ cvmimg" not in block:
        return block
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    code, parts = 0, []
    for command in commands:
        if command == "echo $?":
            output = f"{code}\n"
        else:
            code, output = run_command(shlex.split(command)[1:])
        parts.append(f"$ {command}\n{output}")
    return "".join(parts)


def run_command(arguments: list[str]) -> tuple[int, str]:
    """Run cvmimg in this process; give its exit code and what a pipe would get of both streams."""
    from cvmimg.cli.app import run

    screen = io.StringIO()
    with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
        code = run(arguments)
    return code, "".join(f"{line.rstrip()}\n" for line in screen.getvalue().splitlines())


@contextlib.contextmanager
def fresh_sandbox(clock: SimulatedTime) -> Iterator[None]:
    """A new world, at the same time and with the same chance as every other."""
    clock.passed = 0.0
    random.seed(0)
    chance = random.Random(0)
    uuid.uuid4 = lambda: uuid.UUID(int=chance.getrandbits(128), version=4)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CVMIMG_STATE_DIR"] = folder
        yield


def simulate(clock: SimulatedTime) -> None:
    """Take real time away from this process, before anything keeps hold of it."""
    time.time, time.monotonic = clock.now, clock.monotonic
    time.sleep = clock.sleep  # type: ignore[assignment]
    from cvmimg.clock import SystemClock

    SystemClock.sleep = lambda _, seconds: clock.sleep(seconds)  # type: ignore[method-assign, assignment]


def bare_environment() -> None:
    """Keep what this machine has in its environment out of the examples."""
    for name in [*os.environ]:
        if name.startswith(("CVMIMG_", "TENCENTCLOUD_")) or name in ("CI", "FORCE_COLOR"):
            del os.environ[name]
    os.environ |= {
        "COLUMNS": str(COLUMNS),
        "CVMIMG_CONFIG": os.devnull,
        "CVMIMG_SANDBOX": "1",
        "HOME": os.devnull,
        "NO_COLOR": "1",
        "TZ": "UTC",
    }


if __name__ == "__main__":
    bare_environment()
    sys.exit(main())
