"""``resume --from-cloud``: the journal of the machine that began the operation is lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from requests.adapters import BaseAdapter

from cvmimg.cloud import tag
from cvmimg.cloud.models import Image
from cvmimg.cloud.operation_tag import OperationTag
from cvmimg.cloud.own_tags import OPERATION_TAG
from cvmimg.durable.actor import Actor
from cvmimg.durable.operation import Resumed
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, NotFound, PreconditionFailed, WaitTimeout
from cvmimg.guest.access import AGENT
from cvmimg.guest.tat import AgentAccess
from cvmimg.message import Message
from cvmimg.workflows.create.operation import create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.recovery.find import Unfinished, find_unfinished
from cvmimg.workflows.recovery.operation import RecoveryOperation
from cvmimg.workflows.resume import resume, resume_from_cloud
from cvmimg.workflows.snapshot.operation import SnapshotRequest, make_snapshots
from cvmimg.workflows.snapshot.plan import mount_points, plan_snapshots
from tests.support.call_faults import Killed
from tests.support.faulty import CallSite, FaultyAdapter
from tests.support.lab import Lab

pytestmark = pytest.mark.system

MUST_STOP, DATA, ONLINE = "ins-old00001", "ins-data0001", "ins-web00001"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def session_of(lab: Lab, host: str = "runner-1", adapter: BaseAdapter | None = None) -> Session:
    return replace(lab.session(adapter), actor=Actor(host, "ci"))


def leave(lab: Lab, instance_id: str, *, lose: bool = True, **options: Any) -> str:
    """Leave an operation behind whose image is being created, and lose its journal."""
    request = CreateRequest(name="web-v2", instance_id=instance_id, timeout_seconds=120, **options)
    with pytest.raises(WaitTimeout):
        create(session_of(lab), request)
    (operation,) = lab.unfinished()
    if lose:
        shutil.rmtree(lab.state_dir)
    return operation


def leave_frozen(lab: Lab) -> str:
    """Leave the data disk frozen and snapshotted, and lose the journal."""
    killed = FaultyAdapter(lab.sandbox.adapter(), CallSite("CreateSnapshot", 1), "killed-after")
    session = session_of(lab, adapter=killed)
    plan = plan_snapshots(session.cloud, DATA)
    targets = mount_points(plan, AgentAccess(session.cloud, DATA))
    with pytest.raises(Killed):
        make_snapshots(session, plan, SnapshotRequest("nightly", {}, targets))
    (operation,) = lab.unfinished()
    shutil.rmtree(lab.state_dir)
    return operation


def untag(lab: Lab, instance_id: str) -> None:
    resource = tag.instance_resource("ap-guangzhou", "", instance_id)
    tag.untag_resource(lab.observer_cloud, resource, [OPERATION_TAG])


def yes(_: Unfinished) -> None:
    """Take over whatever is found."""


def no(_: Unfinished) -> None:
    raise PreconditionFailed(Message("Declined"))


def recover(lab: Lab, operation: str | None = None, **options: Any) -> list[Resumed]:
    wanted: dict[str, Any] = {"approve": yes, **options}
    return resume_from_cloud(session_of(lab, "runner-2"), operation, **wanted)


def require_clean(lab: Lab, instance_id: str) -> None:
    instance = lab.instance(instance_id)
    assert OPERATION_TAG not in instance.tag_map
    assert instance.instance_state == "RUNNING"
    assert lab.unfinished() == []


def images(lab: Lab) -> list[str]:
    return [image.image_state for image in lab.images() if image.image_name == "web-v2"]


@pytest.mark.parametrize("undo", [False, True])
def test_a_stopped_instance_runs_again_when_its_image_is_ready(lab: Lab, undo: bool) -> None:
    operation = leave(lab, MUST_STOP, stop=True)

    (resumed,) = recover(lab, operation, roll_back=undo)

    require_clean(lab, MUST_STOP)
    assert resumed.operation.kind == "recover"
    assert resumed.operation.status == "done"
    assert resumed.operation.result["operation_id"] == operation
    assert resumed.operation.result["image_id"]
    assert undo or images(lab) == ["NORMAL"]


@pytest.mark.parametrize("undo", [False, True])
@pytest.mark.parametrize("stop", [False, True])
def test_fstab_is_restored_byte_for_byte_and_mounted(lab: Lab, stop: bool, undo: bool) -> None:
    before = lab.fstab(DATA)
    leave(lab, DATA, fix_fstab=True, stop=stop)
    mounts = lab.mounts(DATA)
    assert lab.fstab(DATA) != before

    recover(lab, roll_back=undo)

    require_clean(lab, DATA)
    assert lab.fstab(DATA) == before
    assert sorted(lab.mounts(DATA).splitlines()) == sorted(mounts.splitlines())


def test_an_instance_that_was_to_stay_stopped_stays_so_after_a_success(lab: Lab) -> None:
    leave(lab, MUST_STOP, stop=True, restart=False)

    recover(lab)

    assert lab.instance(MUST_STOP).instance_state == "STOPPED"
    assert OPERATION_TAG not in lab.instance(MUST_STOP).tag_map
    assert images(lab) == ["NORMAL"]


def test_an_instance_that_was_to_stay_stopped_is_started_if_it_is_rolled_back(lab: Lab) -> None:
    leave(lab, MUST_STOP, stop=True, restart=False)

    recover(lab, roll_back=True)

    require_clean(lab, MUST_STOP)


def test_an_instance_is_restored_if_its_image_fails(lab: Lab) -> None:
    lab.sandbox.faults.add("CreateImage:task-fail:times=1")
    leave(lab, MUST_STOP, stop=True)

    with pytest.raises(CvmimgError) as caught:
        recover(lab)

    assert caught.value.exit_code == 6
    require_clean(lab, MUST_STOP)


def test_what_is_found_is_shown_and_nothing_is_changed(lab: Lab) -> None:
    operation = leave(lab, MUST_STOP, stop=True)

    (found,) = find_unfinished(session_of(lab, "runner-2"), AGENT)

    assert (found.operation_id, found.instance_id) == (operation, MUST_STOP)
    assert found.changes == ("stop",)
    assert found.instance_state == "STOPPED"
    assert found.tag is not None
    assert found.tag.host == "runner-1"
    assert found.image is not None
    assert lab.instance(MUST_STOP).tag_map[OPERATION_TAG] == found.tag.value


def test_what_may_still_be_running_is_left_alone_unless_the_user_says_otherwise(lab: Lab) -> None:
    leave(lab, MUST_STOP, stop=True)
    before = lab.instance(MUST_STOP).tag_map

    with pytest.raises(PreconditionFailed):
        recover(lab, approve=no)

    assert lab.instance(MUST_STOP).tag_map == before
    assert lab.instance(MUST_STOP).instance_state == "STOPPED"


def test_an_operation_of_this_machine_is_resumed_by_its_journal_without_a_question(
    lab: Lab,
) -> None:
    operation = leave(lab, MUST_STOP, lose=False, stop=True)

    (resumed,) = resume_from_cloud(session_of(lab), operation, approve=no)

    assert (resumed.operation.id, resumed.operation.kind) == (operation, "create")
    require_clean(lab, MUST_STOP)


def test_the_machine_that_was_replaced_finds_the_instance_restored(lab: Lab) -> None:
    operation = leave(lab, MUST_STOP, lose=False, stop=True)
    first = session_of(lab)
    elsewhere = lab.state_dir.with_name("elsewhere")
    second = replace(session_of(lab, "runner-2"), journal=type(first.journal)(elsewhere, lab.clock))

    resume_from_cloud(second, approve=yes)
    (resumed,) = resume(first, operation)

    assert resumed.operation.status == "done"
    require_clean(lab, MUST_STOP)


def test_a_machine_that_is_lost_while_it_restores_can_be_replaced_too(lab: Lab) -> None:
    operation = leave(lab, MUST_STOP, stop=True)
    with pytest.raises(WaitTimeout):
        recover(lab, timeout_seconds=60)
    found = OperationTag.parse(lab.instance(MUST_STOP).tag_map[OPERATION_TAG])
    assert found is not None
    assert found.operation_id == operation
    assert (found.host, found.taken_over_by) == ("runner-2", *lab.unfinished())
    shutil.rmtree(lab.state_dir)

    recover(lab)

    require_clean(lab, MUST_STOP)
    assert images(lab) == ["NORMAL"]


def test_a_restoration_that_was_interrupted_is_resumed_like_any_operation(lab: Lab) -> None:
    leave(lab, MUST_STOP, stop=True)
    with pytest.raises(WaitTimeout) as caught:
        recover(lab, timeout_seconds=60)
    (own,) = lab.unfinished()
    assert own in caught.value.resume_command

    resume(session_of(lab, "runner-2"), own)

    require_clean(lab, MUST_STOP)


def test_a_restoration_that_is_rolled_back_restores_at_once(lab: Lab) -> None:
    leave(lab, MUST_STOP, stop=True)
    with pytest.raises(WaitTimeout):
        recover(lab, timeout_seconds=60)

    resume(session_of(lab, "runner-2"), roll_back=True)

    require_clean(lab, MUST_STOP)


def test_a_guest_shows_an_operation_whose_tag_is_missing(lab: Lab) -> None:
    before = lab.fstab(DATA)
    operation = leave(lab, DATA, fix_fstab=True)
    untag(lab, DATA)

    (found,) = find_unfinished(session_of(lab), AGENT)
    assert (found.operation_id, found.changes, found.tag) == (operation, ("fstab",), None)
    recover(lab)

    require_clean(lab, DATA)
    assert lab.fstab(DATA) == before


def test_a_named_instance_is_examined_without_any_tag(lab: Lab) -> None:
    before = lab.fstab(DATA)
    leave(lab, DATA, fix_fstab=True)
    untag(lab, DATA)
    lab.clock.sleep(7200)  # the image is ready, so nothing points to the instance

    assert find_unfinished(session_of(lab), AGENT) == []
    recover(lab, instance_ids=[DATA])

    assert lab.fstab(DATA) == before


def test_it_is_asked_whether_a_stopped_instance_without_a_tag_was_running(lab: Lab) -> None:
    leave(lab, MUST_STOP, stop=True)
    untag(lab, MUST_STOP)

    (found,) = find_unfinished(session_of(lab), AGENT)

    assert found.was_running_is_unknown
    with pytest.raises(PreconditionFailed):
        recover(lab, approve=no)
    assert lab.instance(MUST_STOP).instance_state == "STOPPED"
    recover(lab)
    require_clean(lab, MUST_STOP)


def test_an_fstab_that_someone_else_has_changed_is_not_overwritten(lab: Lab) -> None:
    leave(lab, DATA, fix_fstab=True)
    path = lab.sandbox.guests.root(DATA) / "etc/fstab"
    changed = path.read_bytes() + b"/dev/vdz /new ext4 nofail 0 0\n"
    path.write_bytes(changed)

    recover(lab)

    assert lab.fstab(DATA) == changed
    assert OPERATION_TAG not in lab.instance(DATA).tag_map


def test_suspended_settings_are_found_and_reinstated(lab: Lab) -> None:
    root = lab.sandbox.guests.root(DATA)
    find_unfinished(session_of(lab), AGENT, [DATA])  # so that the guest's files are there
    (root / "etc/cvmimg-op-20261126-aaaaaa.suspended").write_text("/.autorelabel\n")
    (root / ".autorelabel.cvmimg-op-20261126-aaaaaa").write_bytes(b"")

    (found,) = find_unfinished(session_of(lab), AGENT, [DATA])
    assert found.operation_id == "op-20261126-aaaaaa"
    recover(lab, instance_ids=[DATA])

    assert (root / ".autorelabel").exists()
    assert not (root / "etc/cvmimg-op-20261126-aaaaaa.suspended").exists()


def test_masked_units_are_restored(lab: Lab) -> None:
    folder = lab.sandbox.guests.root(DATA) / "etc/systemd/system"
    find_unfinished(session_of(lab), AGENT, [DATA])  # so that the guest's files are there
    folder.mkdir(parents=True, exist_ok=True)
    unit = b"[Mount]\nWhat=/dev/vdb\nWhere=/data\n"
    (folder / "data.mount.cvmimg-op-20261126-aaaaaa").write_bytes(unit)
    (folder / "data.mount").symlink_to("/dev/null")

    (found,) = find_unfinished(session_of(lab), AGENT, [DATA])
    assert (found.operation_id, found.changes) == ("op-20261126-aaaaaa", ("fstab",))
    recover(lab, instance_ids=[DATA])

    assert (folder / "data.mount").read_bytes() == unit
    assert not (folder / "data.mount").is_symlink()


def test_an_operation_that_the_cloud_does_not_know_is_not_found(lab: Lab) -> None:
    with pytest.raises(NotFound) as caught:
        recover(lab, "op-20261126-aaaaaa")

    assert caught.value.code == "NotFoundInCloud"


@pytest.mark.parametrize("undo", [False, True])
def test_a_whole_frozen_set_is_kept_and_named_unless_it_is_rolled_back(
    lab: Lab, undo: bool
) -> None:
    operation = leave_frozen(lab)

    (resumed,) = recover(lab, operation, roll_back=undo)

    require_clean(lab, DATA)
    assert set(resumed.operation.result.get("snapshot_ids", ())) == lab.orphans()
    assert len(lab.orphans()) == (0 if undo else 1)
    assert ("SnapshotSetRemains" in [one.code for one in resumed.remains]) == (not undo)


def test_an_image_created_online_needs_no_attention(lab: Lab) -> None:
    with pytest.raises(WaitTimeout):
        create(
            session_of(lab), CreateRequest(name="web-v2", instance_id=ONLINE, timeout_seconds=120)
        )

    assert recover(lab) == []


@pytest.mark.parametrize("value", ["op-20261126-aaaaaa/stop/20261126T000000.000000Z///", "edited"])
def test_an_instance_that_another_one_takes_meanwhile_is_left_to_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    leave(lab, MUST_STOP, stop=True)
    resource = tag.instance_resource("ap-guangzhou", "", MUST_STOP)

    def wait(_: RecoveryOperation, image: Image) -> Image:
        tag.tag_resource(lab.observer_cloud, resource, {OPERATION_TAG: value})
        return image

    monkeypatch.setattr(RecoveryOperation, "_wait_for", wait)
    with pytest.raises(PreconditionFailed) as caught:
        recover(lab)

    assert caught.value.notes == []
    assert lab.instance(MUST_STOP).tag_map[OPERATION_TAG] == value
    assert lab.instance(MUST_STOP).instance_state == "STOPPED"
    assert lab.unfinished() == []


def test_a_machine_that_is_still_at_work_is_not_taken_over(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(lab, MUST_STOP, stop=True)
    value = lab.instance(MUST_STOP).tag_map[OPERATION_TAG]
    resource, sleep = tag.instance_resource("ap-guangzhou", "", MUST_STOP), lab.clock.sleep

    def sleeping(duration: float) -> None:
        tag.tag_resource(lab.observer_cloud, resource, {OPERATION_TAG: value})
        sleep(duration)

    monkeypatch.setattr(lab.clock, "sleep", sleeping)
    with pytest.raises(PreconditionFailed) as caught:
        recover(lab)

    assert caught.value.code == "InstanceUsedElsewhere"
    assert lab.instance(MUST_STOP).tag_map[OPERATION_TAG] == value
    assert lab.instance(MUST_STOP).instance_state == "STOPPED"
    assert lab.unfinished() == []
