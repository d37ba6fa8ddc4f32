"""Sharing images with other accounts, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Image
from cvmimg.durable.session import Session
from cvmimg.errors import CloudRefused, CvmimgError, NotFound, PreconditionFailed
from cvmimg.message import Message
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.share import share_image, shared_with, unshare_image
from tests.support.lab import Lab

OWNER, NEIGHBOUR, NOBODY = "100000000001", "100000000002", "100000000003"


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


def test_an_image_is_shared_once_and_shown_to_the_other_account(
    lab: Lab, session: Session, image: Image
) -> None:
    assert shared_with(session.cloud, image) == []
    assert share_image(session, image, [NEIGHBOUR, NEIGHBOUR]) == [NEIGHBOUR]
    assert share_image(session, image, [NEIGHBOUR]) == [NEIGHBOUR]
    assert shared_with(session.cloud, image) == [NEIGHBOUR]
    there = cvm.describe_images(lab.session(account=NEIGHBOUR).cloud, image_type=cvm.SHARED)
    assert [one.image_id for one in there] == [image.image_id]
    assert lab.unfinished() == []


def test_the_sharing_ends_for_those_named_or_for_all(session: Session, image: Image) -> None:
    share_image(session, image, [NEIGHBOUR])
    assert unshare_image(session, image, [NOBODY]) == [NEIGHBOUR]
    assert unshare_image(session, image, None) == []
    assert shared_with(session.cloud, image) == []


@pytest.mark.parametrize(
    ("accounts", "code"),
    [
        ([OWNER], "SharedWithOwner"),
        ([str(200000000000 + number) for number in range(501)], "TooManyAccounts"),
    ],
)
def test_accounts_that_cannot_be_added_are_refused_before_anything_is_sent(
    session: Session, image: Image, accounts: list[str], code: str
) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        share_image(session, image, accounts)
    assert caught.value.code == code
    assert session.journal.scan().records == ()


@pytest.mark.parametrize(
    ("kind", "code"), [(cvm.PUBLIC, "NotYourImage"), (cvm.SHARED, "NotYourImage")]
)
def test_images_of_others_are_refused(session: Session, kind: str, code: str) -> None:
    foreign = cvm.describe_images(session.cloud, image_type=kind)[0]
    with pytest.raises(PreconditionFailed) as caught:
        share_image(session, foreign, [NEIGHBOUR])
    assert caught.value.code == code
    assert shared_with(session.cloud, foreign) is None


def test_an_image_that_is_not_ready_is_refused(lab: Lab, session: Session) -> None:
    cvm.create_image(session.cloud, {"InstanceId": "ins-web00001", "ImageName": "new"})
    lab.clock.sleep(10)
    with pytest.raises(PreconditionFailed) as caught:
        share_image(session, find_image(session.cloud, "new"), [NEIGHBOUR])
    assert caught.value.code == "ImageNotReady"
    assert caught.value.message.code == "ImageInProgress"


def test_of_a_refused_sharing_nothing_is_left(lab: Lab, session: Session, image: Image) -> None:
    with pytest.raises((CloudRefused, NotFound)) as caught:
        share_image(session, image, [NEIGHBOUR, NOBODY])
    assert caught.value.code == "InvalidAccountId.NotFound"
    assert shared_with(session.cloud, image) == []
    assert lab.unfinished() == []


def test_a_share_permission_that_may_not_be_read_is_unknown(
    session: Session, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CvmimgError(Message("no"), code="UnauthorizedOperation")

    monkeypatch.setattr(cvm, "describe_image_share_permission", refuse)
    assert shared_with(session.cloud, image) is None


@pytest.mark.parametrize(
    "fault", ["cut-before", "cut-after", "twice", "truncate", "status=502", "status=502:after"]
)
def test_the_account_is_added_once_whatever_happens_to_the_request(
    lab: Lab, session: Session, image: Image, fault: str
) -> None:
    lab.sandbox.faults.add(f"ModifyImageSharePermission:{fault}:times=1")
    assert share_image(session, image, [NEIGHBOUR]) == [NEIGHBOUR]
    assert shared_with(session.cloud, image) == [NEIGHBOUR]
    assert lab.unfinished() == []
