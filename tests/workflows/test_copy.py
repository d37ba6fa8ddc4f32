"""Copying images to other regions, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from cvmimg.cloud import cvm, tag
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import OPERATION_TAG
from cvmimg.cloud.region import all_regions
from cvmimg.durable.session import Session
from cvmimg.errors import (
    CloudRefused,
    CvmimgError,
    OutcomeUnknown,
    PreconditionFailed,
    TaskFailed,
    UsageError,
    WaitTimeout,
)
from cvmimg.message import Message
from cvmimg.workflows.copy.operation import Copied, copy_image
from cvmimg.workflows.copy.plan import CopyRequest, plan_copy
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.resume import resume
from tests.support.lab import Lab
from tests.support.session import Remembering

pytestmark = pytest.mark.system

BEIJING, NANJING, FULL = "ap-beijing", "ap-nanjing", "ap-shanghai"
FAULTS = ("cut-before", "cut-after", "twice", "truncate", "status=502", "status=502:after")


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def session(lab: Lab) -> Session:
    return lab.session()


@pytest.fixture
def image(session: Session) -> Image:
    return find_image(session.cloud, "web-v1")


def copy(
    session: Session, *regions: str, of: str = "web-v1", timeout: float = 7200, **options: object
) -> list[Copied]:
    request = CopyRequest(regions, **options)  # type: ignore[arg-type]
    order = plan_copy(session, find_image(session.cloud, of), request)
    return copy_image(session, order, timeout_seconds=timeout)


def refusal(session: Session, *regions: str, of: str = "web-v1", **options: object) -> list[str]:
    """The codes of what is said against a copy."""
    with pytest.raises(PreconditionFailed) as caught:
        copy(session, *regions, of=of, **options)
    message = caught.value.message
    return [reason.params["reason"].code for reason in message.params["reasons"]]


def copies_in(lab: Lab, region: str) -> list[Image]:
    return cvm.describe_images(lab.observer_cloud.in_region(region), image_type=cvm.PRIVATE)


def test_the_copies_carry_what_the_image_carries(lab: Lab, session: Session, image: Image) -> None:
    copied = copy(session, BEIJING, NANJING, BEIJING)

    assert [(one.region, one.error) for one in copied] == [(BEIJING, None), (NANJING, None)]
    for one in copied:
        (found,) = copies_in(lab, one.region)
        assert one.image is not None
        assert (found.image_id, found.image_state) == (one.image.image_id, "NORMAL")
        assert (found.image_name, found.image_family) == (image.image_name, image.image_family)
        assert found.image_description == image.image_description
        assert image.tag_map.items() <= found.tag_map.items()
        assert found.tag_map["cvmimg-copied-from"] == "ap-guangzhou/img-webv1000"
    assert lab.unfinished() == []


def test_each_region_has_a_stage_of_its_own(session: Session) -> None:
    copy(session, BEIJING, NANJING)
    assert isinstance(session.progress, Remembering)
    checked = [("check", "started"), ("check", "done")]
    copied = [("copy", "started")] * 2 + [("copy", "done")] * 2
    assert session.progress.stages == checked + copied
    percents = [one.percent for _, one in session.progress.progress if one.percent]
    assert percents == sorted(percents) != []


def test_many_copies_take_as_long_as_one(lab: Lab, session: Session) -> None:
    regions = [each.region for each in all_regions(lab.observer_cloud)]
    others = [each for each in regions if each not in ("ap-guangzhou", FULL) and "fsi" not in each]
    begun = lab.clock.monotonic()
    copy(session, BEIJING, name="one")
    one = lab.clock.monotonic() - begun
    copied = copy(session, *others)
    assert len(copied) == len(others) >= 14
    assert lab.clock.monotonic() - begun - one <= 1.1 * one


@pytest.mark.parametrize(
    ("region", "options", "code"),
    [
        ("ap-guangzhou", {}, "copy.same-region"),
        ("ap-nowhere", {}, "copy.region-unknown"),
        ("ap-shanghai-fsi", {}, "copy.finance-region"),
        (BEIJING, {"encrypt": True}, "copy.encrypted-elsewhere"),
        (FULL, {}, "copy.quota-full"),
        ("ap-guangzhou", {"encrypt": True}, "copy.name-taken"),
        ("ap-guangzhou", {"encrypt": True, "name": "sealed", "kms_key": "?"}, "copy.refused"),
    ],
)
def test_what_cannot_be_copied_is_refused(
    lab: Lab, session: Session, region: str, options: dict[str, object], code: str
) -> None:
    assert refusal(session, region, **options) == [code]
    assert lab.unfinished() == []


def test_one_bad_destination_stops_all_before_the_first_copy(lab: Lab, session: Session) -> None:
    copy(session, NANJING)
    codes = refusal(session, BEIJING, NANJING, FULL)
    assert codes == ["copy.name-taken", "copy.quota-full"]
    assert copies_in(lab, BEIJING) == []


def test_a_shared_image_is_copied_within_its_region(session: Session) -> None:
    assert refusal(session, BEIJING, of="partner-base") == ["copy.shared-elsewhere"]
    (copied,) = copy(session, "ap-guangzhou", of="partner-base")
    assert copied.image is not None
    assert copied.image.image_type == cvm.PRIVATE


def test_a_public_image_is_refused(session: Session) -> None:
    public = cvm.describe_images(session.cloud, image_type=cvm.PUBLIC)[0]
    with pytest.raises(PreconditionFailed) as caught:
        plan_copy(session, public, CopyRequest((BEIJING,)))
    assert caught.value.code == "ImageNotCopied"


def test_a_key_needs_encryption() -> None:
    with pytest.raises(UsageError) as caught:
        CopyRequest((BEIJING,), kms_key="key").require_valid()
    assert caught.value.code == "KeyWithoutEncrypt"


def test_without_a_wait_a_resume_completes_the_copies(lab: Lab, session: Session) -> None:
    (copied,) = copy(session, BEIJING, wait=False)
    assert copied.image is not None
    assert copied.image.image_state == "SYNCING"
    assert isinstance(session.progress, Remembering)
    assert session.progress.codes() == ["CopiesFinishLater"]
    assert len(lab.unfinished()) == 1

    (resumed,) = resume(lab.session())
    (found,) = copies_in(lab, BEIJING)
    assert resumed.operation.result == {"image_ids": {BEIJING: found.image_id}}
    assert found.tag_map["team"] == "shop"


def test_a_copy_that_is_late_is_resumed(lab: Lab, session: Session) -> None:
    with pytest.raises(WaitTimeout) as caught:
        copy(session, BEIJING, NANJING, timeout=60)
    assert {one.region for one in caught.value.result} == {BEIJING, NANJING}
    assert [note.code for note in caught.value.notes] == ["CopiesStarted"]
    assert lab.unfinished()[0] in caught.value.resume_command

    resume(lab.session())
    assert len(copies_in(lab, BEIJING)) == len(copies_in(lab, NANJING)) == 1
    assert lab.unfinished() == []


def test_one_call_asks_for_all_copies(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = sync_calls(monkeypatch)
    copy(session, BEIJING, NANJING)
    assert asked == [[BEIJING, NANJING]]


def test_copies_are_asked_for_one_by_one_where_all_together_are_refused(
    lab: Lab, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = sync_calls(monkeypatch)
    lab.sandbox.faults.add("SyncImages:error=LimitExceeded:times=1")
    copied = copy(session, BEIJING, NANJING)
    assert [one.error for one in copied] == [None, None]
    assert asked == [[BEIJING, NANJING], [BEIJING], [NANJING]]


def test_what_a_lost_call_for_all_has_not_started_is_asked_for(
    lab: Lab, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, asked = cvm.sync_image, list[list[str]]()

    def lose(cloud: Cloud, request: dict[str, Any]) -> dict[str, str]:
        asked.append(request["DestinationRegions"])
        started = sync(cloud, {**request, "DestinationRegions": asked[-1][:1]})
        if len(asked[-1]) > 1:
            raise OutcomeUnknown(Message("OutcomeUnknown", error=""))
        return started

    monkeypatch.setattr(cvm, "sync_image", lose)
    copied = copy(session, BEIJING, NANJING)
    assert [one.error for one in copied] == [None, None]
    assert asked == [[BEIJING, NANJING], [NANJING]]
    assert len(copies_in(lab, BEIJING)) == len(copies_in(lab, NANJING)) == 1


def sync_calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The destinations of each call that asks for copies from now on."""
    sync, asked = cvm.sync_image, list[list[str]]()

    def note(cloud: Cloud, request: dict[str, Any]) -> dict[str, str]:
        asked.append(request["DestinationRegions"])
        return sync(cloud, request)

    monkeypatch.setattr(cvm, "sync_image", note)
    return asked


