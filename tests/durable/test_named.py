"""The same operation id and request continue the same operation; another request is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.cloud import cvm
from cvmimg.durable.session import Session
from cvmimg.errors import NotFound, PreconditionFailed, WaitTimeout
from cvmimg.workflows.create.many import create_many, requests_for, select_instances
from cvmimg.workflows.create.operation import CreateResult, create
from cvmimg.workflows.create.request import CreateRequest
from tests.support.lab import Lab
from tests.support.session import Remembering

ID = "gh-4711-build"
MUST_STOP, ONLINE = "ins-old00001", "ins-web00001"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def make(session: Session, **options: Any) -> CreateResult:
    wanted = {"name": "web-v2", "instance_id": MUST_STOP, "stop": True, "operation_id": ID}
    return create(session, CreateRequest(**{**wanted, **options}))


def made(lab: Lab) -> list[str]:
    return [image.image_id for image in lab.images() if image.image_name == "web-v2"]


def test_a_repeated_command_continues_what_was_interrupted(lab: Lab) -> None:
    with pytest.raises(WaitTimeout):
        make(lab.session(), timeout_seconds=120.0)
    assert lab.unfinished() == [ID]
    result = make(lab.session(), timeout_seconds=7200.0)
    assert result.image is not None
    assert made(lab) == [result.image.image_id]
    assert lab.instance(MUST_STOP).instance_state == "RUNNING"
    assert lab.unfinished() == []


def test_a_repeated_command_returns_the_image_that_is_there(lab: Lab) -> None:
    first, session = make(lab.session()), lab.session()
    second = make(session)
    assert first.image is not None
    assert second.image is not None
    assert second.image.image_id == first.image.image_id
    assert isinstance(session.progress, Remembering)
    assert session.progress.codes() == ["AlreadyDone"]


def test_another_request_under_the_same_id_is_refused(lab: Lab) -> None:
    make(lab.session())
    with pytest.raises(PreconditionFailed) as caught:
        make(lab.session(), name="web-v3")
    assert caught.value.code == "OperationIdInUse"


def test_a_failed_operation_is_started_again(lab: Lab) -> None:
    lab.sandbox.faults.add("CreateImage:task-fail:times=1")
    with pytest.raises(Exception, match="CREATEFAILED"):
        make(lab.session())
    (failed,) = made(lab)
    cvm.delete_images(lab.observer_cloud, [failed])
    lab.clock.sleep(60)
    assert make(lab.session()).image is not None


def test_an_image_that_was_deleted_since_is_not_made_again_silently(lab: Lab) -> None:
    make(lab.session())
    cvm.delete_images(lab.observer_cloud, made(lab))
    lab.clock.sleep(60)
    with pytest.raises(NotFound):
        make(lab.session())


def test_each_of_several_instances_has_its_own_operation(lab: Lab) -> None:
    session = lab.session()
    instances = select_instances(session.cloud, ["ins-web00001", MUST_STOP], ())
    request = CreateRequest(name="n-{instance_id}", stop=True, operation_id=ID)
    requests = requests_for(session, request, instances)
    first = create_many(session, requests)
    again = create_many(lab.session(), requests)
    ids = [one.result.image.image_id for one in first if one.result and one.result.image]
    assert ids == [one.result.image.image_id for one in again if one.result and one.result.image]
    assert len(ids) == 2


@pytest.mark.parametrize("seconds", [120.0, 7200.0])
def test_an_image_is_continued_on_a_machine_without_the_journal(lab: Lab, seconds: float) -> None:
    wanted = {"instance_id": ONLINE, "stop": False}
    with pytest.raises(WaitTimeout):
        make(lab.session(), timeout_seconds=120.0, **wanted)
    shutil.rmtree(lab.state_dir)
    lab.clock.sleep(seconds)

    result = make(lab.session(), **wanted)

    assert result.image is not None
    assert result.image.image_state == "NORMAL"
    assert made(lab) == [result.image.image_id]
    assert lab.unfinished() == []


def test_another_request_is_refused_on_a_machine_without_the_journal(lab: Lab) -> None:
    wanted = {"instance_id": ONLINE, "stop": False}
    make(lab.session(), **wanted)
    shutil.rmtree(lab.state_dir)

    for other in ({"name": "web-v3"}, {"instance_id": "ins-priv0001", "stop": True}):
        with pytest.raises(PreconditionFailed) as caught:
            make(lab.session(), **{**wanted, **other})
        assert caught.value.code == "OperationIdInUse"


def test_an_instance_that_is_not_restored_is_refused_on_a_machine_without_the_journal(
    lab: Lab,
) -> None:
    with pytest.raises(WaitTimeout):
        make(lab.session(), timeout_seconds=120.0)
    shutil.rmtree(lab.state_dir)

    with pytest.raises(PreconditionFailed) as caught:
        make(lab.session())

    assert caught.value.code == "EarlierRunUnfinished"
