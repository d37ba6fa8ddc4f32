"""Running commands and functions side by side, and what can honestly be said of their times.

A ratio is taken within a pair of runs that follow one another, so that a slow moment of the machine
falls on both; what is reported is the median of the ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 10


@dataclass(frozen=True)
class Cost:
    """What one run took.

    Attributes:
        seconds: by the clock on the wall.
        peak_mib: the most memory that the process held at once, in MiB.
    """

    seconds: float
    peak_mib: float = 0.0


@dataclass(frozen=True)
class Comparison:
    """The medians of two things measured in turns."""

    ours: Cost
    theirs: Cost
    time_ratio: float
    memory_ratio: float


def run(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed; the message carries what it said.
    """
    return _run(command, environment)[0]


def run_told(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run a command whose last line tells the seconds that count; raises as ``run`` does."""
    cost, output = _run(command, environment)
    return Cost(float(output.splitlines()[-1]), cost.peak_mib)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> tuple[Cost, str]:
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    output = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode != 0:
        said = output[-2000:]
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said}")
    return Cost(seconds, usage.ru_maxrss / 1024), output


def run_all(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> Cost:
    """Run commands one after the other; their times add up, their memory does not."""
    costs = [run(command, environment) for command in commands]
    return Cost(sum(cost.seconds for cost in costs), max(cost.peak_mib for cost in costs))


def compare(
    ours: Callable[[], Cost], theirs: Callable[[], Cost], rounds: int = ROUNDS
) -> Comparison:
    """Measure two things in turns, after one run of each that does not count."""
    ours()
    theirs()
    pairs = [(ours(), theirs()) for _ in range(rounds)]
    return Comparison(
        ours=_median([mine for mine, _ in pairs]),
        theirs=_median([other for _, other in pairs]),
        time_ratio=statistics.median(mine.seconds / other.seconds for mine, other in pairs),
        memory_ratio=statistics.median(
            mine.peak_mib / other.peak_mib if other.peak_mib else 0.0 for mine, other in pairs
        ),
    )


def median_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of ``work``, after one run that does not count."""
    work()
    return statistics.median(_seconds(work) for _ in range(rounds))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.peak_mib for cost in costs),
    )
