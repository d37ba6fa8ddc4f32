"""Runs of cvmimg in this process, against the sandbox, in simulated time and with fixed chance."""

from __future__ import annotations

import os
import random
import secrets
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

START = 1_795_428_000.0  # 2026-11-23, 10:00 UTC
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

    def wake(self) -> None:
        """Nobody really sleeps."""


@contextmanager
def fresh_sandbox(speed: float = 60) -> Iterator[SimulatedTime]:
    """A new world, at the same time and with the same chance as every other."""
    real = time.time, uuid.uuid4
    environment = dict(os.environ)
    clock, chance = SimulatedTime(), random.Random(0)
    random.seed(0)
    time.time = clock.now  # by which the SDK signs
    uuid.uuid4 = lambda: uuid.UUID(int=chance.getrandbits(128), version=4)
    with tempfile.TemporaryDirectory() as folder, patch.object(secrets, "token_hex", same_tokens()):
        bare_environment(Path(folder), speed)
        try:
            yield clock
        finally:
            time.time, uuid.uuid4 = real
            os.environ.clear()
            os.environ.update(environment)


def same_tokens() -> Callable[[int | None], str]:
    """Tokens that are the same in every run: a sequence of its own for each length."""
    sequences: dict[int, random.Random] = defaultdict(lambda: random.Random(0))

    def token(length: int | None = None) -> str:
        size = length or 32
        return sequences[size].randbytes(size).hex()

    return token


def bare_environment(folder: Path, speed: float) -> None:
    """Keep what this machine has in its environment out of a run."""
    for name in [*os.environ]:
        if name.startswith(("CVMIMG_", "TENCENTCLOUD_")) or name in ("CI", "FORCE_COLOR"):
            del os.environ[name]
    os.environ |= {
        "COLUMNS": str(COLUMNS),
        "CVMIMG_CONFIG": os.devnull,
        "CVMIMG_SANDBOX": "1",
        "CVMIMG_SANDBOX_SPEED": str(speed),
        "CVMIMG_STATE_DIR": str(folder),
        "HOME": str(folder),
        "NO_COLOR": "1",
        "TZ": "UTC",
    }


def run(arguments: list[str], clock: SimulatedTime) -> int:
    """Run cvmimg; give its exit code."""
    from cvmimg.cli import app
    from cvmimg.cli.settings import Invocation

    return app.run(arguments, Invocation(clock=clock))