def test_a_copy_that_fails_does_not_stop_the_others(lab: Lab, session: Session) -> None:
    lab.sandbox.faults.add("SyncImages:error=LimitExceeded:times=1")
    lab.sandbox.faults.add("SyncImages:task-fail:skip=1:times=1")
    with pytest.raises(TaskFailed) as caught:
        copy(session, BEIJING, NANJING)

    failed, done = caught.value.result
    assert (failed.region, failed.error.exit_code, done.error) == (BEIJING, 6, None)
    assert done.image.image_state == "NORMAL"
    assert caught.value.message == Message(
        "SeveralFailed",
        count=1,
        total=2,
        reasons=[Message("FailedFor", subject=BEIJING, error=failed.error.message)],
    )
    assert "DeleteFailedImage" in [note.code for note in caught.value.notes]
    assert lab.unfinished() == []


def test_a_copy_that_someone_else_deletes_does_not_stop_the_others(
    lab: Lab, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = session.clock.sleep

    def delete_and_sleep(seconds: float) -> None:
        for image in copies_in(lab, BEIJING):
            with lab.sandbox.store.transaction(write=True) as store:
                store.delete("image", image.image_id)
        sleep(seconds)

    monkeypatch.setattr(session.clock, "sleep", delete_and_sleep)
    with pytest.raises(TaskFailed) as caught:
        copy(session, BEIJING, NANJING)

    gone, done = caught.value.result
    assert (gone.error.code, done.error) == ("GONE", None)
    assert lab.unfinished() == []


def test_a_refused_copy_does_not_stop_the_others(lab: Lab, session: Session, image: Image) -> None:
    order = plan_copy(session, image, CopyRequest((BEIJING, NANJING)))
    taken = {"ImageIds": ["img-basev001"], "DestinationRegions": [BEIJING], "ImageName": "web-v1"}
    session.cloud.write("cvm", "SyncImages", taken)
    lab.clock.sleep(3600)
    there = session.cloud.in_region(BEIJING)
    (other,) = cvm.describe_images(there, name="web-v1")
    resource = tag.image_resource(BEIJING, "", other.image_id)
    tag.tag_resource(there, resource, {OPERATION_TAG: "op-20250101-000000-abcd"})
    with pytest.raises(CloudRefused) as caught:
        copy_image(session, order, timeout_seconds=7200)

    refused, done = caught.value.result
    assert (refused.error.code, done.error) == ("InvalidImageName.Duplicate", None)
    assert lab.unfinished() == []


def test_a_copy_delivered_twice_is_found(lab: Lab, session: Session) -> None:
    lab.sandbox.faults.add("SyncImages:twice:times=1")
    (copied,) = copy(session, BEIJING)
    assert copied.image is not None
    assert [one.image_id for one in copies_in(lab, BEIJING)] == [copied.image.image_id]


@pytest.mark.parametrize(
    "call", ["SyncImages", "SyncImages-alone", "ModifyImageAttribute", "TagResources"]
)
@pytest.mark.parametrize("fault", FAULTS)
def test_there_is_one_copy_per_region_whatever_happens_to_a_call(
    lab: Lab, session: Session, call: str, fault: str
) -> None:
    action, _, alone = call.partition("-")
    if alone:  # the copies are asked for one by one
        lab.sandbox.faults.add("SyncImages:error=LimitExceeded:times=1")
    skip = 0 if call == "SyncImages" else 1
    lab.sandbox.faults.add(f"{action}:{fault}:skip={skip}:times=1")
    with suppress(CvmimgError):
        copy(session, BEIJING, NANJING)
    resume(lab.session())

    for region in (BEIJING, NANJING):
        (found,) = copies_in(lab, region)
        assert (found.image_state, found.tag_map["team"]) == ("NORMAL", "shop")
    assert lab.unfinished() == []


def test_a_copy_whose_process_dies_is_finished(
    lab: Lab, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(seconds: float) -> None:
        raise Killed

    order = plan_copy(session, find_image(session.cloud, "web-v1"), CopyRequest((BEIJING, NANJING)))
    monkeypatch.setattr(session.clock, "sleep", die)
    with pytest.raises(Killed):
        copy_image(session, order, timeout_seconds=7200)
    monkeypatch.undo()
    assert len(lab.unfinished()) == 1
    resume(lab.session())
    assert [one.image_state for one in copies_in(lab, BEIJING)] == ["NORMAL"]
    assert [one.image_state for one in copies_in(lab, NANJING)] == ["NORMAL"]
