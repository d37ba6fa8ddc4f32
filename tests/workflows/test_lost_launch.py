"""A named launch whose journal is lost: its instances are found by their tag."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.own_tags import LAUNCH_TAG
from cvmimg.durable.named import OperationName
from cvmimg.errors import (
    CloudRefused,
    CredentialsError,
    CvmimgError,
    NotFound,
    PreconditionFailed,
    WaitTimeout,
)
from cvmimg.message import Message
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.launch.earlier_run import continue_lost_launch
from cvmimg.workflows.launch.operation import LaunchResult, launch
from cvmimg.workflows.launch.plan import plan_launch
from cvmimg.workflows.launch.request import LaunchRequest
from cvmimg.workflows.resume import resume_from_cloud
from tests.support.lab import Lab

IMAGE, NAME = "img-webv1000", OperationName("ci-7-launch", "print")


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def start(lab: Lab, name: OperationName = NAME, **options: Any) -> LaunchResult:
    session = lab.session()
    request = LaunchRequest(IMAGE, 2)
    plan = plan_launch(session.cloud, request, find_image(session.cloud, IMAGE))
    return launch(session, plan, name=name, **{"timeout_seconds": 3600, **options})


def lose(lab: Lab) -> set[str]:
    """Launch, until the wait ends, and lose the journal; the instances."""
    before = set(lab.states())
    with pytest.raises(WaitTimeout):
        start(lab, timeout_seconds=1)
    shutil.rmtree(lab.state_dir)
    return set(lab.states()) - before


def run_again(lab: Lab, image: str = IMAGE, count: int = 2) -> LaunchResult | None:
    return continue_lost_launch(lab.session(), NAME, image, count, timeout_seconds=3600)


def resume(lab: Lab, operation: str, **options: Any) -> list[Any]:
    return resume_from_cloud(lab.session(), operation, approve=lambda _: None, **options)


def test_a_named_launch_tags_its_instances(lab: Lab) -> None:
    result = start(lab)
    assert {one.tag_map[LAUNCH_TAG] for one in result.instances} == {NAME.id}


def test_another_launch_does_not(lab: Lab) -> None:
    result = start(lab, OperationName())
    assert not any(LAUNCH_TAG in one.tag_map for one in result.instances)


def test_a_run_without_the_journal_waits_for_the_same_instances(lab: Lab) -> None:
    launched = lose(lab)
    before = set(lab.states())

    result = run_again(lab)

    assert result is not None
    assert {one.instance_id for one in result.instances} == launched
    assert {one.instance_state for one in result.instances} == {"RUNNING"}
    assert set(lab.states()) == before
    assert lab.unfinished() == []


@pytest.mark.parametrize(("image", "count"), [("img-basev001", 2), (IMAGE, 1)])
def test_another_request_of_the_same_name_is_refused(lab: Lab, image: str, count: int) -> None:
    lose(lab)
    with pytest.raises(PreconditionFailed) as caught:
        run_again(lab, image, count)
    assert caught.value.code == "OperationIdInUse"


def test_a_launch_that_nobody_has_started_is_not_found(lab: Lab) -> None:
    assert run_again(lab) is None
    with pytest.raises(NotFound):
        resume(lab, NAME.id)


@pytest.mark.parametrize("undo", [False, True])
def test_it_is_resumed_from_the_cloud(lab: Lab, undo: bool) -> None:
    launched = lose(lab)

    (resumed,) = resume(lab, NAME.id, roll_back=undo)

    assert set(resumed.operation.result["instance_ids"]) == launched
    assert [one.code for one in resumed.remains] == (["InstancesRemain"] if undo else [])
    assert undo or {lab.states()[one] for one in launched} == {"RUNNING"}
    assert lab.unfinished() == []


def test_it_is_found_in_another_region(lab: Lab) -> None:
    launched = lose(lab)
    elsewhere = lab.session().in_region("ap-beijing")

    (resumed,) = resume_from_cloud(elsewhere, NAME.id, approve=lambda _: None, all_regions=True)

    assert resumed.operation.region == lab.session().cloud.region
    assert set(resumed.operation.result["instance_ids"]) == launched


@pytest.mark.parametrize(
    "refusal",
    [
        CredentialsError(Message("x"), code="UnauthorizedOperation"),
        CloudRefused(Message("x"), code="InvalidParameterValue.TagKeyNotFound"),
    ],
)
def test_a_launch_that_may_not_tag_goes_without(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, refusal: CvmimgError
) -> None:
    run_instances = cvm.run_instances

    def run(cloud: Cloud, request: dict[str, Any]) -> list[str]:
        if LAUNCH_TAG in str(request):
            raise refusal
        return run_instances(cloud, request)

    monkeypatch.setattr(cvm, "run_instances", run)
    result = start(lab)

    assert [one.instance_state for one in result.instances] == ["RUNNING", "RUNNING"]
    assert not any(LAUNCH_TAG in one.tag_map for one in result.instances)


def test_a_launch_that_is_refused_is_not_sent_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []

    def run(_: Cloud, request: dict[str, Any]) -> list[str]:
        sent.append(request)
        raise CloudRefused(Message("x"), code="ResourceInsufficient.SpecifiedInstanceType")

    monkeypatch.setattr(cvm, "run_instances", run)
    with pytest.raises(CloudRefused):
        start(lab)
    assert len(sent) == 1
