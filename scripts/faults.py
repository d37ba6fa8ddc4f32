"""The fault matrix: tries its cells on all cores; prints how many were tried and survived."""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.faults.matrix import Verdict, cells, try_cell
from tests.faults.soak import Soak


def main() -> int:
    """Try the cells asked for; 1 if one of them was not survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, help="try only so many cells, chosen at random")
    parser.add_argument("--seed", type=int, default=0, help="of the choice")
    parser.add_argument("--only", default="", help="try only cells with this in their name")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes side by side")
    parser.add_argument("--soak", type=int, default=0, help="then so many runs in one world")
    options = parser.parse_args()
    chosen = [cell for cell in cells() if options.only in str(cell)]
    if options.sample:
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    with ProcessPoolExecutor(options.jobs) as pool:
        verdicts = list(pool.map(try_cell, chosen, chunksize=4))
    survived = report(verdicts)
    if options.soak:
        print(f"a soak of {options.soak} runs under the seed {options.seed}:")
        survived = report(Soak(options.seed, options.soak).verdicts()) and survived
    return 0 if survived else 1


def report(verdicts: list[Verdict]) -> bool:
    """Print a line a workflow and a line a cell that was not survived; whether all were."""
    tried = Counter(verdict.cell.workflow for verdict in verdicts)
    alive = Counter(verdict.cell.workflow for verdict in verdicts if not verdict.wrong)
    for verdict in verdicts:
        if verdict.wrong:
            print(f"NOT SURVIVED  {verdict.cell}: {verdict.wrong}")
    for workflow, count in tried.items():
        print(f"{workflow}: {count} cells tried, {alive[workflow]} survived")
    print(f"all: {tried.total()} cells tried, {alive.total()} survived")
    return alive.total() == tried.total()


if __name__ == "__main__":
    raise SystemExit(main())
