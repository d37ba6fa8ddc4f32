"""Operations that version 1 left unfinished are finished by this version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.own_tags import OPERATION_TAG
from cvmimg.durable.session import Session
from cvmimg.errors import NotFound, PreconditionFailed, TaskFailed
from cvmimg.guest.fstab.fix import FixPlan, apply_fix
from cvmimg.guest.tat import AgentAccess
from cvmimg.sandbox import NEIGHBOUR
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.resume import resume
from tests.durable import version_1
from tests.support.lab import Lab

NAME, MUST_STOP, DATA = "web-v2", "ins-old00001", "ins-data0001"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def session(lab: Lab) -> Session:
    """A session whose user confirms the account, which version 1 did not record."""
    return replace(lab.session(), trust_account=True)


def left(lab: Lab, name: str, **changes: Any) -> str:
    return version_1.write(name, lab.state_dir, **changes)


def stop(lab: Lab, instance_id: str) -> None:
    cvm.stop_instances(lab.observer_cloud, [instance_id], stop_type="SOFT")
    lab.clock.sleep(60)
    assert lab.states()[instance_id] == "STOPPED"


def ask_for_image(lab: Lab, instance_id: str, operation_id: str) -> str:
    tags = [{"ResourceType": "image", "Tags": [{"Key": OPERATION_TAG, "Value": operation_id}]}]
    body = {"InstanceId": instance_id, "ImageName": NAME, "TagSpecification": tags}
    return cvm.create_image(lab.observer_cloud, body)


def made(lab: Lab) -> list[str]:
    return [image.image_state for image in lab.images() if image.image_name == NAME]


@pytest.mark.parametrize("asked", [False, True])
def test_an_image_of_a_stopped_instance_is_finished_and_the_instance_started(
    lab: Lab, session: Session, asked: bool
) -> None:
    operation_id = left(lab, "create_stopped_image_unknown")
    stop(lab, MUST_STOP)
    expected = ask_for_image(lab, MUST_STOP, operation_id) if asked else ""
    (resumed,) = resume(session)
    assert made(lab) == ["NORMAL"]
    assert lab.states()[MUST_STOP] == "RUNNING"
    assert not asked or resumed.result.image.image_id == expected
    assert [check.id for check in resumed.result.checks] == ["instance", "name", "quota"]
    assert resumed.operation.status == "done"
    assert lab.unfinished() == []


@pytest.mark.parametrize("stopped", [False, True])
def test_an_instance_that_may_have_been_stopped_is_stopped_imaged_and_started(
    lab: Lab, session: Session, stopped: bool
) -> None:
    left(lab, "create_stop_unknown")
    if stopped:
        stop(lab, MUST_STOP)
    resume(session)
    assert made(lab) == ["NORMAL"]
    assert lab.states()[MUST_STOP] == "RUNNING"


@pytest.mark.parametrize("roll_back", [False, True])
def test_an_fstab_that_version_1_changed_is_restored(
    lab: Lab, session: Session, roll_back: bool
) -> None:
    left(lab, "create_fstab_fixed_and_stopped")
    before = lab.fstab(DATA)
    plan = version_1.record("create_fstab_fixed_and_stopped")["request"]["fix"]
    plan = TypeAdapter(FixPlan).validate_python(plan)
    apply_fix(AgentAccess(lab.observer_cloud, DATA), plan)
    assert lab.fstab(DATA) != before
    stop(lab, DATA)
    resume(session, roll_back=roll_back)
    assert lab.fstab(DATA) == before
    assert lab.states()[DATA] == "RUNNING"
    assert made(lab) == ([] if roll_back else ["NORMAL"])
    assert lab.unfinished() == []


def test_what_version_1_was_reverting_is_reverted_and_not_tried_again(
    lab: Lab, session: Session
) -> None:
    left(lab, "create_failed_and_being_reverted")
    stop(lab, MUST_STOP)
    with pytest.raises(TaskFailed):
        resume(session)
    assert lab.states()[MUST_STOP] == "RUNNING"
    assert made(lab) == []
    assert lab.unfinished() == []


def test_an_instance_of_version_1_can_be_rolled_back(lab: Lab, session: Session) -> None:
    left(lab, "create_stopped_image_unknown")
    stop(lab, MUST_STOP)
    resume(session, roll_back=True)
    assert lab.states()[MUST_STOP] == "RUNNING"
    assert made(lab) == []


def test_a_launch_is_finished_with_its_token(lab: Lab, session: Session) -> None:
    left(lab, "launch")
    before = set(lab.states())
    run = version_1.record("launch")["request"]["run"]
    launched = set(cvm.run_instances(lab.observer_cloud, run))
    (resumed,) = resume(session)
    assert {one.instance_id for one in resumed.result.instances} == launched
    assert set(lab.states()) - before == launched


@pytest.mark.parametrize("frozen", [False, True])
def test_snapshots_are_finished_once(lab: Lab, session: Session, frozen: bool) -> None:
    before = {one.snapshot_id for one in cbs.describe_snapshots(lab.observer_cloud)}
    operation_id = left(lab, "snapshot_frozen" if frozen else "snapshot")
    cbs.create_snapshot(
        lab.observer_cloud,
        "disk-data0001",
        name="nightly-disk-data0001",
        tags={OPERATION_TAG: operation_id},
    )
    (resumed,) = resume(session)
    after = {one.snapshot_id for one in cbs.describe_snapshots(lab.observer_cloud)}
    assert after - before == {one.snapshot_id for one in resumed.result}
    assert len(after - before) == 1
    assert lab.unfinished() == []


def test_a_deletion_is_finished(lab: Lab, session: Session) -> None:
    left(lab, "delete")
    (snapshot_id,) = version_1.record("delete")["request"]["images"][0]["deleted"]["snapshot_ids"]
    image = find_image(session.cloud, "web-v1")
    assert [one.snapshot_id for one in image.snapshot_set] == [snapshot_id]
    cvm.delete_images(lab.observer_cloud, [image.image_id])
    resume(session)
    with pytest.raises(NotFound):
        find_image(session.cloud, "web-v1")
    assert not cbs.describe_snapshots_by_id(lab.observer_cloud, [snapshot_id])


def test_an_update_is_finished(lab: Lab, session: Session) -> None:
    left(lab, "update")
    (resumed,) = resume(session)
    (image,) = resumed.result
    assert image.image_name == "web-old"
    assert image.tag_map == {"team": "shop"}


@pytest.mark.parametrize("roll_back", [False, True])
def test_nothing_is_continued_until_the_account_is_confirmed(lab: Lab, roll_back: bool) -> None:
    operation_id = left(lab, "launch")
    with pytest.raises(PreconditionFailed) as caught:
        resume(lab.session(account=NEIGHBOUR), roll_back=roll_back)
    assert caught.value.code == "AccountUnknown"
    assert lab.unfinished() == [operation_id]
