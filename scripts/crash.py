"""Kill real processes of the command line at random times; print violated invariants."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.simulation.crash import crash_many


def main() -> int:
    """Kill as many processes as asked for; 1 if an invariant does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="processes to kill (200)")
    parser.add_argument("--seed", type=int, default=0, help="decides what and when (0)")
    parser.add_argument("--jobs", type=int, default=4, help="operations side by side (4)")
    parser.add_argument(
        "--kind", action="append", default=[], help="kinds of operations, such as verify (all)"
    )
    options = parser.parse_args()
    began = time.monotonic()
    report = crash_many(options.kills, options.seed, options.jobs, options.kind)
    for violation in report.violations:
        print(f"VIOLATED {violation}")
    print(
        f"{report.operations} operations, {report.processes} processes, {report.killed} killed"
        f" ({report.killed_resumes} of them resumes), {len(report.violations)} violations,"
        f" {time.monotonic() - began:.0f} s"
    )
    return 1 if report.violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
