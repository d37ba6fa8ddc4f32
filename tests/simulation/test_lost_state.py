"""The machine is lost with its journal: ``resume --from-cloud`` on another one restores all."""

from __future__ import annotations

import pytest

from tests.simulation.campaign import run_all
from tests.simulation.draw import draw_again, draw_lost
from tests.simulation.events import AtCall, AtStart, AtWrite, Event, Scenario
from tests.simulation.operations import Create, Operation, Snapshot
from tests.simulation.run import simulate

pytestmark = pytest.mark.system

SEEDS, CHUNK = 120, 15
LOST = AtStart(1, "state-lost")
FOUND: dict[str, tuple[Operation, tuple[Event, ...], bool]] = {
    "a takeover that is killed and then rolled back": (
        Create(instance="ins-data0001", force_stop=True, fix_fstab=True),
        (AtCall("CreateImage", 1, "killed-after"), AtWrite(4, "killed-after", process=1)),
        True,
    ),
    "a machine that is lost after the file was restored and before it was mounted": (
        Create(instance="ins-data0001", force_stop=True, fix_fstab=True),
        (
            AtCall("StopInstances", 1, "task-fails"),
            AtCall("RunCommand", 4, "killed-before"),
        ),
        True,
    ),
    "an untagged image of an instance that stays stopped": (
        Create(instance="ins-old00001", stop=True, restart=False, own_tags=False),
        (AtCall("UnTagResources", 1, "killed-before"),),
        False,
    ),
}
PLACES: dict[str, tuple[Operation, AtCall]] = {
    "before the tag": (Create(stop=True), AtCall("TagResources", 1, "killed-before")),
    "after the tag": (Create(stop=True), AtCall("TagResources", 1, "killed-after")),
    "stopped": (Create(stop=True), AtCall("StopInstances", 1, "killed-after")),
    "requested": (Create(stop=True), AtCall("CreateImage", 1, "killed-after")),
    "started again": (Create(stop=True), AtCall("StartInstances", 1, "killed-after")),
    "restored": (Create(stop=True), AtCall("UnTagResources", 1, "killed-before")),
    "frozen": (
        Snapshot(instance="ins-twod0001", freeze=True),
        AtCall("CreateSnapshot", 1, "killed-before"),
    ),
    "half of a frozen set": (
        Snapshot(instance="ins-twod0001", freeze=True),
        AtCall("CreateSnapshot", 1, "killed-after"),
    ),
    "a whole frozen set": (
        Snapshot(instance="ins-twod0001", freeze=True),
        AtCall("CreateSnapshot", 2, "killed-after"),
    ),
}


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_every_lost_run_ends_clean(first: int) -> None:
    report = run_all(map(draw_lost, range(first, first + CHUNK)))
    assert report.failures == {}, report.examples


@pytest.mark.parametrize("first", range(0, SEEDS // 2, CHUNK))
def test_the_same_command_run_again_ends_with_one_image(first: int) -> None:
    report = run_all(map(draw_again, range(first, first + CHUNK)))
    assert report.failures == {}, report.examples


@pytest.mark.parametrize("roll_back", [False, True])
@pytest.mark.parametrize("place", PLACES)
def test_a_machine_may_be_lost_anywhere(place: str, roll_back: bool) -> None:
    operation, event = PLACES[place]
    outcome = simulate(Scenario((operation,), (event, LOST), roll_back=roll_back))

    assert event in outcome.met
    assert outcome.violations == []


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_stays_fixed(name: str) -> None:
    operation, events, roll_back = FOUND[name]
    scenario = Scenario((operation,), (*events, LOST), roll_back=roll_back)

    assert simulate(scenario).violations == []
