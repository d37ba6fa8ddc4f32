"""``create`` and ``resume`` against the sandbox, on a clock that stands still but for sleeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from cvmimg.checks.facts import CheckRequest
from cvmimg.checks.gather import gather_guest
from cvmimg.cloud import cvm
from cvmimg.durable.session import Session
from cvmimg.errors import (
    CvmimgError,
    Interrupted,
    NotFound,
    PreconditionFailed,
    TaskFailed,
    WaitTimeout,
)
from cvmimg.message import Message
from cvmimg.sandbox import NEIGHBOUR
from cvmimg.workflows.create.operation import CreateResult, create
from cvmimg.workflows.create.plan import ChecksFailed
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.resume import resume
from tests.support.call_faults import call_name
from tests.support.lab import Lab
from tests.support.session import Remembering

pytestmark = pytest.mark.system

NAME = "web-v2"
ONLINE, MUST_STOP, DATA, STOPPED, BUSY = (
    "ins-web00001",
    "ins-old00001",
    "ins-data0001",
    "ins-stop0001",
    "ins-busy0001",
)


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def make(session: Session, instance_id: str, **options: Any) -> CreateResult:
    return create(session, CreateRequest(name=NAME, instance_id=instance_id, **options))


def codes(error: CvmimgError) -> list[str]:
    return [note.code for note in error.notes]


def state(lab: Lab, instance_id: str) -> str:
    return lab.instance(instance_id).instance_state


def made(lab: Lab) -> list[str]:
    """The states of the images that the tests made."""
    return [image.image_state for image in lab.images() if image.image_name == NAME]


def stages(session: Session) -> list[str]:
    assert isinstance(session.progress, Remembering)
    return [f"{name} {what}" for name, what in session.progress.stages if what != "started"]


class StopAt(BaseAdapter):
    """Asks to stop as soon as an action has been answered."""

    def __init__(self, inner: BaseAdapter, action: str) -> None:
        super().__init__()
        self._inner = inner
        self._action = action
        self.session: Session | None = None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        answer = self._inner.send(request, *args, **kwargs)
        if self.session and call_name(request) == self._action:
            self.session.interrupt.request()
        return answer

    def close(self) -> None:
        self._inner.close()


def stopped_at(lab: Lab, action: str) -> Session:
    """A session that is asked to stop when ``action`` has been answered."""
    adapter = StopAt(lab.sandbox.adapter(), action)
    adapter.session = lab.session(adapter)
    return adapter.session


class MakesOneFirst(StopAt):
    """Another operation makes an image of the same name just before CreateImage arrives."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab.sandbox.adapter(), "CreateImage")
        self._lab = lab
        self._made = False

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        body = json.loads(request.body or "{}")
        if call_name(request) == "CreateImage" and not body.get("DryRun") and not self._made:
            self._made = True
            tags = [{"Key": "cvmimg-operation", "Value": "op-20261126-000bad"}]
            specification = [{"ResourceType": "image", "Tags": tags}]
            another = {"ImageName": NAME, "InstanceId": STOPPED, "TagSpecification": specification}
            cvm.create_image(self._lab.observer_cloud, another)
        return super().send(request, *args, **kwargs)


def test_a_name_that_another_operation_took_in_between_is_refused_at_once(lab: Lab) -> None:
    session = lab.session(MakesOneFirst(lab))
    began = lab.clock.now()
    with pytest.raises(CvmimgError) as caught:
        make(session, ONLINE)
    assert caught.value.code == "InvalidImageName.Duplicate"
    assert lab.clock.now() - began < 10
    assert lab.unfinished() == []
    assert len(made(lab)) == 1


def test_a_running_eligible_instance_is_imaged_online(lab: Lab) -> None:
    session = lab.session()
    result = make(session, ONLINE)
    assert result.image is not None
    assert result.image.image_state == "NORMAL"
    assert result.image.tag_map["cvmimg-source-instance"] == ONLINE
    assert result.online
    assert result.elapsed_seconds > 60
    assert [check.id for check in result.checks][:3] == ["instance", "name", "quota"]
    assert state(lab, ONLINE) == "RUNNING"
    assert stages(session) == ["check done", "request done", "image done"]
    assert lab.unfinished() == []


