"""show, wait and update with several images, as they are typed."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")


def test_several_images_are_shown_as_an_array_in_the_order_given(cvmimg: Run) -> None:
    shown = cvmimg("show", "web-v1", "base-v1", "img-webv1000", "-o", "json")
    assert (shown.code, [image["name"] for image in shown.json]) == (0, ["web-v1", "base-v1"])
    assert cvmimg("show", "web-v1", "base-v1", "-o", "id").out == "img-webv1000\nimg-basev001\n"


def test_what_is_missing_does_not_hide_the_others(cvmimg: Run) -> None:
    shown = cvmimg("show", "web-v9", "web-v1", "img-gone0000", "-o", "json")
    assert (shown.code, [image["name"] for image in shown.json]) == (4, ["web-v1"])
    assert (shown.error["code"], shown.error["exit_code"]) == ("NotFound", 4)
    for reference in ("web-v9", "img-gone0000"):
        assert reference in shown.error["message"]


def test_several_images_are_waited_for_at_once(cvmimg: Run) -> None:
    made = [
        cvmimg("create", "--instance", name, "--name", name, "--no-wait", "-o", "id").out.strip()
        for name in ("web-1", "nofail-1")
    ]
    late = cvmimg("wait", *made, "web-v1", "--timeout", "1s", "-o", "json")
    assert (late.code, [image["name"] for image in late.json]) == (7, ["web-v1"])
    assert f"cvmimg wait {' '.join(made)}" in late.error["hint"]
    waited = cvmimg("wait", *made, "web-v1", "-o", "json")
    assert (waited.code, {image["state"] for image in waited.json}) == (0, {"NORMAL"})
    assert [image["id"] for image in waited.json][:2] == made
    assert "waiting for 3 images" in waited.err


def test_several_images_are_updated_alike(cvmimg: Run) -> None:
    changed = cvmimg("update", "web-v1", "base-v1", "--tag", "team=blue", "-o", "json")
    assert changed.code == 0
    assert [image["tags"]["team"] for image in changed.json] == ["blue", "blue"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("show",), 2),
        (("wait", "web-v9", "img-gone0000"), 4),
        (("update", "web-v1", "base-v1", "--name", "same"), 2),
        (("update", "web-v1", "web-v9", "--tag", "team=blue"), 4),
        (("update", "web-v1", "partner-base", "--tag", "team=blue"), 3),
    ],
)
def test_an_impossible_request_is_refused(cvmimg: Run, words: tuple[str, ...], code: int) -> None:
    assert cvmimg(*words).code == code
    assert cvmimg("show", "web-v1", "-o", "json").json["tags"]["team"] == "shop"


def test_a_dry_run_of_several_says_that_their_checks_passed(cvmimg: Run) -> None:
    outcome = cvmimg(
        "create", "--instance", "web-1", "--instance", "stopped-1", "--dry-run",
        "--name", "nightly-{instance_name}",
    )  # fmt: skip

    assert outcome.code == 0
    assert outcome.out.count("checks passed") == 2
    assert re.search(r"^ins-web00001 +- +nightly-web-1 ", outcome.out, re.MULTILINE)


def test_the_error_of_several_is_that_of_an_instance_that_failed(cvmimg: Run) -> None:
    outcome = cvmimg(
        "create", "--instance", "web-1", "--instance", "data-1", "-o", "json",
        "--name", "nightly-{instance_name}",
    )  # fmt: skip

    assert (outcome.code, outcome.error["code"]) == (3, "ChecksFailed")
    assert "--fix-fstab" in outcome.error["hint"]
    assert [each["error"]["code"] for each in outcome.json] == ["OthersFailed", "ChecksFailed"]
