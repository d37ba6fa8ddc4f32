"""The simulator itself: it is deterministic, meets what it draws, and notices what is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cvmimg.durable.instance_tag import InstanceTag
from cvmimg.workflows import resume as resume_module
from tests.simulation import tool
from tests.simulation.campaign import run_seeds
from tests.simulation.draw import draw
from tests.simulation.events import CALL_FAULTS, AtCall, AtStart, AtWrite, Event, Scenario
from tests.simulation.every_place import FAILING, OPERATIONS, record, scenarios
from tests.simulation.invariants import Violation
from tests.simulation.operations import (
    AWAY,
    HELD_BACK,
    HOME,
    LOOSE,
    TEMPLATE,
    UNTIDY,
    Copy,
    Create,
    Delete,
    Launch,
    Operation,
    Promote,
    Prune,
    Share,
    Snapshot,
    Update,
    Verify,
)
from tests.simulation.run import simulate
from tests.simulation.shrink import as_test, in_short, shrink

pytestmark = pytest.mark.system

STOP = Create(instance="ins-old00001", stop=True)
FIXED = Create(instance=UNTIDY, fix_fstab=True, fixes=("selinux-relabel", "accounts"))
UNVERIFIED = replace(FAILING[0], verify=False, delete_on_failure=False)
HELD = Create(instance="ins-db000001", promote=False)
ENCRYPTED = Copy(regions=(HOME,), encrypt=True)
UNSHARE_ALL = Share(image="img-shar0001", account="", undo=True)


def test_a_scenario_always_runs_the_same_way() -> None:
    for seed in (3, 4, 5, 6, 7):
        assert simulate(draw(seed)) == simulate(draw(seed))


def test_what_a_seed_means_depends_on_the_seed_alone() -> None:
    assert draw(7) == draw(7)
    assert len({draw(seed) for seed in range(200)}) == 200


@pytest.mark.parametrize(
    "operation",
    [
        *OPERATIONS,
        Create(wait=False),
        Create(instance="ins-stop0001"),
        Create(instance="ins-old00001", force_stop=True, restart=False, tagged=True),
        Create(instance="ins-twod0001", with_data_disks=True),
        Create(instance="ins-twod0001", fix_fstab=True, data_disks=("disk-twod0001",)),
        Create(snapshots=("snap-o83tshsd",)),
        Launch(count=3, min_count=1, scarce=True),
        Snapshot(instance="ins-twod0001", disks=("disk-twod0002",)),
        Delete(images=("img-webv1000", "img-shar0001"), unshare=True),
        Delete(images=("img-basev001",), force=True, keep_snapshots=True),
        Update(image="img-shar0001", tag=True, untag=True),
        Copy(),
        Copy(wait=False),
        Share(),
        Share(image="img-shar0001", undo=True),
        Create(instance=UNTIDY, fixes=("accounts",), with_data_disks=True, require_tag=True),
        Create(instance="ins-db000001", verify=True, delete_on_failure=True),
        Create(instance="ins-db000001", verify=True, promote=False),
        Delete(images=(), snapshots=LOOSE),
        Snapshot(instance="ins-twod0001", freeze=True, require_tag=True),
    ],
    ids=repr,
)
def test_an_undisturbed_operation_succeeds_and_breaks_nothing(operation: Operation) -> None:
    outcome = simulate(Scenario((operation,)))
    assert (outcome.violations, outcome.exit_codes) == ([], [0])


@pytest.mark.parametrize("deleted", [False, True])
def test_an_image_that_boots_nothing_fails_its_verification(deleted: bool) -> None:
    operation = replace(FAILING[0], delete_on_failure=deleted)
    outcome = simulate(Scenario((operation,)))
    assert (outcome.violations, outcome.exit_codes) == ([], [6])
    assert outcome.calls.count("DeleteImages") == deleted


@pytest.mark.parametrize("operation", [Create(), Create(instance=UNTIDY, fix_fstab=True), Launch()])
@pytest.mark.parametrize("event", [(), (AtWrite(3, "killed-after"),), (AtWrite(3, "disk-full"),)])
def test_a_named_operation_is_continued_by_its_own_command(
    operation: Operation, event: tuple[Event, ...]
) -> None:
    outcome = simulate(Scenario((operation,), event, again=True))
    assert (outcome.violations, outcome.exit_codes) == ([], [0])
    assert outcome.resumes == len(event)


def test_operations_side_by_side_share_the_time() -> None:
    outcome = simulate(Scenario((STOP, Launch(), Snapshot(instance="ins-twod0001", freeze=True))))
    assert (outcome.violations, outcome.exit_codes) == ([], [0, 0, 0])


@pytest.mark.parametrize("fault", CALL_FAULTS)
def test_every_fault_of_a_call_comes_to_pass(fault: str) -> None:
    action = "DescribeImages" if fault == "stale" else "CreateImage"
    code = "ResourceInUse" if fault == "refused" else ""
    event = AtCall(action, 1, fault, code=code)
    assert event in simulate(Scenario((Create(),), (event,))).met


def test_a_killed_process_is_followed_by_resumes_that_may_be_killed_too() -> None:
    events = (
        AtCall("CreateImage", 1, "killed-after"),
        AtWrite(1, "killed-after", process=1),
        AtStart(2, "other-account"),
    )
    outcome = simulate(Scenario((STOP,), events))
    assert (outcome.violations, outcome.exit_codes) == ([], [0])
    assert (set(outcome.met), outcome.resumes) == (set(events), 3)


def test_one_fault_at_every_place_is_what_it_says() -> None:
    calls, writes = record(Update(description="new"))
    every = list(scenarios(Update(description="new")))
    assert ("ModifyImageAttribute", 1) in calls
    assert {e.number for s in every for e in s.events if isinstance(e, AtWrite)} == {
        *range(1, writes + 1)
    }


def test_most_drawn_events_happen() -> None:
    report = run_seeds(range(40))
    assert report.faults.total() > report.events / 2


def forget(session: Any, **_: Any) -> None:
    """A ``resume`` that closes every operation without doing anything."""
    for path in list((session.journal.state_dir / tool.OPEN).glob("*.json")):
        path.unlink()


@pytest.mark.parametrize(
    ("operation", "event", "invariant"),
    [
        (STOP, AtCall("CreateImage", 1, "killed-before"), "power_as_before"),
        (
            Create(instance="ins-data0001", fix_fstab=True),
            AtCall("CreateImage", 1, "killed-before"),
            "fstab_byte_identical",
        ),
        (
            Snapshot(freeze=True),
            AtCall("CreateSnapshot", 1, "killed-before"),
            "file_systems_thawed",
        ),
        (Delete(), AtCall("DeleteSnapshots", 1, "killed-before"), "no_orphan_snapshots"),
        (Verify(), AtCall("RunCommand", 1, "killed-before"), "no_probe_left"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_tool_that_forgets_its_operations_is_caught(
    monkeypatch: pytest.MonkeyPatch, operation: Operation, event: AtCall, invariant: str
) -> None:
    monkeypatch.setattr(resume_module, "resume", forget)
    found = [str(v) for v in simulate(Scenario((operation,), (event,))).violations]
    assert any(text.startswith("closed_with_work_left") and invariant in text for text in found)


def test_a_tool_that_says_success_and_does_nothing_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tool, "perform", lambda session, operation, show: None)
    updates = (Update(description="new"), Copy(), Share(), Promote(), Promote(revoke=True))
    for operation in (Create(), Launch(), Snapshot(), Delete(), *updates):
        (violation,) = simulate(Scenario((operation,))).violations
        assert violation.invariant == "exit_code_is_true"


@pytest.mark.parametrize(
    ("operation", "done_instead", "invariant"),
    [
        (FIXED, replace(FIXED, fixes=()), "image_as_asked"),
        (HELD, replace(HELD, promote=True), "held_back"),
        (FAILING[0], replace(FAILING[0], delete_on_failure=False), "failed_image_as_asked"),
        (FAILING[0], UNVERIFIED, "exit_code_is_true"),
        (Launch(fixes=("agents",)), Launch(), "first_boot_as_asked"),
        (Launch(template=TEMPLATE), Launch(template=TEMPLATE, count=3), "no_instance_too_many"),
        (ENCRYPTED, Copy(regions=AWAY[:1]), "one_copy_a_region"),
        (replace(ENCRYPTED, regions=AWAY[:1], encrypt=True), Copy(regions=AWAY[:1]), "encrypted"),
        (Delete(images=(), snapshots=LOOSE), Delete(images=(), snapshots=LOOSE[:1]), "exit_code"),
        (UNSHARE_ALL, Update(description="new"), "exit_code_is_true"),
        (Promote(image=HELD_BACK), Update(description="new"), "exit_code_is_true"),
    ],
)
def test_a_tool_that_does_something_else_is_caught(
    monkeypatch: pytest.MonkeyPatch, operation: Operation, done_instead: Operation, invariant: str
) -> None:
    perform = tool.perform
    monkeypatch.setattr(
        tool, "perform", lambda session, _, show: perform(session, done_instead, show)
    )
    found = [violation.invariant for violation in simulate(Scenario((operation,))).violations]
    assert any(name.startswith(invariant) for name in found), found


def test_an_instance_that_is_changed_without_its_tag_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(InstanceTag, "_acquire", lambda self: {"tagged": False})
    asked = (
        replace(STOP, require_tag=True),
        Create(instance="ins-data0001", fix_fstab=True, require_tag=True),
        Snapshot(freeze=True, require_tag=True),
    )
    for operation in asked:
        found = {violation.invariant for violation in simulate(Scenario((operation,))).violations}
        assert "tagged_before_changed" in found


def test_a_named_operation_that_is_done_twice_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        tool,
        "perform_named",
        lambda session, operation, _: tool.perform(session, operation, lambda _: None),
    )
    (violation,) = simulate(Scenario((Launch(),), again=True)).violations
    assert violation.invariant == "done_once"


def test_a_prune_that_does_not_do_what_it_shows_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tool, "perform", lambda session, operation, show: show({"img-dbold001"}))
    (violation,) = simulate(Scenario((Prune(),))).violations
    assert violation.invariant == "prune_does_what_it_shows"


def test_an_undisturbed_prune_deletes_what_nothing_keeps() -> None:
    outcome = simulate(Scenario((Prune(snapshots=True),)))
    assert (outcome.calls.count("DeleteImages"), outcome.calls.count("DeleteSnapshots")) == (2, 3)


def test_several_instances_are_imaged_by_one_process() -> None:
    creates = (
        Create(name="many-1", instance="ins-old00001", stop=True),
        Create(name="many-2", instance="ins-data0001", stop=True, fix_fstab=True),
        Create(name="many-3", instance="ins-web00001"),
    )
    outcome = simulate(Scenario(creates, together=True))
    assert (outcome.violations, outcome.exit_codes) == ([], [0, 0, 0])
    killed = AtCall("CreateImage", 2, "killed-after")
    outcome = simulate(Scenario(creates, (killed,), together=True))
    assert (outcome.violations, outcome.met) == ([], [killed])


def test_a_failing_scenario_is_shrunk_to_what_makes_it_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resume_module, "resume", forget)
    needed = AtCall("StopInstances", 1, "killed-after")
    scenario = Scenario(
        (replace(STOP, tagged=True), Launch()),
        (
            AtCall("DescribeInstances", 3, "delayed", operation=1),
            AtCall("DescribeImages", 2, "throttled", times=2),
            needed,
            AtStart(2, "other-account"),
        ),
        seed=11,
        pause=2700.0,
    )
    violation = Violation("closed_with_work_left", "create --stop", "")
    shortest = shrink(scenario, violation)
    assert shortest == Scenario((Create(stop=True),), (needed,))
    assert eval(in_short(shortest)) == shortest
    compile(as_test(shortest, violation), "test", "exec")
