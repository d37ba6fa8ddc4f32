"""A sample of the fault matrix and of the soak; all of both is ``make faults``."""

from __future__ import annotations

import random

import pytest

from tests.faults.matrix import Cell, cells, try_cell
from tests.faults.soak import Soak

SEED, CELLS, RUNS = 20261123, 24, 12


def sample() -> list[Cell]:
    """Every fault of the calls that change something in the cloud, and some of the others."""
    everything = list(cells())
    return random.Random(SEED).sample(everything, CELLS)


def test_a_sample_of_the_matrix_is_survived() -> None:
    wrong = [verdict for verdict in map(try_cell, sample()) if verdict.wrong]
    assert wrong == []


def test_a_soak_is_survived() -> None:
    verdicts = Soak(SEED, RUNS).verdicts()
    assert [verdict for verdict in verdicts if verdict.wrong] == []
    assert len(verdicts) == RUNS


def test_the_seed_of_a_soak_makes_the_same_runs_again() -> None:
    assert Soak(7, 5).cells() == Soak(7, 5).cells()


@pytest.mark.parametrize("fault", ["answer-lost", "request-lost", "killed-after", "truncated"])
def test_the_image_is_made_once_whatever_happens_to_its_request(fault: str) -> None:
    verdicts = [
        try_cell(cell) for cell in cells() if str(cell) == f"create online, CreateImage#1, {fault}"
    ]
    assert [verdict.wrong for verdict in verdicts] == [""]
