"""Promotion and rollback against the sandbox: the API has the last word on what a family serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Image
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, NotFound, PreconditionFailed, UsageError
from cvmimg.workflows.create.operation import create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.family.families import list_families
from cvmimg.workflows.family.operation import change_family
from cvmimg.workflows.family.plan import plan_promotion, plan_rollback
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.launch.plan import plan_launch
from cvmimg.workflows.launch.request import LaunchRequest
from cvmimg.workflows.resume import resume
from tests.support.call_faults import Killed
from tests.support.faulty import CallSite, FaultyAdapter
from tests.support.lab import Lab

NEIGHBOUR = "100000000002"


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
                image(4, name="db-v1", family="db"),
                image(5, name="lonely", family=""),
            ],
            "instances": [{"id": "ins-web00001", "name": "web"}],
        }
    }
}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(WORLD) as lab:
        yield lab


@pytest.fixture
def session(lab: Lab) -> Session:
    return lab.session()


def serving(session: Session, family: str = "web") -> str | None:
    image = cvm.describe_image_from_family(session.cloud, family)
    return image and image.image_name


def named(session: Session, name: str) -> Image:
    return find_image(session.cloud, name)


def promote(session: Session, name: str, family: str = "") -> None:
    change_family(session, plan_promotion(session.cloud, named(session, name), family))


def rollback(session: Session, family: str, *, force: bool = False) -> None:
    change_family(session, plan_rollback(session.cloud, family, "broken", force=force))


def share(session: Session, image_id: str) -> None:
    request = {"ImageId": image_id, "AccountIds": [NEIGHBOUR], "Permission": "SHARE"}
    session.cloud.write("cvm", "ModifyImageSharePermission", request)


def test_an_older_image_serves_again_because_all_newer_ones_are_deprecated(
    lab: Lab, session: Session
) -> None:
    promote(session, "web-v1")
    assert serving(session) == "web-v1"
    assert [named(session, f"web-v{n}").image_deprecated for n in (1, 2, 3)] == [False, True, True]
    assert serving(session, "db") == "db-v1"
    assert lab.unfinished() == []


def test_a_deprecated_image_is_promoted_again(session: Session) -> None:
    promote(session, "web-v1")
    promote(session, "web-v3")
    assert serving(session) == "web-v3"
    assert not named(session, "web-v3").image_deprecated


def test_promoting_the_image_that_serves_changes_nothing(session: Session) -> None:
    assert plan_promotion(session.cloud, named(session, "web-v3")).edits == ()


def test_an_image_joins_a_family_by_its_promotion(session: Session) -> None:
    promote(session, "lonely", "web")
    assert serving(session) == "lonely"


def test_an_image_without_a_family_needs_one(session: Session) -> None:
    with pytest.raises(UsageError) as caught:
        promote(session, "lonely")
    assert caught.value.code == "FamilyMissing"


def test_a_promotion_that_is_refused_half_way_is_reverted(lab: Lab, session: Session) -> None:
    plan = plan_promotion(session.cloud, named(session, "web-v1"))
    lab.sandbox.faults.add(
        "ModifyImageAttribute:error=InvalidImageId.IncorrectState:skip=1:times=1"
    )
    with pytest.raises(CvmimgError) as caught:
        change_family(session, plan)
    assert caught.value.code == "InvalidImageId.IncorrectState"
    assert serving(session) == "web-v3"
    assert "cvmimg-promoted-at" not in named(session, "web-v1").tag_map
    assert lab.unfinished() == []


def test_rolling_an_interrupted_promotion_back_restores_the_images(lab: Lab) -> None:
    site = CallSite("ModifyImageAttribute", 2)
    adapter = FaultyAdapter(lab.sandbox.adapter(), site, "killed-after")
    with pytest.raises(Killed):
        promote(lab.session(adapter), "web-v1")
    resume(lab.session(), roll_back=True)
    session = lab.session()
    assert serving(session) == "web-v3"
    assert [named(session, f"web-v{n}").image_deprecated for n in (1, 2, 3)] == [False] * 3
    assert lab.unfinished() == []


def test_a_shared_image_refuses_the_change_before_anything_is_changed(session: Session) -> None:
    share(session, "img-web00002")
    with pytest.raises(PreconditionFailed) as caught:
        promote(session, "web-v1")
    assert caught.value.code == "SharedImageUnchangeable"
    assert serving(session) == "web-v3"


def test_rollback_revokes_the_image_with_the_reason_and_serves_the_one_before(
    session: Session,
) -> None:
    rollback(session, "web")
    assert serving(session) == "web-v2"
    assert named(session, "web-v3").tag_map["cvmimg-revoked"] == "broken"


def test_a_revoked_image_is_not_launched_unless_forced(session: Session) -> None:
    rollback(session, "web")
    bad = named(session, "web-v3")
    with pytest.raises(PreconditionFailed) as caught:
        plan_launch(session.cloud, LaunchRequest("web-v3", 1), bad)
    assert caught.value.code == "ImageRevoked"
    with pytest.raises(UsageError) as forced:  # the next thing that is missing
        plan_launch(session.cloud, LaunchRequest("web-v3", 1, force=True), bad)
    assert forced.value.code != "ImageRevoked"


def test_a_revoked_image_is_not_promoted(session: Session) -> None:
    rollback(session, "web")
    with pytest.raises(PreconditionFailed) as caught:
        promote(session, "web-v3")
    assert caught.value.code == "ImageRevoked"


def test_the_last_usable_image_is_only_revoked_by_force(session: Session) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        rollback(session, "db")
    assert caught.value.code == "NothingToRollBackTo"
    rollback(session, "db", force=True)
    assert serving(session, "db") is None


def test_a_family_that_serves_nothing_cannot_be_rolled_back(session: Session) -> None:
    with pytest.raises(NotFound) as caught:
        rollback(session, "nobody")
    assert caught.value.code == "FamilyServesNothing"


def test_an_image_that_is_not_promoted_never_serves_its_family(lab: Lab, session: Session) -> None:
    request = CreateRequest(
        name="web-v4", instance_id="ins-web00001", family="web", promote=False, stop=True
    )
    result = create(session, request)
    assert result.image is not None
    assert (result.image.image_family, serving(session)) == ("", "web-v3")
    (web,) = (family for family in list_families(session.cloud) if family.name == "web")
    assert "web-v4" in [image.image_name for image in web.images]
    promote(session, "web-v4")
    assert serving(session) == "web-v4"


@pytest.mark.parametrize("options", [{"family": ""}, {"family": "web", "own_tags": False}])
def test_without_a_family_or_tags_an_image_cannot_wait_for_its_promotion(
    options: dict[str, Any],
) -> None:
    request = CreateRequest(name="x", instance_id="ins-web00001", promote=False, **options)
    with pytest.raises(UsageError) as caught:
        request.require_valid()
    assert caught.value.code == "NoPromoteWithoutFamily"


def test_families_are_listed_with_the_image_that_serves(session: Session) -> None:
    served = {
        each.name: each.serving and each.serving.image_name for each in list_families(session.cloud)
    }
    assert served == {"web": "web-v3", "db": "db-v1"}
    for family, name in served.items():
        assert serving(session, family) == name
