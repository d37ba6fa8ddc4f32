"""Running commands and functions side by side, and honest statistics of their times.

A ratio is taken within a pair of runs that follow one another, so that a slow moment of the machine
falls on both; what is reported is the median of the ratios.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 10


# Reports the most memory a command held. In a process between, because the kernel counts the memory
# that a process had before it became the command, which is that of whoever started it.
_PEAK = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


@dataclass(frozen=True)
class Comparison:
    """The medians of what two things cost, measured in turns, and of the pairs' ratios."""

    ours: float
    theirs: float
    ratio: float


def run(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a command to its end; the seconds that it took.

    Raises:
        RuntimeError: it failed; the message carries what it said.
    """
    started = time.perf_counter()
    _output(command, environment)
    return time.perf_counter() - started


def run_told(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a command whose last line has the seconds that count; raises as ``run`` does."""
    return float(_output(command, environment).splitlines()[-1])


def run_all(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> float:
    """Run commands one after the other; the seconds that they took; raises as ``run`` does."""
    return sum(run(command, environment) for command in commands)


def peak_mib(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a command; the most memory that it held at once, in MiB; raises as ``run`` does."""
    peak = _output([sys.executable, "-S", "-c", _PEAK, *command], environment)
    return int(peak.splitlines()[-1]) / 1024


def compare(
    ours: Callable[[], float], theirs: Callable[[], float], rounds: int = ROUNDS
) -> Comparison:
    """Measure two things in turns, after one run of each that does not count."""
    ours()
    theirs()
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return Comparison(
        ours=statistics.median(mine for mine, _ in pairs),
        theirs=statistics.median(other for _, other in pairs),
        ratio=statistics.median(mine / other for mine, other in pairs),
    )


def _output(command: Sequence[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        command,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"{' '.join(command)} ended with {done.returncode}: {done.stdout[-2000:]}"
        )
    return done.stdout


def median_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of ``work``, after one run that does not count."""
    work()
    return statistics.median(_seconds(work) for _ in range(rounds))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
