"""Runs of cvmimg in this process, against the sandbox, in simulated time and with fixed chance."""

from __future__ import annotations

import getpass
import importlib.metadata
import itertools
import os
import platform
import random
import secrets
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.simulation.timeline import Timeline, threads_on

START = 1_795_428_000.0  # 2026-11-23, 10:00 UTC
COLUMNS = 100
SECONDS_OF_A_CALL = 0.0004


class SimulatedTime:
    """Time that passes only while all threads sleep, of which one runs at any moment."""

    def __init__(self) -> None:
        self.timeline = Timeline()

    def now(self) -> float:
        """Seconds since the epoch."""
        return START + self.timeline.elapsed

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self.timeline.elapsed

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.timeline.sleep(seconds)

    def wake(self) -> None:
        """Nobody really sleeps."""


@contextmanager
def fresh_sandbox(speed: float = 60) -> Iterator[SimulatedTime]:
    """A new world, at the same time and with the same chance as every other, on any machine."""
    clock, chance = SimulatedTime(), random.Random(0)
    random.seed(0)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir="/tmp"))
        stack.enter_context(patch.dict(os.environ, variables(folder, speed), clear=True))
        stack.callback(os.chdir, os.getcwd())
        os.chdir(folder)
        stack.enter_context(threads_on(clock.timeline))
        ticks = itertools.count(step=SECONDS_OF_A_CALL)
        for owner, name, stand_in in (
            (time, "time", clock.now),  # by which the SDK signs
            (time, "perf_counter", ticks.__next__),  # by which the sandbox times its answers
            (uuid, "uuid4", lambda: uuid.UUID(int=chance.getrandbits(128), version=4)),
            (secrets, "token_hex", same_tokens()),
            (os, "fsync", lambda _: None),  # nothing cuts the power
            (sys, "executable", "/usr/bin/python3"),
            (platform, "platform", lambda: "Linux-x86_64"),
            (platform, "node", lambda: "laptop"),
            (getpass, "getuser", lambda: "you"),
            (platform, "python_version", lambda: "3.X.Y"),
            (importlib.metadata, "version", lambda _: "X.Y.Z"),
        ):
            stack.enter_context(patch.object(owner, name, stand_in))
        yield clock


def same_tokens() -> Callable[[int | None], str]:
    """Tokens that are the same in every run: a sequence of its own for each length."""
    sequences: dict[int, random.Random] = defaultdict(lambda: random.Random(0))

    def token(length: int | None = None) -> str:
        size = length or 32
        return sequences[size].randbytes(size).hex()

    return token


def variables(folder: str, speed: float) -> dict[str, str]:
    """The whole environment of a run: nothing of this machine's is in it."""
    return {
        "COLUMNS": str(COLUMNS),
        "CVMIMG_CONFIG": os.devnull,
        "CVMIMG_SANDBOX": "1",
        "CVMIMG_SANDBOX_SPEED": str(speed),
        "CVMIMG_STATE_DIR": folder,
        "HOME": folder,
        "NO_COLOR": "1",
        "PATH": os.environ["PATH"],
        "TZ": "UTC",
    }


def run(arguments: list[str], clock: SimulatedTime) -> int:
    """Run cvmimg; give its exit code."""
    from cvmimg.cli import app
    from cvmimg.cli.settings import Invocation

    return app.run(arguments, Invocation(clock=clock))
