"""Sequences of events that the simulation has found, each shrunk to what broke a promise."""

from __future__ import annotations

import pytest

from tests.simulation.events import AtCall, Event, Scenario
from tests.simulation.operations import Copy, Create, Operation, Promote
from tests.simulation.run import simulate

pytestmark = pytest.mark.system

FOUND: dict[str, tuple[Operation, tuple[Event, ...]]] = {
    "a refusal that lies about an instance that is to be started": (
        Create(stop=True),
        (
            AtCall("StopInstances", 1, "killed-after"),
            AtCall("StartInstances", 1, "refused", process=1, code="InvalidInstanceId.NotFound"),
        ),
    ),
    "snapshots of a replaced image that are accepted for deletion and stay": (
        Create(instance="ins-full0001", replace_oldest="app-*"),
        (AtCall("DeleteSnapshots", 1, "task-stuck"),),
    ),
    "a request to stop while a second delivery that was refused is looked into": (
        Create(instance="ins-full0001", replace_oldest="app-*"),
        (AtCall("DeleteImages", 1, "interrupted"), AtCall("DeleteImages", 1, "twice")),
    ),
    "a token that expires after a second delivery was refused": (
        Create(instance="ins-full0001", replace_oldest="app-*"),
        (AtCall("DeleteImages", 2, "expired"), AtCall("DeleteImages", 1, "twice")),
    ),
    "a copy that is refused, and an error that does not name the image that is ready": (
        Create(copy_to=("ap-beijing",)),
        (AtCall("SyncImages", 1, "refused", code="InvalidParameterValue.InvalidRegion"),),
    ),
    "a new image that somebody deletes while the one that it replaces is being deleted": (
        Create(instance="ins-db000001", keep=2),
        (
            AtCall("DeleteSnapshots", 1, "expired"),
            AtCall("DeleteImages", 1, "somebody-deletes-image"),
        ),
    ),
    "a copy that is ordered twice, while the clock is a day ahead": (
        Copy(),
        (AtCall("SyncImages", 1, "twice"), AtCall("SyncImages?", 1, "clock-ahead")),
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_stays_fixed(name: str) -> None:
    operation, events = FOUND[name]
    assert simulate(Scenario((operation,), events)).violations == []


def test_a_refusal_that_lies_about_an_image_does_not_end_the_way_back() -> None:
    lie = AtCall("ModifyImageAttribute", 1, "refused", process=1, code="InvalidImageId.NotFound")
    killed = AtCall("ModifyImageAttribute", 1, "killed-after")
    scenario = Scenario((Promote(revoke=True),), (killed, lie), roll_back=True)
    assert simulate(scenario).violations == []
