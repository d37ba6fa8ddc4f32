"""Secrets in the source of an image keep it from being shared."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cvmimg.checks.facts import CheckRequest
from cvmimg.checks.gather import gather_guest
from cvmimg.cloud import cvm
from cvmimg.cloud.models import Image
from cvmimg.durable.session import Session
from cvmimg.errors import PreconditionFailed
from cvmimg.workflows.copy.plan import CopyRequest, plan_copy
from cvmimg.workflows.create.operation import create
from cvmimg.workflows.create.plan import ChecksFailed
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.secrets import require_no_secrets
from cvmimg.workflows.share import share_image
from tests.support.lab import Lab
from tests.support.session import Remembering

SOURCE, NEIGHBOUR = "ins-web00001", "100000000002"


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


def leave_secret(lab: Lab, session: Session, instance_id: str = SOURCE) -> None:
    """Leave an authorized key in an instance, which is only a warning in an image of one's own."""
    gather_guest(session.cloud, CheckRequest(instance_id=instance_id))  # makes its files
    path = lab.sandbox.guests.root(instance_id) / "root/.ssh/authorized_keys"
    path.parent.mkdir(parents=True)
    path.write_text("ssh-ed25519 AAAA ann\n")


def notices(session: Session) -> list[str]:
    """The codes of the notices, each with that of its reason."""
    assert isinstance(session.progress, Remembering)
    given = session.progress.notices
    return [f"{notice.code} {notice.params['reason'].code}" for notice in given]


def test_a_clean_source_lets_its_image_be_shared_and_copied(session: Session, image: Image) -> None:
    assert share_image(session, image, [NEIGHBOUR]) == [NEIGHBOUR]
    plan_copy(session, image, CopyRequest(("ap-beijing",)))
    assert notices(session) == []


def test_secrets_refuse_to_share(lab: Lab, session: Session, image: Image) -> None:
    leave_secret(lab, session)
    with pytest.raises(PreconditionFailed) as caught:
        share_image(session, image, [NEIGHBOUR])
    assert caught.value.code == "ImageHasSecrets"
    (found,) = caught.value.message.params["found"]
    assert found.params["check"] == "authorized-keys"
    assert cvm.describe_image_share_permission(session.cloud, image.image_id) == []
    assert lab.unfinished() == []


def test_secrets_in_a_copy_are_a_warning(lab: Lab, session: Session, image: Image) -> None:
    leave_secret(lab, session)
    plan_copy(session, image, CopyRequest(("ap-beijing",)))
    assert isinstance(session.progress, Remembering)
    (notice,) = session.progress.notices
    assert notice.code == "CopyHasSecrets"
    assert notice.params["instance"] == SOURCE
    assert [found.params["check"] for found in notice.params["found"]] == ["authorized-keys"]


@pytest.mark.parametrize("skip", ["authorized-keys", "secrets"])
def test_the_user_may_skip_them(lab: Lab, session: Session, image: Image, skip: str) -> None:
    leave_secret(lab, session)
    plan_copy(session, image, CopyRequest(("ap-beijing",), skip_checks=(skip,)))
    assert notices(session) == []
    assert share_image(session, image, [NEIGHBOUR], skip_checks=[skip]) == [NEIGHBOUR]


def test_another_skipped_check_changes_nothing(lab: Lab, session: Session, image: Image) -> None:
    leave_secret(lab, session)
    with pytest.raises(PreconditionFailed):
        share_image(session, image, [NEIGHBOUR], skip_checks=["passwords"])


def test_an_encrypted_copy_in_the_same_region_is_ones_own(
    lab: Lab, session: Session, image: Image
) -> None:
    leave_secret(lab, session)
    plan_copy(session, image, CopyRequest(("ap-guangzhou",), name="copy", encrypt=True))


def test_a_source_that_is_gone_or_stopped_is_only_a_notice(session: Session, image: Image) -> None:
    cvm.stop_instances(session.cloud, [SOURCE])
    session.clock.sleep(60)
    require_no_secrets(session, image)
    cvm.terminate_instances(session.cloud, [SOURCE])
    session.clock.sleep(600)
    require_no_secrets(session, image)
    assert notices(session) == [
        "ImageSecretsNotChecked GuestNotRunning",
        "ImageSecretsNotChecked secrets.source-gone",
    ]


def test_an_image_without_a_known_source_is_only_a_notice(session: Session) -> None:
    require_no_secrets(session, find_image(session.cloud, "base-v1"))
    assert notices(session) == ["ImageSecretsNotChecked secrets.source-unknown"]


def test_create_refuses_only_what_it_is_to_share(lab: Lab, session: Session) -> None:
    leave_secret(lab, session)
    with pytest.raises(ChecksFailed) as caught:
        create(session, CreateRequest("web-v2", instance_id=SOURCE, share_with=(NEIGHBOUR,)))
    assert [each.id for each in caught.value.checks if each.status.value == "fail"] == [
        "authorized-keys"
    ]
    for name, regions in (("web-v2", ()), ("web-v4", ("ap-beijing",))):
        request = CreateRequest(name, instance_id=SOURCE, copy_to=regions)
        assert create(session, request).image is not None
    skipping = CreateRequest(
        "web-v3", instance_id=SOURCE, share_with=(NEIGHBOUR,), skip_checks=("secrets",)
    )
    assert create(session, skipping).shared_with == (NEIGHBOUR,)
