"""Simulate disturbed runs of every command; print every invariant that does not hold.

Each run has up to four events, drawn from a seed. With --every-place, every fault first meets every
call and every write of each kind of operation, one at a time. A failing run is shrunk and printed
as a test.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.simulation.campaign import Report, at_every_place, at_random, shortest_failures
from tests.simulation.shrink import as_test

_SHOW_EVERY_SECONDS = 30.0
_HEADER = """
from tests.simulation.events import AtCall, AtStart, AtWrite, Scenario
from tests.simulation.operations import Create, Delete, Launch, Snapshot, Update
from tests.simulation.run import simulate"""


def main() -> int:
    """Run what was asked for; 1 if an invariant does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20_000, help="seeds to try (20000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--only", default="", help="only scenarios whose text contains this")
    parser.add_argument("--jobs", type=int, help="parallel processes (one for each core)")
    parser.add_argument("--every-place", action="store_true", help="also one fault at every place")
    options = parser.parse_args()
    reports = []
    if options.every_place:
        singles = at_every_place(only=options.only, jobs=options.jobs)
        reports.append(watch("every fault at every place", singles))
    if options.runs:
        runs = at_random(options.seed, options.runs, only=options.only, jobs=options.jobs)
        reports.append(watch(f"seeds {options.seed} to {options.seed + options.runs - 1}", runs))
    for report in reports:
        print_tests(report, options.jobs)
    return 1 if any(report.failures for report in reports) else 0


def watch(title: str, reports: Iterator[Report]) -> Report:
    """Print the progress, then the figures."""
    began = shown = time.monotonic()
    report = Report()
    for report in reports:
        if time.monotonic() - shown > _SHOW_EVERY_SECONDS:
            shown = time.monotonic()
            seeds = ", ".join(map(str, sorted(report.failing_seeds)))
            found = f"{report.violations} violations {seeds}".rstrip()
            rate = report.runs / (shown - began)
            print(f"{title}: {report.runs} of {report.planned} runs ({rate:.1f} a second), {found}")
            sys.stdout.flush()
    print_figures(title, report, time.monotonic() - began)
    return report


def print_figures(title: str, report: Report, seconds: float) -> None:
    """Print how many runs there were, and the violations by invariant and kind of operation."""
    rate = report.runs / seconds if seconds else 0.0
    print(f"\n{title}: {report.runs} runs in {seconds:.0f} s ({rate:.1f} a second)")
    kinds = ", ".join(f"{kind} {count}" for kind, count in report.kinds.most_common())
    faults = ", ".join(f"{fault} {count}" for fault, count in report.faults.most_common())
    print(f"  operations: {kinds}")
    print(f"  faults that came to pass: {faults}")
    print(
        f"  {report.faults.total()} of {report.events} events came to pass;"
        f" {report.resumes} resumes; {report.calls} API calls"
    )
    for (invariant, kind), failing in sorted(report.failures.items()):
        seeds = ", ".join(str(scenario.seed) for scenario in failing[:5])
        print(f"  VIOLATED {len(failing)} times: {invariant} ({kind}), such as seeds {seeds}")
    print(f"  {report.violations} violations", flush=True)


def print_tests(report: Report, jobs: int | None) -> None:
    """Print the shortest failing scenario of each group as a test."""
    if report.failures:
        print(_HEADER)
    for scenario, violation in shortest_failures(report, jobs):
        print(f"\n\n{as_test(scenario, violation)}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
