"""Measure everything, print it, and write docs/benchmarks.md."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import commands, inside, readiness, servers
from benchmarks.clients import ROOT
from benchmarks.report import Growth, Row, page

PAGE = ROOT / "docs" / "benchmarks.md"


def main() -> int:
    """Run all benchmarks.

    Returns:
        The exit code: 1 if a goal was missed.
    """
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        rows = [
            *printed(commands.rows(home)),
            *printed(inside.rows()),
            *printed(servers.rows()),
            *printed(readiness.rows()),
        ]
        growths = [*printed_growths(commands.growths(home)), *printed_growths(inside.growths())]
    PAGE.write_text(page(rows, growths), encoding="utf-8")
    return 0 if all(row.met for row in rows) else 1


def printed(rows: Iterator[Row]) -> Iterator[Row]:
    """Print each row as soon as it is measured."""
    for row in rows:
        print(f"{row.what}: {row.ours}, {row.theirs}: {row.verdict}", flush=True)
        yield row


def printed_growths(growths: Iterator[Growth]) -> Iterator[Growth]:
    """Print each growth as soon as it is measured."""
    for growth in growths:
        print(f"{growth.what}: {growth.costs} {growth.unit}", flush=True)
        yield growth


if __name__ == "__main__":
    sys.exit(main())
