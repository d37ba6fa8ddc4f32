"""A sample of the fault matrix and of the soak; all of both is ``make faults``."""

from __future__ import annotations

import random

import pytest

from tests.faults.disk import WRITE_FAULTS
from tests.faults.faulty import CALL_FAULTS, CallSite
from tests.faults.matrix import Cell, cells, record, try_cell
from tests.faults.soak import Soak

SEED, CELLS, RUNS = 20261123, 16, 8


def test_a_sample_of_the_matrix_is_survived() -> None:
    sample = random.Random(SEED).sample(list(cells()), CELLS)
    assert [verdict for verdict in map(try_cell, sample) if verdict.wrong] == []


def test_a_soak_is_survived() -> None:
    verdicts = Soak(SEED, RUNS).verdicts()
    assert [verdict for verdict in verdicts if verdict.wrong] == []
    assert len(verdicts) == RUNS


def test_the_seed_of_a_soak_makes_the_same_runs_again() -> None:
    assert Soak(7, 5).cells() == Soak(7, 5).cells()


@pytest.mark.parametrize(
    "fault", ["answer-lost", "request-lost", "killed-after", "truncated", "hollow"]
)
def test_the_image_is_made_once_whatever_happens_to_its_request(fault: str) -> None:
    cell = Cell("create online", CallSite("CreateImage", 1), fault)
    assert try_cell(cell).wrong == ""


@pytest.mark.parametrize(
    ("workflow", "action"),
    [
        ("create --stop", "StopInstances"),
        ("create --stop", "StartInstances"),
        ("create --stop --fix-fstab", "CreateImage"),
        ("create --stop --fix-fstab", "RunCommand"),
        ("launch", "DescribeInstances"),
    ],
)
def test_credentials_that_expire_half_way_leave_an_operation_to_be_resumed(
    workflow: str, action: str
) -> None:
    last = [site for site in record(workflow)[0] if site.action == action][-1]
    assert try_cell(Cell(workflow, last, "expired")).wrong == ""


def test_the_matrix_holds_every_fault_at_every_place() -> None:
    sites, writes = record("create online")
    online = [cell for cell in cells() if cell.workflow == "create online"]
    assert len(online) == len(sites) * len(CALL_FAULTS) + writes * len(WRITE_FAULTS)
    assert CallSite("CreateImage", 1) in sites