def test_one_that_must_be_shut_down_is_started_again(lab: Lab) -> None:
    session = lab.session()
    result = make(session, MUST_STOP, stop=True)
    assert not result.online
    assert state(lab, MUST_STOP) == "RUNNING"
    assert made(lab) == ["NORMAL"]
    assert stages(session) == [
        "check done",
        "tag done",
        "stop done",
        "request done",
        "image done",
        "start done",
    ]
    assert lab.unfinished() == []


def test_no_restart_leaves_it_down(lab: Lab) -> None:
    make(lab.session(), MUST_STOP, stop=True, restart=False)
    assert state(lab, MUST_STOP) == "STOPPED"
    assert lab.unfinished() == []


def test_one_that_was_down_stays_down(lab: Lab) -> None:
    session = lab.session()
    make(session, STOPPED, stop=True, skip_checks=("fstab",))
    assert state(lab, STOPPED) == "STOPPED"
    assert "stop done" not in stages(session)


def test_all_failed_checks_are_reported_and_nothing_is_changed(lab: Lab) -> None:
    with pytest.raises(ChecksFailed) as caught:
        create(lab.session(), CreateRequest(name="web-v1", instance_id=MUST_STOP))
    failed = {check.id for check in caught.value.checks if check.status.value == "fail"}
    assert {"name", "power"} <= failed
    remedies = caught.value.hint.params["remedies"]
    commands = [one.params["command"] for one in remedies if one.code == "Command"]
    assert any(command.endswith("--stop") for command in commands)
    assert state(lab, MUST_STOP) == "RUNNING"
    assert not (lab.state_dir / "operations" / "done").exists() or not list(
        (lab.state_dir / "operations" / "done").iterdir()
    )


def test_a_dry_run_changes_nothing(lab: Lab) -> None:
    result = make(lab.session(), MUST_STOP, stop=True, dry_run=True)
    assert result.image is None
    assert made(lab) == []
    assert state(lab, MUST_STOP) == "RUNNING"


def test_an_operation_in_progress_is_waited_for(lab: Lab) -> None:
    session = lab.session()
    make(session, BUSY)
    assert [each for each in stages(session) if each.startswith(("check", "settle"))] == [
        "check done",
        "settle done",
        "check done",
    ]
    assert made(lab) == ["NORMAL"]


def test_an_instance_that_does_not_exist_is_not_found(lab: Lab) -> None:
    with pytest.raises(NotFound):
        make(lab.session(), "ins-nothere1")


def test_a_failed_image_restores_the_instance(lab: Lab) -> None:
    lab.sandbox.faults.add("CreateImage:task-fail")
    with pytest.raises(TaskFailed, match="CREATEFAILED") as caught:
        make(lab.session(), MUST_STOP, stop=True)
    assert codes(caught.value) == ["InstancesRestored", "ImageRemains"]
    assert caught.value.hint is None
    assert state(lab, MUST_STOP) == "RUNNING"
    assert lab.unfinished() == []


