"""What the states of images, instances and snapshots mean for a wait, in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest
import responses

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.cloud.shared_polls import Found, OwnReader, Read, Reader
from cvmimg.cloud.states import Phase
from cvmimg.cloud.waiter import Waiter
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, Interrupted, NotFound, WaitTimeout
from cvmimg.workflows.create.operation import create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.wait import image_task, power_task, wait_for_images
from tests.support.api import ScriptedApi, scripted_cloud
from tests.support.lab import Lab
from tests.support.session import Remembering


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def new_image(lab: Lab) -> str:
    body = {"InstanceId": "ins-web00001", "ImageName": "web-v2"}
    return cvm.create_image(lab.observer_cloud, body)


def test_an_image_is_waited_for_by_its_own_percentage(lab: Lab) -> None:
    session = lab.session()
    image = create(session, CreateRequest(name="x", instance_id="ins-web00001", wait=False)).image
    assert image is not None
    (ready,), errors = wait_for_images(session, [image], timeout_seconds=7200)
    assert (ready.image_state, errors) == ("NORMAL", {})
    assert isinstance(session.progress, Remembering)
    told = [progress for stage, progress in session.progress.progress if stage == "wait"]
    percents = [progress.percent for progress in told if progress.percent is not None]
    assert percents == sorted(percents)
    assert len(set(percents)) > 10
    assert not any(progress.estimated for progress in told[3:])
    assert told[-2].remaining_seconds is not None


def test_a_new_image_that_is_not_listed_yet_is_waited_for(lab: Lab) -> None:
    task = image_task(lab.observer_cloud, [new_image(lab)])
    assert task.poll(task.ids) == {}
    assert Waiter(lab.clock, 7200).one(task).image_state == "NORMAL"


def test_an_image_that_nobody_made_is_not_found(lab: Lab) -> None:
    with pytest.raises(NotFound):
        Waiter(lab.clock, 7200).one(image_task(lab.observer_cloud, ["img-nothere1"]))


def waited(session: Session, images: list[Image]) -> tuple[list[Image], list[CvmimgError]]:
    ready, errors = wait_for_images(session, images, timeout_seconds=60)
    return ready, list(errors.values())


def test_one_failure_and_one_gone_do_not_stop_the_others(lab: Lab) -> None:
    session = lab.session()
    good = cvm.describe_image(session.cloud, "img-webv1000")
    lab.sandbox.faults.add("CreateImage:task-fail:times=1")
    made = create(session, CreateRequest(name="x", instance_id="ins-web00001", wait=False)).image
    assert made is not None
    gone = Image({"ImageId": "img-gone0000"})
    ready, errors = wait_for_images(session, [good, made, gone], timeout_seconds=7200)
    assert [image.image_id for image in ready] == ["img-webv1000"]
    assert {one: error.code for one, error in errors.items()} == {
        made.image_id: "CREATEFAILED",
        "img-gone0000": "NotFound",
    }


def test_the_timeout_and_a_stop_say_that_the_image_continues(lab: Lab) -> None:
    session = lab.session()
    image = create(session, CreateRequest(name="x", instance_id="ins-web00001", wait=False)).image
    assert image is not None
    _, (timeout,) = waited(session, [image])
    session.interrupt.request()
    _, (stop,) = waited(session, [image])
    assert (type(timeout), type(stop)) == (WaitTimeout, Interrupted)
    for error in (timeout, stop):
        assert [note.code for note in error.notes] == ["ImageContinues"]
        assert error.resume_command == f"cvmimg wait {image.image_id}"


def test_an_instance_is_waited_for_until_it_is_down(lab: Lab) -> None:
    cvm.stop_instances(lab.observer_cloud, ["ins-web00001"])
    task = power_task(lab.observer_cloud, ["ins-web00001"], "STOPPED")
    assert Waiter(lab.clock, 600).one(task).instance_state == "STOPPED"


@pytest.mark.parametrize(
    ("latest", "asked", "phase"),
    [
        ("ours", "ours", Phase.FAILED),
        ("somebody's", "ours", Phase.MOVING),
        ("", "ours", Phase.FAILED),
        ("somebody's", "", Phase.FAILED),
    ],
)
def test_the_failure_of_another_request_does_not_count(
    latest: str, asked: str, phase: Phase
) -> None:
    instance = {
        "InstanceId": "ins-web00001",
        "InstanceState": "RUNNING",
        "LatestOperation": "StopInstances",
        "LatestOperationState": "FAILED",
        "LatestOperationRequestId": latest,
    }
    with responses.RequestsMock() as wire:
        ScriptedApi(wire).answers("DescribeInstances", InstanceSet=[instance], TotalCount=1)
        task = power_task(scripted_cloud(), ["ins-web00001"], "STOPPED", request_id=asked)
        assert task.poll(task.ids)["ins-web00001"].phase is phase


class WithoutPercentages:
    """A cloud whose images do not report their percentage, as the documentation has it."""

    def __init__(self, images: int) -> None:
        self._ids = [f"img-{number:08}" for number in range(images)]
        self.actions: list[str] = []

    def reader(self, kind: str, ask: Read[Found]) -> Reader[Found]:
        return OwnReader(ask)

    def read(
        self, service: str, action: str, params: dict[str, Any], *, has: Sequence[str]
    ) -> dict[str, Any]:
        self.actions.append(action)
        if action == "DescribeImages":
            return {
                "ImageSet": [
                    {
                        "ImageId": one,
                        "ImageState": "CREATING",
                        "SnapshotSet": [{"SnapshotId": f"snap-{one}-{n}"} for n in (1, 2)],
                    }
                    for one in self._ids
                ]
            }
        sizes = {"1": (50, 80), "2": (150, 40)}
        found = [
            {"SnapshotId": one, "DiskSize": sizes[one[-1]][0], "Percent": sizes[one[-1]][1]}
            for one in params["SnapshotIds"]
        ]
        return {"SnapshotSet": found, "TotalCount": len(found)}


def test_an_image_without_a_percentage_goes_by_that_of_its_snapshots() -> None:
    cloud = WithoutPercentages(1)
    task = image_task(cast(Cloud, cloud), ["img-00000000"])
    assert task.poll(task.ids)["img-00000000"].percent == (50 * 80 + 150 * 40) / 200


def test_many_images_without_percentages_still_cost_two_calls_a_look() -> None:
    cloud = WithoutPercentages(50)
    task = image_task(cast(Cloud, cloud), [f"img-{number:08}" for number in range(50)])
    assert len(task.poll(task.ids)) == 50
    assert cloud.actions == ["DescribeImages", "DescribeSnapshots"]
