"""create --copy-to and --share-with, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Image
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, PreconditionFailed, TaskFailed, UsageError
from cvmimg.workflows.create.operation import CreateResult, create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.resume import resume
from tests.support.lab import Lab

pytestmark = pytest.mark.system

BEIJING, NANJING, FULL = "ap-beijing", "ap-nanjing", "ap-shanghai"
OWNER, NEIGHBOUR, NOBODY = "100000000001", "100000000002", "100000000003"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def session(lab: Lab) -> Session:
    return lab.session()


def make(session: Session, **options: Any) -> CreateResult:
    options = {"instance_id": "ins-web00001", "family": "shop", **options}
    return create(session, CreateRequest("web-v2", **options))


def made(lab: Lab, region: str = "ap-guangzhou") -> list[Image]:
    images = cvm.describe_images(lab.observer_cloud.in_region(region), image_type=cvm.PRIVATE)
    return [image for image in images if image.image_name == "web-v2"]


def shared(lab: Lab) -> list[str]:
    (image,) = made(lab)
    found = cvm.describe_image_share_permission(lab.observer_cloud, image.image_id)
    return [one.account_id for one in found]


def test_the_image_is_copied_then_shared(lab: Lab, session: Session) -> None:
    result = make(
        session, copy_to=(BEIJING, NANJING), share_with=(NEIGHBOUR,), tags={"team": "shop"}
    )
    assert result.image is not None
    assert [(one.region, one.error) for one in result.copies] == [(BEIJING, None), (NANJING, None)]
    assert result.shared_with == (NEIGHBOUR,)
    assert shared(lab) == [NEIGHBOUR]
    for region in (BEIJING, NANJING):
        (found,) = made(lab, region)
        assert (found.image_state, found.image_family) == ("NORMAL", "shop")
        assert found.tag_map["team"] == "shop"
        assert found.tag_map["cvmimg-copied-from"] == f"ap-guangzhou/{result.image.image_id}"
    assert lab.unfinished() == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"copy_to": (FULL,)}, "NotCopied"),
        ({"copy_to": ("ap-guangzhou",)}, "NotCopied"),
        ({"copy_to": ("ap-nowhere",)}, "NotCopied"),
        ({"share_with": (OWNER,)}, "SharedWithOwner"),
    ],
)
def test_what_the_image_could_not_go_to_is_refused_before_anything_is_changed(
    lab: Lab, session: Session, options: dict[str, Any], code: str
) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        make(session, **options)
    assert caught.value.code == code
    assert made(lab) == []
    assert session.journal.scan().records == ()


@pytest.mark.parametrize("option", [{"copy_to": (BEIJING,)}, {"share_with": (NEIGHBOUR,)}])
def test_an_image_that_is_not_waited_for_is_not_published(option: dict[str, Any]) -> None:
    request = CreateRequest("web-v2", instance_id="ins-web00001", wait=False, **option)
    with pytest.raises(UsageError) as caught:
        request.require_valid()
    assert caught.value.code == "PublishedWithoutWait"


def test_a_failed_copy_keeps_the_image_and_shares_nothing(lab: Lab, session: Session) -> None:
    lab.sandbox.faults.add("SyncImages:error=LimitExceeded:times=1")  # of all copies together
    lab.sandbox.faults.add("SyncImages:task-fail:skip=1:times=1")
    with pytest.raises(TaskFailed) as caught:
        make(session, copy_to=(BEIJING, NANJING), share_with=(NEIGHBOUR,))
    result = caught.value.result
    assert result.image.image_state == "NORMAL"
    assert [one.error is None for one in result.copies] == [False, True]
    assert shared(lab) == []
    assert lab.unfinished() == []


def test_a_refused_sharing_keeps_the_image(lab: Lab, session: Session) -> None:
    with pytest.raises(CvmimgError) as caught:
        make(session, copy_to=(BEIJING,), share_with=(NEIGHBOUR, NOBODY))
    assert caught.value.code == "InvalidAccountId.NotFound"
    assert caught.value.result.image.image_state == "NORMAL"
    assert shared(lab) == []
    assert lab.unfinished() == []


def test_the_instance_runs_again_before_the_copies_are_made(lab: Lab, session: Session) -> None:
    lab.sandbox.faults.add("SyncImages:task-fail")
    with pytest.raises(TaskFailed):
        make(session, instance_id="ins-old00001", stop=True, copy_to=(BEIJING,))
    assert lab.instance("ins-old00001").instance_state == "RUNNING"


@pytest.mark.parametrize("action", ["CreateImage", "SyncImages", "ModifyImageSharePermission"])
@pytest.mark.parametrize("fault", ["cut-before", "cut-after", "twice", "status=502:after"])
def test_all_is_done_once_whatever_happens_to_a_call(
    lab: Lab, session: Session, action: str, fault: str
) -> None:
    lab.sandbox.faults.add(f"{action}:{fault}:times=1")
    with suppress(CvmimgError):
        make(session, copy_to=(BEIJING,), share_with=(NEIGHBOUR,))
    resume(lab.session())
    assert (len(made(lab)), len(made(lab, BEIJING)), shared(lab)) == (1, 1, [NEIGHBOUR])
    assert lab.unfinished() == []


def test_an_image_that_is_late_is_published_by_a_resume(lab: Lab, session: Session) -> None:
    with pytest.raises(CvmimgError) as caught:
        make(session, copy_to=(BEIJING,), share_with=(NEIGHBOUR,), timeout_seconds=60)
    assert lab.unfinished()[0] in caught.value.resume_command
    assert made(lab, BEIJING) == []
    resume(lab.session())
    assert (len(made(lab, BEIJING)), shared(lab)) == (1, [NEIGHBOUR])


def test_a_copy_that_is_late_is_finished_by_a_resume(lab: Lab, session: Session) -> None:
    with pytest.raises(CvmimgError) as caught:
        make(session, copy_to=(BEIJING,), share_with=(NEIGHBOUR,), timeout_seconds=900)
    assert caught.value.exit_code == 7
    assert lab.unfinished()[0] in caught.value.resume_command
    resume(lab.session())
    assert [one.image_state for one in made(lab, BEIJING)] == ["NORMAL"]
    assert shared(lab) == [NEIGHBOUR]
