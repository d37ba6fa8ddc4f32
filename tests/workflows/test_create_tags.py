"""Tags of a new image: added afterwards where CreateImage refuses them, and waited for if late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Image
from cvmimg.errors import CredentialsError, WaitTimeout
from cvmimg.workflows.create.operation import CreateResult, create
from cvmimg.workflows.create.plan import ChecksFailed
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.resume import resume
from tests.support.lab import Lab
from tests.support.session import Remembering

ONLINE, MUST_STOP, DATA = "ins-web00001", "ins-old00001", "ins-data0001"
TAGS = {"new-key": "web"}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def make(session: Any, instance_id: str = ONLINE, **options: Any) -> CreateResult:
    return create(session, CreateRequest("web-v2", instance_id, tags=TAGS, **options))


def tags(lab: Lab) -> dict[str, str]:
    """The tags of the only image that the tests made."""
    (image,) = [image for image in lab.images() if image.image_name == "web-v2"]
    return image.tag_map


def stages(session: Any) -> list[str]:
    assert isinstance(session.progress, Remembering)
    return [name for name, what in session.progress.stages if what == "done"]


def test_tags_that_the_image_is_refused_with_are_added_afterwards(lab: Lab) -> None:
    lab.sandbox.configure(new_tag_keys="refuse")
    session = lab.session()
    result = make(session, MUST_STOP, stop=True)
    assert result.image is not None
    assert result.image.tag_map == tags(lab)
    assert tags(lab).items() > TAGS.items()
    assert "cvmimg-operation" in tags(lab)
    assert stages(session) == ["check", "tag", "stop", "request", "image", "start", "tag"]
    assert lab.unfinished() == []


def test_they_are_added_without_waiting_for_the_image(lab: Lab) -> None:
    lab.sandbox.configure(new_tag_keys="refuse")
    make(lab.session(), wait=False)
    assert tags(lab).items() > TAGS.items()
    assert lab.unfinished() == []


def test_they_are_added_by_resume_after_the_instance_was_started(lab: Lab) -> None:
    lab.sandbox.configure(new_tag_keys="refuse")
    make(lab.session(), MUST_STOP, stop=True, wait=False)
    assert tags(lab) == {}
    resume(lab.session(), timeout_seconds=7200)
    assert tags(lab).items() > TAGS.items()
    assert lab.unfinished() == []


def test_they_are_added_by_resume_if_the_wait_for_the_image_ended_early(lab: Lab) -> None:
    lab.sandbox.configure(new_tag_keys="refuse")
    with pytest.raises(WaitTimeout):
        make(lab.session(), timeout_seconds=60)
    assert len(lab.unfinished()) == 1
    resume(lab.session(), timeout_seconds=7200)
    assert tags(lab).items() > TAGS.items()
    assert lab.unfinished() == []


def test_tags_that_cannot_be_added_either_are_an_error_and_the_image_is_kept(lab: Lab) -> None:
    lab.sandbox.configure(new_tag_keys="refuse")
    lab.sandbox.faults.add("TagResources:error=UnauthorizedOperation")
    with pytest.raises(CredentialsError) as caught:
        make(lab.session(), MUST_STOP, stop=True)
    assert isinstance(caught.value.result, CreateResult)
    assert caught.value.result.image is not None
    assert lab.instance(MUST_STOP).instance_state == "RUNNING"
    assert tags(lab) == {}


def test_late_tags_are_waited_for(lab: Lab) -> None:
    lab.sandbox.configure(tag_delay=780)
    lab.sandbox.faults.add("TagResources:error=UnauthorizedOperation")
    session = lab.session()
    result = make(session)
    assert result.image is not None
    assert result.image.tag_map.items() > TAGS.items()
    assert session.progress.codes() == []


def test_tags_that_never_show_are_only_reported(lab: Lab) -> None:
    lab.sandbox.configure(tag_delay=86400)
    lab.sandbox.faults.add("TagResources:error=UnauthorizedOperation")
    session = lab.session()
    assert make(session).image is not None
    assert session.progress.codes() == ["TagsNotVisible"]
    assert lab.unfinished() == []


def test_tags_that_were_added_and_never_show_are_reported(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.sandbox.configure(tag_delay=86400)
    monkeypatch.setattr(cvm, "describe_image", lambda _, image_id: Image({"ImageId": image_id}))
    session = lab.session()
    assert make(session).image is not None
    assert session.progress.codes() == ["TagsStillLate"]
    assert lab.unfinished() == []


def test_a_process_that_ends_while_the_tags_are_added_is_resumed(lab: Lab) -> None:
    lab.sandbox.configure(new_tag_keys="refuse")
    lab.sandbox.faults.add("TagResources:error=AuthFailure.TokenFailure:times=1")
    with pytest.raises(CredentialsError):
        make(lab.session())
    assert len(lab.unfinished()) == 1
    resume(lab.session(), timeout_seconds=7200)
    assert tags(lab).items() > TAGS.items()
    assert lab.unfinished() == []


def test_a_whole_machine_image_that_the_account_may_not_make_is_refused_with_a_way_out(
    lab: Lab,
) -> None:
    lab.sandbox.configure(whole_machine_images=False)
    with pytest.raises(ChecksFailed) as caught:
        make(lab.session(), DATA, with_data_disks=True)
    (failed,) = [check for check in caught.value.checks if check.status.value == "fail"]
    assert failed.id == "dry-run"
    assert [remedy.params["hint"].code for remedy in failed.remedies] == ["SnapshotDataDisks"]
    assert lab.unfinished() == []