class StartsAgain(StopAt):
    """Somebody starts the instance as soon as it has stopped."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab.sandbox.adapter(), "StopInstances")
        self._lab = lab

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        answer = super().send(request, *args, **kwargs)
        if call_name(request) == self._action:
            while state(self._lab, DATA) != "STOPPED":
                self._lab.clock.sleep(1)
            cvm.start_instances(self._lab.observer_cloud, [DATA])
        return answer


def test_an_instance_that_somebody_starts_meanwhile_is_not_waited_for_until_the_timeout(
    lab: Lab,
) -> None:
    before = lab.fstab(DATA)
    begin = lab.clock.now()
    with pytest.raises(TaskFailed) as caught:
        make(lab.session(StartsAgain(lab)), DATA, stop=True, fix_fstab=True)
    assert caught.value.message.params["reason"] == Message("StartedMeanwhile")
    assert lab.clock.now() - begin < 600
    assert state(lab, DATA) == "RUNNING"
    assert lab.fstab(DATA) == before
    assert (made(lab), lab.unfinished()) == ([], [])


def test_fix_fstab_images_a_clean_file_and_restores_the_original(lab: Lab) -> None:
    session = lab.session()
    make(session, DATA, dry_run=True, fix_fstab=True)
    before = lab.fstab(DATA)
    assert b"/data" in before
    make(session, DATA, fix_fstab=True)
    assert lab.fstab(DATA) == before
    assert made(lab) == ["NORMAL"]
    assert stages(session)[-4:] == ["fstab done", "request done", "image done", "restore done"]


def test_without_waiting_an_online_image_leaves_nothing_open(lab: Lab) -> None:
    result = make(lab.session(), ONLINE, wait=False)
    assert result.image is not None
    assert result.image.image_state == "CREATING"
    assert lab.unfinished() == []


def test_without_waiting_a_stopped_instance_is_started_by_resume(lab: Lab) -> None:
    session = lab.session()
    make(session, MUST_STOP, stop=True, wait=False)
    (operation_id,) = lab.unfinished()
    assert isinstance(session.progress, Remembering)
    (notice,) = session.progress.notices
    assert isinstance(notice, Message)
    assert notice.params["command"] == f"cvmimg resume {operation_id}"
    assert state(lab, MUST_STOP) == "STOPPED"
    (resumed,) = resume(lab.session())
    assert resumed.operation.status == "done"
    assert resumed.result.image.image_state == "NORMAL"
    assert state(lab, MUST_STOP) == "RUNNING"
    assert lab.unfinished() == []


def test_the_timeout_of_an_online_image_hints_at_wait(lab: Lab) -> None:
    with pytest.raises(WaitTimeout) as caught:
        make(lab.session(), ONLINE, timeout_seconds=120.0)
    assert caught.value.resume_command.startswith("cvmimg wait img-")
    assert lab.unfinished() == []


def test_the_timeout_with_the_instance_down_hints_at_resume(lab: Lab) -> None:
    with pytest.raises(WaitTimeout) as caught:
        make(lab.session(), MUST_STOP, stop=True, timeout_seconds=120.0)
    (operation_id,) = lab.unfinished()
    assert caught.value.resume_command == f"cvmimg resume {operation_id}"
    with pytest.raises(PreconditionFailed, match=operation_id):
        make(lab.session(), MUST_STOP, stop=True)


def test_a_stop_before_the_image_is_asked_for_restores_the_instance(lab: Lab) -> None:
    with pytest.raises(Interrupted) as caught:
        make(stopped_at(lab, "StopInstances"), MUST_STOP, stop=True)
    assert codes(caught.value) == ["InstancesRestored"]
    assert state(lab, MUST_STOP) == "RUNNING"
    assert made(lab) == []
    assert lab.unfinished() == []


def test_a_stop_during_the_checks_leaves_no_operation(lab: Lab) -> None:
    with pytest.raises(Interrupted):
        make(stopped_at(lab, "DescribeImageQuota"), MUST_STOP, stop=True)
    assert state(lab, MUST_STOP) == "RUNNING"
    assert lab.unfinished() == []


def test_a_stop_while_an_online_image_is_made_says_how_to_wait_for_it(lab: Lab) -> None:
    with pytest.raises(Interrupted) as caught:
        make(stopped_at(lab, "CreateImage"), ONLINE)
    assert caught.value.resume_command.startswith("cvmimg wait img-")
    assert lab.unfinished() == []


def test_a_stop_while_the_instance_is_down_says_how_to_resume(lab: Lab) -> None:
    with pytest.raises(Interrupted) as caught:
        make(stopped_at(lab, "CreateImage"), MUST_STOP, stop=True)
    assert codes(caught.value) == ["ImageContinues", "StaysStopped"]
    (operation_id,) = lab.unfinished()
    assert caught.value.resume_command == f"cvmimg resume {operation_id}"
    resume(lab.session(), operation_id)
    assert state(lab, MUST_STOP) == "RUNNING"
    assert made(lab) == ["NORMAL"]


def test_a_stop_while_the_instance_is_restored_lets_that_finish(lab: Lab) -> None:
    result = make(stopped_at(lab, "StartInstances"), MUST_STOP, stop=True)
    assert result.image is not None
    assert state(lab, MUST_STOP) == "RUNNING"
    assert lab.unfinished() == []


def test_undo_starts_the_instance_and_names_the_image_that_remains(lab: Lab) -> None:
    result = make(lab.session(), MUST_STOP, stop=True, wait=False)
    assert result.image is not None
    (undone,) = resume(lab.session(), roll_back=True)
    assert undone.operation.status == "rolled-back"
    assert undone.remains[0].params["image"] == result.image.image_id
    assert state(lab, MUST_STOP) == "RUNNING"


def test_nothing_to_resume_is_no_error_but_an_unknown_operation_is(lab: Lab) -> None:
    assert resume(lab.session()) == []
    with pytest.raises(NotFound):
        resume(lab.session(), "op-20260101-abcdef")


def test_an_operation_of_the_sandbox_is_not_resumed_at_the_real_cloud(lab: Lab) -> None:
    from dataclasses import replace

    from cvmimg.durable.journal.record import Origin

    session = lab.session()
    make(replace(session, origin=Origin(sandbox=True)), MUST_STOP, stop=True, wait=False)
    (operation_id,) = lab.unfinished()
    assert resume(session) == []
    with pytest.raises(PreconditionFailed) as caught:
        resume(session, operation_id)
    assert caught.value.code == "OtherCloud"
    assert state(lab, MUST_STOP) == "STOPPED"


@pytest.mark.parametrize("undo", [False, True])
def test_with_the_credentials_of_another_account_nothing_is_taken_for_gone(
    lab: Lab, undo: bool
) -> None:
    make(lab.session(), MUST_STOP, stop=True, wait=False)

    with pytest.raises(PreconditionFailed) as caught:
        resume(lab.session(account=NEIGHBOUR), roll_back=undo)

    assert caught.value.code == "OtherAccount"
    assert resume(lab.session())[0].operation.status == "done"
    assert state(lab, MUST_STOP) == "RUNNING"


def test_an_image_from_snapshots_touches_no_instance(lab: Lab) -> None:
    first = make(lab.session(), ONLINE).image
    assert first is not None
    snapshot_ids = tuple(snapshot.snapshot_id for snapshot in first.snapshot_set)
    result = create(lab.session(), CreateRequest(name="from-snaps", snapshot_ids=snapshot_ids))
    assert result.image is not None
    assert result.image.image_state == "NORMAL"
    assert result.instance_id == ""


def test_durations_are_remembered_for_the_next_estimate(lab: Lab) -> None:
    make(lab.session(), ONLINE)
    assert "image" in (lab.state_dir / "durations.json").read_text()


def test_fix_suspends_a_pending_relabel_and_reinstates_it(lab: Lab) -> None:
    session = lab.session()
    gather_guest(session.cloud, CheckRequest(instance_id=DATA))  # makes its files
    mark = lab.sandbox.guests.root(DATA) / ".autorelabel"
    mark.write_text("")
    result = make(session, DATA, fixes=("selinux-relabel",), skip_checks=("fstab",))
    assert result.fstab is not None
    assert (result.fstab.suspended, result.fstab.restored) == (("/.autorelabel",), True)
    assert mark.exists()
    assert result.image is not None
    with lab.sandbox.store.transaction(write=False) as view:
        document = view.get("image", result.image.image_id)
    assert document is not None
    files = document["Guest"]["files"]
    assert ".autorelabel" not in files
    assert any(path.startswith("etc/cvmimg-") for path in files)
