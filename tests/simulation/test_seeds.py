"""Fixed seeds of the simulator; ``make faults`` runs many more of them."""

from __future__ import annotations

import pytest

from tests.simulation.campaign import run_seeds

pytestmark = pytest.mark.system

SEEDS, CHUNK = 300, 15
KNOWN_FAILURES: frozenset[int] = frozenset()
"""Seeds that fail today. One that passes fails the test: take it out."""


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_every_invariant_holds(first: int) -> None:
    seeds = range(first, first + CHUNK)
    report = run_seeds(seeds)
    assert report.failing_seeds == KNOWN_FAILURES & {*seeds}, report.examples
