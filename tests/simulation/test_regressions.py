"""Failures that were seen once, each as the events that led to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulation.events import AtCall, AtStart, AtWrite, Event, Scenario
from tests.simulation.operations import (
    UNTIDY,
    Copy,
    Create,
    Delete,
    Launch,
    Operation,
    Promote,
    Share,
    Snapshot,
    Update,
)
from tests.simulation.run import Outcome, simulate

pytestmark = pytest.mark.system

FIX = Create(instance="ins-data0001", fix_fstab=True)
FIX_AND_STOP = Create(instance="ins-data0001", fix_fstab=True, stop=True)
FROM_SNAPSHOT = Create(snapshots=("snap-o83tshsd",))
REPLACE = Create(instance="ins-full0001", replace_oldest="app-*")
SNAPSHOTS = Snapshot(instance="ins-twod0001")
FROZEN = Snapshot(instance="ins-twod0001", freeze=True)
WITH_DATA = Launch(data_from="ins-twod0001")
WITH_DATA_ONCE = Launch(data_from="ins-twod0001", delete_snapshots_after=True)
UNSHARE_AND_DELETE = Delete(images=("img-shar0001",), unshare=True)
FOUND: dict[str, tuple[Operation, tuple[Event, ...]]] = {
    "a refusal that lies about an instance that is to be started": (
        Create(stop=True),
        (
            AtCall("StopInstances", 1, "killed-after"),
            AtCall("StartInstances", 1, "refused", process=1, code="InvalidInstanceId.NotFound"),
        ),
    ),
    "snapshots of a replaced image that are accepted for deletion and stay": (
        REPLACE,
        (AtCall("DeleteSnapshots", 1, "task-stuck"),),
    ),
    "a request to stop while a second delivery that was refused is looked into": (
        REPLACE,
        (AtCall("DeleteImages", 1, "interrupted"), AtCall("DeleteImages", 1, "twice")),
    ),
    "a token that expires after a second delivery was refused": (
        REPLACE,
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
    "a tag that is removed while a full disk keeps that from being recorded": (
        Create(stop=True, require_tag=True),
        (AtWrite(4, "disk-full"),),
    ),
    "the same tag before a freeze": (
        Snapshot(instance="ins-twod0001", freeze=True, require_tag=True),
        (AtWrite(4, "disk-full"),),
    ),
    "an untagged image that fails its verification, and a probe that is terminated late": (
        Create(instance="ins-data0001", skip_checks=("fstab",), verify=True, own_tags=False),
        (AtCall("TerminateInstances", 1, "killed-before"),),
    ),
    "a copy that is ordered twice, while the clock is a day ahead": (
        Copy(),
        (AtCall("SyncImages", 1, "twice"), AtCall("SyncImages?", 1, "clock-ahead")),
    ),
}


def run(operation: Operation, *events: Event, **options: Any) -> Outcome:
    """Simulate an operation that meets all of ``events``; no promise may be broken."""
    outcome = simulate(Scenario((operation,), events, **options))
    assert outcome.violations == []
    assert set(events) <= set(outcome.met)
    return outcome


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_stays_fixed(name: str) -> None:
    operation, events = FOUND[name]
    run(operation, *events)


def test_what_is_left_of_a_deletion_that_is_rolled_back_is_named() -> None:
    for operation in (Delete(), REPLACE):
        expired = AtCall("DeleteSnapshots", 1, "expired")
        run(operation, expired, roll_back=True)


def test_what_is_left_is_named_while_it_is_still_bound_to_the_deleted_image() -> None:
    run(Delete(), AtCall("DescribeImages", 2, "killed-after"), pause=1.0, roll_back=True)


def test_a_refusal_that_lies_about_an_image_does_not_end_the_way_back() -> None:
    lie = AtCall("ModifyImageAttribute", 1, "refused", process=1, code="InvalidImageId.NotFound")
    killed = AtCall("ModifyImageAttribute", 1, "killed-after")
    run(Promote(revoke=True), killed, lie, roll_back=True)


@pytest.mark.parametrize("times", [9, 40])
@pytest.mark.parametrize(
    ("operation", "action", "number"),
    [
        (FIX, "RunCommand", 2),
        (FIX_AND_STOP, "RunCommand", 2),
        (FIX_AND_STOP, "RunCommand", 3),
        (FROZEN, "RunCommand", 2),
        (FROZEN, "RunCommand", 3),
        (SNAPSHOTS, "CreateSnapshot", 2),
        (UNSHARE_AND_DELETE, "ModifyImageSharePermission", 1),
        (Share(image="img-shar0001", undo=True), "ModifyImageSharePermission", 1),
        (Update(description="new"), "ModifyImageAttribute", 1),
    ],
)
def test_a_change_whose_answer_is_lost_is_not_forgotten_while_nothing_can_be_sent(
    operation: Operation, action: str, number: int, times: int
) -> None:
    run(operation, AtCall(action, number, "lost-after", times=times))


def test_a_fix_that_is_refused_in_the_middle_is_reverted() -> None:
    fix = Create(instance=UNTIDY, fix_fstab=True, fixes=("selinux-relabel",))
    outcome = run(fix, AtCall("RunCommand", 3, "refused", code="UnsupportedOperation"))
    assert (outcome.exit_codes, outcome.resumes) == ([1], 0)


@pytest.mark.parametrize("when", ["killed-before", "killed-after"])
@pytest.mark.parametrize(
    ("operation", "action"),
    [
        (Launch(), "RunInstances"),
        (Delete(), "DeleteImages"),
        (Update(description="new"), "ModifyImageAttribute"),
        (Update(image="img-shar0001", tag=True, untag=True), "TagResources"),
        (FROM_SNAPSHOT, "CreateImage"),
    ],
)
def test_another_accounts_credentials_resume_nothing(
    operation: Operation, action: str, when: str
) -> None:
    killed = AtCall(action, 1, when)
    outcome = run(operation, killed, AtStart(1, "other-account"))
    assert (outcome.exit_codes, outcome.resumes) == ([0], 2)
    # The process with the other account's credentials has not even asked for it.
    assert outcome.calls.count(action) == run(operation, killed).calls.count(action)


@pytest.mark.parametrize(
    "expired", [AtCall("DescribeInstances", 3, "expired"), AtCall("RunInstances", 2, "expired")]
)
def test_a_lost_launch_stays_open_where_the_token_expires_in_the_same_run(expired: AtCall) -> None:
    outcome = run(Launch(), AtCall("RunInstances", 1, "lost-after"), expired)
    assert (outcome.exit_codes, outcome.resumes) == ([0], 1)


@pytest.mark.parametrize("action", ["DescribeInstances", "RunInstances"])
def test_a_lost_launch_stays_open_where_the_token_expires_during_resume(action: str) -> None:
    expired = AtCall(action, 1, "expired", process=1)
    outcome = run(Launch(), AtCall("RunInstances", 1, "killed-after"), expired)
    assert (outcome.exit_codes, outcome.resumes) == ([0], 2)


@pytest.mark.parametrize(
    ("operation", "event"),
    [
        (Delete(), AtCall("DeleteSnapshots", 1, "expired")),
        (Delete(), AtCall("DescribeImages", 2, "expired")),
        (FROZEN, AtCall("CreateSnapshot", 1, "expired")),
        (FROZEN, AtCall("CreateSnapshot", 2, "expired")),
        (FROZEN, AtCall("RunCommand", 3, "expired")),
    ],
)
def test_credentials_that_expire_between_two_steps_leave_the_operation_open(
    operation: Operation, event: AtCall
) -> None:
    outcome = run(operation, event)
    assert (outcome.exit_codes, outcome.resumes) == ([0], 1)


@pytest.mark.parametrize("operation", [WITH_DATA, WITH_DATA_ONCE])
@pytest.mark.parametrize(
    "event",
    [
        AtCall("CreateSnapshot", 2, "killed-after"),
        AtCall("RunInstances", 1, "killed-before"),
        AtWrite(5, "killed-after"),
    ],
)
def test_a_launch_with_data_that_is_killed_is_finished_as_one_operation(
    operation: Operation, event: Event
) -> None:
    outcome = run(operation, event)
    assert (outcome.exit_codes, outcome.resumes) == ([0], 1)


def test_the_snapshots_of_a_launch_are_deleted_by_resume() -> None:
    run(WITH_DATA_ONCE, AtCall("DeleteSnapshots", 1, "killed-before"))


@pytest.mark.parametrize("write", range(2, 8))
def test_a_replacement_that_is_killed_is_finished_as_one_operation(write: int) -> None:
    outcome = run(REPLACE, AtWrite(write, "killed-after"))
    assert (outcome.exit_codes, outcome.resumes) == ([0], 1)
    calls = outcome.calls.count
    assert (calls("DeleteImages"), calls("CreateImage"), calls("CreateImage?")) == (1, 1, 1)


@pytest.mark.parametrize("event", ["killed-before", "killed-after"])
def test_snapshots_that_are_resumed_45_minutes_later_are_of_one_freeze(event: str) -> None:
    run(FROZEN, AtCall("CreateSnapshot", 2, event), pause=45 * 60.0)


@pytest.mark.parametrize("number", [1, 2])
def test_snapshots_that_are_started_after_the_freeze_has_ended_are_made_again(number: int) -> None:
    run(FROZEN, AtCall("CreateSnapshot", number, "refused", times=8, code="ResourceBusy"))


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        (Create(), "CreateImage"),
        (FROM_SNAPSHOT, "CreateImage"),
        (SNAPSHOTS, "CreateSnapshot"),
        (WITH_DATA_ONCE, "CreateSnapshot"),
    ],
)
def test_a_request_that_the_network_delivers_twice_succeeds(
    operation: Operation, action: str
) -> None:
    outcome = run(operation, AtCall(action, 1, "twice"))
    assert (outcome.exit_codes, outcome.resumes) == ([0], 0)
    assert outcome.calls.count(action) == run(operation).calls.count(action)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_replaced_image_whose_snapshots_stay_is_not_left_behind(number: int) -> None:
    replacing = Create(instance="ins-db000001", stop=True, keep=2)
    outcome = run(replacing, AtCall("DeleteSnapshots", number, "task-fails"))
    assert outcome.exit_codes == [0]
