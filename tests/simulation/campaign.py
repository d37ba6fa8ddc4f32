"""Many runs on all cores, and what they have found."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from tests.simulation.draw import draw
from tests.simulation.events import Scenario
from tests.simulation.every_place import FAILING, OPERATIONS, scenarios
from tests.simulation.invariants import Violation
from tests.simulation.operations import Operation
from tests.simulation.run import Outcome, simulate
from tests.simulation.shrink import shrink

_CHUNK = 25
Group = tuple[str, str]
"""An invariant, and the kind of operation for which it does not hold."""


@dataclass
class Report:
    """What many runs have found.

    Attributes:
        planned: how many scenarios are to be run in all.
        runs: how many scenarios were run.
        events: how many events were drawn.
        resumes: how many processes followed the first ones.
        calls: how many API calls were made.
        kinds: how many operations of each kind there were.
        faults: how often each fault came to pass.
        failures: the scenarios in which an invariant does not hold.
        examples: a violation of each group.
    """

    planned: int = 0
    runs: int = 0
    events: int = 0
    resumes: int = 0
    calls: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    failures: dict[Group, list[Scenario]] = field(default_factory=dict)
    examples: dict[Group, Violation] = field(default_factory=dict)

    @property
    def violations(self) -> int:
        """How many violations there are, of all groups."""
        return sum(map(len, self.failures.values()))

    @property
    def failing_seeds(self) -> set[int]:
        """The seeds of the scenarios in which an invariant does not hold."""
        return {scenario.seed for found in self.failures.values() for scenario in found}

    def note(self, scenario: Scenario, outcome: Outcome) -> None:
        """Take in the outcome of one run."""
        self.runs += 1
        self.events += len(scenario.events)
        self.resumes += outcome.resumes
        self.calls += len(outcome.calls)
        self.kinds.update(operation.kind for operation in scenario.operations)
        self.faults.update(event.fault for event in outcome.met)
        for violation in outcome.violations:
            group = (violation.invariant, violation.kind)
            self.failures.setdefault(group, []).append(scenario)
            self.examples.setdefault(group, violation)

    def add(self, other: Report) -> None:
        """Take in what another worker has found."""
        for name in ("runs", "events", "resumes", "calls", "kinds", "faults"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for group, failures in other.failures.items():
            self.failures.setdefault(group, []).extend(failures)
            self.examples.setdefault(group, other.examples[group])


def run_all(scenarios: Iterable[Scenario]) -> Report:
    """Run scenarios one after the other."""
    report = Report()
    for scenario in scenarios:
        report.note(scenario, simulate(scenario))
    return report


def run_seeds(seeds: Sequence[int], only: str = "") -> Report:
    """Run the scenarios of these seeds whose text holds ``only``."""
    return run_all(scenario for scenario in map(draw, seeds) if only in repr(scenario))


def at_random(
    first: int, runs: int, *, only: str = "", jobs: int | None = None
) -> Iterator[Report]:
    """Run the scenarios of ``runs`` seeds on all cores; yields the report as it grows."""
    end = first + runs
    chunks = [range(start, min(start + _CHUNK, end)) for start in range(first, end, _CHUNK)]
    with ProcessPoolExecutor(jobs or os.cpu_count()) as pool:
        yield from _growing(pool.map(partial(run_seeds, only=only), chunks), runs)


def at_every_place(*, only: str = "", jobs: int | None = None) -> Iterator[Report]:
    """Let every fault meet every call and write of each operation, on all cores."""
    with ProcessPoolExecutor(jobs or os.cpu_count()) as pool:
        single = [
            scenario
            for each in pool.map(_scenarios, (*OPERATIONS, *FAILING))
            for scenario in each
            if only in repr(scenario)
        ]
        chunks = [single[start : start + _CHUNK] for start in range(0, len(single), _CHUNK)]
        yield from _growing(pool.map(run_all, chunks), len(single))


def _scenarios(operation: Operation) -> list[Scenario]:
    return list(scenarios(operation))


def _growing(reports: Iterable[Report], planned: int) -> Iterator[Report]:
    whole = Report(planned)
    for report in reports:
        whole.add(report)
        yield whole


def shortest_failures(
    report: Report, jobs: int | None = None
) -> Iterator[tuple[Scenario, Violation]]:
    """The shortest scenario of each group of violations, found on all cores."""
    groups = sorted(report.failures)
    failing = [min(report.failures[group], key=lambda s: len(s.events)) for group in groups]
    with ProcessPoolExecutor(jobs or os.cpu_count()) as pool:
        yield from pool.map(_shortest, failing, [report.examples[group] for group in groups])


def _shortest(scenario: Scenario, violation: Violation) -> tuple[Scenario, Violation]:
    shortest = shrink(scenario, violation)
    group = (violation.invariant, violation.kind)
    found = simulate(shortest).violations
    return shortest, next((v for v in found if (v.invariant, v.kind) == group), violation)
