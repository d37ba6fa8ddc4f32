"""create --verify, against the sandbox: only an image that boots serves its family."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Image
from cvmimg.errors import CvmimgError, Interrupted, UsageError
from cvmimg.workflows.create.operation import CreateResult, create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.family.families import family_of, serving_images
from cvmimg.workflows.resume import resume
from cvmimg.workflows.verify.verification import VerifyFailed
from tests.support.call_faults import Killed
from tests.support.faulty import CallSite, FaultyAdapter
from tests.support.lab import Lab

pytestmark = pytest.mark.system

FAMILY, BEIJING, NEIGHBOUR = "shop", "ap-beijing", "100000000002"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def request(**options: Any) -> CreateRequest:
    options = {"instance_id": "ins-web00001", "family": FAMILY, "verify": True, **options}
    return CreateRequest("shop-v1", **options)


def make(lab: Lab, **options: Any) -> CreateResult:
    return create(lab.session(), request(**options))


def failure(lab: Lab, **options: Any) -> VerifyFailed:
    with pytest.raises(VerifyFailed) as caught:
        make(lab, **options)
    assert caught.value.exit_code == 6
    return caught.value


def unbootable(**options: Any) -> dict[str, Any]:
    return {"instance_id": "ins-data0001", "skip_checks": ("fstab",), **options}


def images_made(lab: Lab, region: str = "ap-guangzhou") -> list[Image]:
    listed = cvm.describe_images(lab.observer_cloud.in_region(region), image_type=cvm.PRIVATE)
    return [image for image in listed if image.image_name == "shop-v1"]


def serving(lab: Lab) -> str:
    image = serving_images(lab.images()).get(FAMILY)
    return image.image_name if image else ""


def probes_left(lab: Lab) -> list[str]:
    return [one.instance_name for one in lab.instances() if "verify" in one.instance_name]


def test_an_image_that_passes_serves_its_family(lab: Lab) -> None:
    result = make(lab)
    assert result.verification is not None
    assert result.verification.passed
    assert result.image is not None
    assert result.image.image_family == FAMILY
    assert {"cvmimg-verified", "cvmimg-promoted-at"} <= result.image.tag_map.keys()
    assert serving(lab) == "shop-v1"
    assert (probes_left(lab), lab.unfinished()) == ([], [])


def test_an_image_is_in_no_family_before_it_has_passed(lab: Lab) -> None:
    body = request().api_request("op-1", ())
    assert "ImageFamily" not in body
    tags = {tag["Key"]: tag["Value"] for tag in body["TagSpecification"][0]["Tags"]}
    assert tags["cvmimg-family"] == FAMILY


def test_an_image_that_fails_is_kept_and_does_not_serve(lab: Lab) -> None:
    error = failure(lab, **unbootable())
    (image,) = images_made(lab)
    assert image.image_family == ""
    assert family_of(image) == FAMILY
    assert "cvmimg-verified" not in image.tag_map
    assert serving(lab) == ""
    assert [note.code for note in error.notes if note.code.startswith("FailedImage")] == [
        "FailedImageKept"
    ]
    assert error.result.image.image_id == image.image_id
    assert not error.result.verification.passed
    assert (probes_left(lab), lab.unfinished()) == ([], [])


def test_an_image_that_fails_is_neither_copied_nor_shared_nor_replaces_others(lab: Lab) -> None:
    error = failure(lab, **unbootable(copy_to=(BEIJING,), share_with=(NEIGHBOUR,), keep=1))
    assert images_made(lab, BEIJING) == []
    assert error.result.shared_with == ()
    assert error.result.pruned == ()


def test_an_image_that_passes_is_then_copied_with_its_family(lab: Lab) -> None:
    make(lab, copy_to=(BEIJING,), share_with=(NEIGHBOUR,))
    (copy,) = images_made(lab, BEIJING)
    assert copy.image_family == FAMILY


def test_an_image_that_fails_can_be_deleted_with_its_snapshots(lab: Lab) -> None:
    error = failure(lab, **unbootable(delete_on_failure=True))
    assert (images_made(lab), lab.orphans(), lab.unfinished()) == ([], set(), [])
    assert error.result is None
    assert "FailedImageDeleted" in [note.code for note in error.notes]
    assert "ImageRemains" not in [note.code for note in error.notes]


def test_probes_can_be_skipped(lab: Lab) -> None:
    result = make(lab, skip_probes=("identity",))
    assert result.verification is not None
    (identity,) = [one for one in result.verification.probes if one.id == "identity"]
    assert identity.result.code == "ProbeSkipped"


def test_without_its_own_tags_the_image_still_gets_its_family(lab: Lab) -> None:
    make(lab, own_tags=False)
    (image,) = images_made(lab)
    assert (image.image_family, image.tag_map) == (FAMILY, {})


def test_an_image_that_waits_for_its_promotion_is_verified_and_not_promoted(lab: Lab) -> None:
    make(lab, promote=False)
    (image,) = images_made(lab)
    assert image.image_family == ""
    assert "cvmimg-verified" in image.tag_map


@pytest.mark.parametrize(
    "options",
    [
        {"wait": False},
        {"verify": False, "delete_on_failure": True},
        {"verify": False, "skip_probes": ("fstab",)},
    ],
)
def test_an_invalid_request_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        request(**options).require_valid()


def met(lab: Lab, site: CallSite, fault: str, **options: Any) -> CvmimgError | None:
    """Create an image while a call meets a fault; the error, or None if the process was killed."""
    adapter = FaultyAdapter(lab.sandbox.adapter(), site, fault)
    session = lab.session(adapter)
    adapter.interrupt = session.interrupt.request
    try:
        create(session, request(**options))
    except Killed:
        return None
    except CvmimgError as error:
        return error
    raise AssertionError("nothing happened")


def test_when_the_user_stops_the_probe_is_terminated_and_the_rest_can_be_resumed(
    lab: Lab,
) -> None:
    error = met(lab, CallSite("RunCommand", 2), "interrupted")
    assert isinstance(error, Interrupted)
    assert probes_left(lab) == []
    assert len(lab.unfinished()) == 1
    resume(lab.session())
    assert (serving(lab), probes_left(lab), lab.unfinished()) == ("shop-v1", [], [])


def test_when_the_user_stops_before_the_image_is_ready_it_is_verified_by_a_resume(lab: Lab) -> None:
    error = met(lab, CallSite("CreateImage", 1), "interrupted")
    assert isinstance(error, Interrupted)
    (operation_id,) = lab.unfinished()
    assert error.resume_command == f"cvmimg resume {operation_id}"
    resume(lab.session())
    assert (serving(lab), probes_left(lab), lab.unfinished()) == ("shop-v1", [], [])


@pytest.mark.parametrize("fault", ["killed-before", "killed-after"])
@pytest.mark.parametrize(
    ("action", "number"),
    [
        ("RunInstances", 1),
        ("RunCommand", 3),
        ("TerminateInstances", 1),
        ("ModifyImageAttribute", 1),
        ("TagResources", 1),
    ],
)
def test_a_killed_creation_is_verified_by_its_resume(
    lab: Lab, action: str, number: int, fault: str
) -> None:
    assert met(lab, CallSite(action, number), fault) is None
    resume(lab.session())
    assert len(images_made(lab)) == 1
    assert (serving(lab), probes_left(lab), lab.unfinished()) == ("shop-v1", [], [])


@pytest.mark.parametrize("action", ["DeleteImages", "DeleteSnapshots"])
@pytest.mark.parametrize("fault", ["killed-before", "killed-after"])
def test_a_killed_deletion_of_a_failed_image_is_finished(lab: Lab, action: str, fault: str) -> None:
    options = unbootable(delete_on_failure=True)
    assert met(lab, CallSite(action, 1), fault, **options) is None
    with pytest.raises(VerifyFailed):
        resume(lab.session())
    assert (images_made(lab), lab.orphans(), lab.unfinished()) == ([], set(), [])


def test_an_untagged_image_that_fails_has_failed_after_a_resume_too(lab: Lab) -> None:
    options = unbootable(own_tags=False, family="")
    assert met(lab, CallSite("TerminateInstances", 1), "killed-before", **options) is None
    with pytest.raises(VerifyFailed):
        resume(lab.session())
    assert (probes_left(lab), lab.unfinished()) == ([], [])


def test_an_untagged_image_that_fails_closes_its_operation_as_failed(lab: Lab) -> None:
    error = failure(lab, **unbootable(own_tags=False, family="", operation_id="ci-7"))
    assert "ImageContinues" not in [note.code for note in error.notes]
    assert lab.session().journal.read("ci-7").status == "failed"


def test_a_deletion_that_is_rolled_back_names_what_is_left_of_the_image(lab: Lab) -> None:
    options = unbootable(delete_on_failure=True)
    assert met(lab, CallSite("DeleteSnapshots", 1), "killed-before", **options) is None
    (undone,) = resume(lab.session(), roll_back=True)
    deleted, left = undone.remains
    assert (deleted.code, left.code) == ("AlreadyDeleted", "SnapshotsLeft")
    assert (images_made(lab), set(left.params["snapshots"])) == ([], lab.orphans())


def test_a_probe_that_cannot_be_launched_leaves_the_image_as_it_is(lab: Lab) -> None:
    lab.sandbox.faults.add("RunInstances:error=ResourceInsufficient.SpecifiedInstanceType")
    with pytest.raises(CvmimgError) as caught:
        make(lab)
    assert caught.value.code == "ResourceInsufficient.SpecifiedInstanceType"
    assert len(images_made(lab)) == 1
    assert (serving(lab), lab.unfinished()) == ("", [])
