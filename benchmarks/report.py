"""What is reported: comparisons and growths, as tables for terminals and for the docs."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from benchmarks.measure import ROUNDS


@dataclass(frozen=True)
class Row:
    """One measurement and its goal.

    Attributes:
        what: in words.
        ours: what cvmimg took, with its unit.
        theirs: what the peer took, with its unit and name.
        value: what is compared with the goal, usually a ratio.
        goal: what the value should not exceed; None if it has no goal.
        at_least: the value should not be below the goal instead.
    """

    what: str
    ours: str
    theirs: str
    value: float
    goal: float | None
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    @property
    def verdict(self) -> str:
        """The value beside the goal, as a person reads it."""
        if self.goal is None:
            return _number(self.value)
        sign = "≥" if self.at_least else "≤"
        return f"{_number(self.value)} (goal {sign} {self.goal:g}{'' if self.met else ', missed'})"


@dataclass(frozen=True)
class Growth:
    """How a cost grows with a size.

    Attributes:
        what: in words.
        unit: of the costs.
        costs: a cost for each size.
    """

    what: str
    unit: str
    costs: dict[int, float]


def page(rows: Sequence[Row], growths: Sequence[Growth]) -> str:
    """The page of the docs."""
    lines = [
        "<!-- Made by `make bench`. -->",
        "",
        "# Benchmarks",
        "",
        "Measured by `make bench`, which anyone can run: cvmimg and a real peer take turns on one",
        "machine, against one local server (the [sandbox](sandbox.md), behind a connection with",
        f"adjustable latency). A ratio is the median of {ROUNDS} pairs of runs; below 1, cvmimg",
        "takes less. tccli is Tencent Cloud's own command line tool.",
        "",
        *row_table(rows),
        "",
        "## How the cost grows",
        "",
        *growth_table(growths),
        "",
        f"{datetime.now(timezone.utc):%Y-%m-%d}, {_machine()}",
        "",
    ]
    return "\n".join(lines)


def row_table(rows: Sequence[Row]) -> list[str]:
    """The comparisons as a Markdown table."""
    return [
        "| what | cvmimg | peer | ratio |",
        "|---|---|---|---|",
        *(f"| {row.what} | {row.ours} | {row.theirs} | {row.verdict} |" for row in rows),
    ]


def growth_table(growths: Sequence[Growth]) -> list[str]:
    """The growths as Markdown lists."""
    return [
        f"- **{growth.what}**: "
        + ", ".join(f"{size:,}: {_number(cost)}" for size, cost in growth.costs.items())
        + f" {growth.unit}"
        for growth in growths
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _machine() -> str:
    import os

    return (
        f"{platform.python_implementation()} {platform.python_version()},"
        f" {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )
