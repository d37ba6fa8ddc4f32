"""The tag on an instance that is changed temporarily: a trace, and the lock between machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from cvmimg.cloud import tag
from cvmimg.cloud.operation_tag import OperationTag
from cvmimg.cloud.own_tags import OPERATION_TAG
from cvmimg.durable.actor import Actor
from cvmimg.durable.session import Session
from cvmimg.errors import PreconditionFailed, WaitTimeout
from cvmimg.workflows.create.operation import CreateResult, create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.resume import resume
from cvmimg.workflows.snapshot.operation import SnapshotRequest, make_snapshots
from cvmimg.workflows.snapshot.plan import plan_snapshots
from tests.support.lab import Lab
from tests.support.session import Remembering

MUST_STOP, DATA, ONLINE = "ins-old00001", "ins-data0001", "ins-web00001"
RUN_URL = "https://ci.example/shop/runs/7"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def session_of(lab: Lab, host: str = "runner-1") -> Session:
    return replace(lab.session(), actor=Actor(host, "ubuntu", RUN_URL))


def make(session: Session, instance_id: str = MUST_STOP, **options: Any) -> CreateResult:
    return create(session, CreateRequest(name="web-v2", instance_id=instance_id, **options))


def leave(lab: Lab, instance_id: str = MUST_STOP, **options: Any) -> str:
    """Leave an operation behind whose image is being created; return its id."""
    with pytest.raises(WaitTimeout):
        make(session_of(lab), instance_id, timeout_seconds=120.0, **options)
    (operation,) = lab.unfinished()
    return operation


def tag_of(lab: Lab, instance_id: str = MUST_STOP) -> OperationTag | None:
    return OperationTag.parse(lab.instance(instance_id).tag_map.get(OPERATION_TAG, ""))


def put_tag(lab: Lab, value: str, instance_id: str = MUST_STOP) -> None:
    resource = tag.instance_resource("ap-guangzhou", "", instance_id)
    tag.tag_resource(lab.observer_cloud, resource, {OPERATION_TAG: value})


def of_another_machine(lab: Lab) -> str:
    since = datetime.fromtimestamp(lab.clock.now() - 60, timezone.utc)
    return OperationTag("op-20261126-aaaaaa", ("stop",), since, "runner-2", "ci", RUN_URL).value


def test_the_tag_is_there_while_the_instance_is_stopped_and_gone_afterwards(lab: Lab) -> None:
    operation = leave(lab, stop=True)
    found = tag_of(lab)

    assert found is not None
    assert (found.operation_id, found.changes) == (operation, ("stop",))
    assert (found.host, found.user, found.run_url) == ("runner-1", "ubuntu", RUN_URL)
    resume(session_of(lab))
    assert OPERATION_TAG not in lab.instance(MUST_STOP).tag_map


def test_a_wait_for_the_rate_limit_is_no_reason_to_wait_for_other_machines(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag, "await_turn", lambda _: lab.clock.sleep(60.0))
    leave(lab, stop=True)
    begun = lab.clock.sleeps.index(60.0)
    assert lab.clock.sleeps[begun + 1 : begun + 3] == [1.5, 1.5]


def test_the_tag_says_what_is_changed(lab: Lab) -> None:
    leave(lab, DATA, stop=True, fix_fstab=True)
    found = tag_of(lab, DATA)

    assert found is not None
    assert found.changes == ("fstab", "stop")


def test_an_instance_that_stays_stopped_differs_from_one_that_is_started_again(lab: Lab) -> None:
    leave(lab, stop=True, restart=False)
    found = tag_of(lab)

    assert found is not None
    assert found.changes == ("stop-no-restart",)


def test_the_tag_is_gone_after_a_failure_too(lab: Lab) -> None:
    lab.sandbox.faults.add("CreateImage:task-fail:times=1")
    with pytest.raises(Exception, match="CREATEFAILED"):
        make(session_of(lab), stop=True)

    assert OPERATION_TAG not in lab.instance(MUST_STOP).tag_map


def test_an_instance_that_is_imaged_online_is_not_tagged(lab: Lab) -> None:
    lab.sandbox.faults.add("TagResources:error=InternalError")

    assert make(session_of(lab), ONLINE).image is not None


def test_the_other_tags_of_the_instance_stay(lab: Lab) -> None:
    before = lab.instance(MUST_STOP).tag_map
    make(session_of(lab), stop=True)

    assert lab.instance(MUST_STOP).tag_map == before


@pytest.mark.parametrize("instance_id", [MUST_STOP, ONLINE])
def test_another_machine_is_refused_with_the_place_of_the_first(lab: Lab, instance_id: str) -> None:
    put_tag(lab, of_another_machine(lab), instance_id)

    with pytest.raises(PreconditionFailed) as caught:
        make(session_of(lab), instance_id, stop=instance_id == MUST_STOP)

    assert caught.value.code == "InstanceUsedElsewhere"
    assert caught.value.message.params["operation"] == "op-20261126-aaaaaa"
    place = caught.value.message.params["place"]
    assert (place.params["who"], place.params["url"]) == ("ci@runner-2", RUN_URL)
    assert lab.unfinished() == []
    assert lab.instance(instance_id).instance_state == "RUNNING"


def test_a_tag_of_a_newer_version_is_not_overwritten(lab: Lab) -> None:
    put_tag(lab, "op-20261126-aaaaaa/v2/resize")

    with pytest.raises(PreconditionFailed) as caught:
        make(session_of(lab), stop=True)

    assert caught.value.code == "OperationTagUnknown"


def test_where_tags_may_not_be_set_a_warning_says_what_that_means(lab: Lab) -> None:
    lab.sandbox.faults.add("TagResources:error=UnauthorizedOperation")
    session = session_of(lab)

    assert make(session, stop=True).image is not None
    assert isinstance(session.progress, Remembering)
    assert "InstanceNotTagged" in session.progress.codes()
    assert lab.instance(MUST_STOP).instance_state == "RUNNING"


def test_where_tags_may_not_be_set_nothing_is_changed_if_they_are_required(lab: Lab) -> None:
    lab.sandbox.faults.add("TagResources:error=UnauthorizedOperation")

    with pytest.raises(PreconditionFailed) as caught:
        make(session_of(lab), stop=True, require_tag=True)

    assert caught.value.code == "TagRequired"
    assert lab.instance(MUST_STOP).instance_state == "RUNNING"
    assert lab.unfinished() == []


def test_the_journal_and_the_tag_name_the_same_machine(lab: Lab) -> None:
    operation = leave(lab, stop=True)
    record = session_of(lab).journal.read(operation)

    assert record.actor == Actor("runner-1", "ubuntu", RUN_URL)
    assert all(step.request_ids for step in record.steps)


def test_an_operation_that_was_taken_over_does_not_touch_the_instance(lab: Lab) -> None:
    operation = leave(lab, stop=True)
    found = tag_of(lab)
    assert found is not None
    put_tag(lab, replace(found, taken_over_by="op-20261126-bbbbbb").value)
    lab.clock.sleep(3600)

    for roll_back in (False, True):
        with pytest.raises(PreconditionFailed) as caught:
            resume(session_of(lab), operation, roll_back=roll_back)
        assert caught.value.code == "InstanceUsedElsewhere"
        assert lab.instance(MUST_STOP).instance_state == "STOPPED"
    assert lab.unfinished() == [operation]


def test_a_freeze_is_tagged_until_the_snapshots_are_started(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = []
    tag_resource = tag.tag_resource

    def noting(cloud: Any, resource: str, tags: dict[str, str]) -> None:
        values.append(tags[OPERATION_TAG])
        tag_resource(cloud, resource, tags)

    monkeypatch.setattr(tag, "tag_resource", noting)
    session = session_of(lab)
    plan = plan_snapshots(session.cloud, DATA)
    make_snapshots(session, plan, SnapshotRequest("data", {}, ("/data",)))

    (value,) = values
    found = OperationTag.parse(value)
    assert found is not None
    assert found.changes == ("freeze",)
    assert OPERATION_TAG not in lab.instance(DATA).tag_map


def race(lab: Lab, monkeypatch: pytest.MonkeyPatch, seconds: float) -> str:
    """Let another machine write its tag while this one waits, once; its operation's id.

    Args:
        seconds: how much later than this machine's operation that one was started.
    """
    other = replace(OperationTag.parse(of_another_machine(lab)), host="racer")  # type: ignore[type-var]
    sleep, raced = lab.clock.sleep, []

    def sleeping(duration: float) -> None:
        own = tag_of(lab)
        if own is not None and not raced:
            raced.append(own)
            since = own.since + timedelta(seconds=seconds)
            put_tag(lab, replace(other, since=since).value)
        sleep(duration)

    monkeypatch.setattr(lab.clock, "sleep", sleeping)
    return str(other.operation_id)


def test_of_two_that_start_at_once_the_younger_gives_up(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = race(lab, monkeypatch, -5)

    with pytest.raises(PreconditionFailed) as caught:
        make(session_of(lab), stop=True)

    assert caught.value.code == "InstanceUsedElsewhere"
    assert lab.instance(MUST_STOP).instance_state == "RUNNING"
    assert lab.unfinished() == []
    found = tag_of(lab)
    assert found is not None
    assert found.operation_id == older


def test_of_two_that_start_at_once_the_older_continues(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    race(lab, monkeypatch, 5)

    assert make(session_of(lab), stop=True).image is not None
    assert OPERATION_TAG not in lab.instance(MUST_STOP).tag_map
