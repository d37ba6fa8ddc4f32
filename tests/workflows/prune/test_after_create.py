"""``create --keep``: the new image replaces older ones, and is never lost to that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.cloud import cvm
from cvmimg.errors import PreconditionFailed, UsageError, WaitTimeout
from cvmimg.message import Message
from cvmimg.workflows.create.operation import CreateResult, create
from cvmimg.workflows.create.plan import CreatePlan
from cvmimg.workflows.create.replacement import plan_replacement
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.resume import resume
from tests.support.call_faults import Killed
from tests.support.faulty import CallSite, FaultyAdapter
from tests.support.lab import Lab
from tests.support.session import Remembering

SOURCE = "ins-build001"


def image(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"img-web{number:05}",
        "name": f"web-v{number}",
        "family": "web",
        "created": f"2026-{number:02}-01T00:00:00Z",
        **more,
    }


WORLD: dict[str, Any] = {
    "regions": {
        "ap-guangzhou": {
            "images": [
                image(1),
                image(2),
                image(3),
                image(4, name="plain-1", family="", tags={"cvmimg-source-instance": SOURCE}),
                image(5, name="plain-2", family="", tags={"cvmimg-source-instance": SOURCE}),
            ],
            "instances": [{"id": SOURCE}, {"id": "ins-user0001", "image": "img-web00001"}],
        }
    }
}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(WORLD) as lab:
        yield lab


def request(**options: Any) -> CreateRequest:
    given = {"name": "new", "instance_id": SOURCE, "family": "web", "keep": 1, "stop": True}
    return CreateRequest(**{**given, **options})


def names(lab: Lab) -> set[str]:
    return {each.image_name for each in lab.images()}


def deleted(result: CreateResult) -> list[str]:
    return [each.name for each in result.pruned]


def test_unused_older_images_of_the_family_are_deleted_with_their_snapshots(lab: Lab) -> None:
    result = create(lab.session(), request())
    assert deleted(result) == ["web-v3", "web-v2"]
    assert names(lab) == {"new", "web-v1", "plain-1", "plain-2"}
    assert lab.orphans() == set()
    assert lab.unfinished() == []


def test_the_new_image_counts_as_one_of_those_that_are_kept(lab: Lab) -> None:
    assert deleted(create(lab.session(), request(keep=2))) == ["web-v2"]


def test_without_a_family_the_images_of_the_instance_are_counted(lab: Lab) -> None:
    assert deleted(create(lab.session(), request(family="", keep=2))) == ["plain-1"]


def test_what_is_deleted_is_approved_before_anything_is_changed(lab: Lab) -> None:
    before = names(lab)

    def refuse(plan: CreatePlan) -> None:
        assert plan.prunes is not None
        assert [each.name for each in plan.prunes.deletions] == ["web-v3", "web-v2"]
        raise PreconditionFailed(Message("no"))

    with pytest.raises(PreconditionFailed):
        create(lab.session(), request(), approve=refuse)
    assert names(lab) == before


def test_a_refused_deletion_is_reported_and_the_image_is_there(lab: Lab) -> None:
    lab.sandbox.faults.add("DeleteImages:error=InvalidImageId.IncorrectState")
    session = lab.session()
    result = create(session, request())
    assert result.image is not None
    assert (result.image.image_state, deleted(result)) == ("NORMAL", [])
    assert isinstance(session.progress, Remembering)
    assert "ReplacedNotDeleted" in session.progress.codes()
    assert lab.unfinished() == []
    assert "web-v3" in names(lab)


def test_an_image_that_came_into_use_meanwhile_is_kept(lab: Lab) -> None:
    site = CallSite("DeleteImages", 1)
    with pytest.raises(Killed):
        create(lab.session(FaultyAdapter(lab.sandbox.adapter(), site, "killed-before")), request())
    placement = {"Zone": "ap-guangzhou-6"}
    cvm.run_instances(lab.session().cloud, {"ImageId": "img-web00003", "Placement": placement})
    (finished,) = resume(lab.session())
    assert deleted(finished.result) == ["web-v2"]
    assert "web-v3" in names(lab)
    assert lab.states()[SOURCE] == "RUNNING"


def test_an_interrupted_deletion_is_finished_by_resume(lab: Lab) -> None:
    site = CallSite("DeleteSnapshots", 1)
    with pytest.raises(Killed):
        create(lab.session(FaultyAdapter(lab.sandbox.adapter(), site, "killed-before")), request())
    resume(lab.session())
    assert names(lab) == {"new", "web-v1", "plain-1", "plain-2"}
    assert lab.orphans() == set()
    assert lab.unfinished() == []


def test_a_wait_that_times_out_is_resumed_with_the_deletions(lab: Lab) -> None:
    with pytest.raises(WaitTimeout) as caught:
        create(lab.session(), request(stop=False, timeout_seconds=60))
    assert "resume" in caught.value.resume_command
    (finished,) = resume(lab.session())
    assert deleted(finished.result) == ["web-v3", "web-v2"]
    assert lab.unfinished() == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"wait": False}, "KeepWithoutWait"),
        ({"promote": False}, "KeepWithoutPromotion"),
        ({"family": "", "own_tags": False}, "KeepWithoutGroup"),
    ],
)
def test_a_number_to_keep_needs_images_to_count(options: dict[str, Any], code: str) -> None:
    with pytest.raises(UsageError) as caught:
        request(**options).require_valid()
    assert caught.value.code == code


def test_the_image_that_a_family_serves_is_not_replaced_to_make_room(lab: Lab) -> None:
    plan = plan_replacement(lab.session().cloud, "family:web")
    assert plan.image.image_name == "web-v2"
    with pytest.raises(PreconditionFailed) as caught:
        plan_replacement(lab.session().cloud, "web-v3")
    assert caught.value.code == "NothingToReplace"
