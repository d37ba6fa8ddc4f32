"""Which image served when, found out from what an image carries."""

from __future__ import annotations

from typing import Any

from cvmimg.cloud.models import Image
from cvmimg.workflows.family.history import history
from cvmimg.workflows.moments import as_tag

DEPRECATED, PROMOTED = "cvmimg-deprecated-at", "cvmimg-promoted-at"


def day(number: int) -> str:
    return f"2026-01-{number:02}T00:00:00Z"


def image(number: int, *, deprecated: bool = False, family: str = "web", **tags: str) -> Image:
    """An image that was created on the day of its number."""
    named = {key.replace("_", "-"): value for key, value in tags.items()}
    return Image(
        {
            "ImageId": f"img-{number:08}",
            "ImageState": "NORMAL",
            "ImageFamily": family,
            "ImageDeprecated": deprecated,
            "CreatedTime": day(number),
            "Tags": [{"Key": key, "Value": value} for key, value in named.items()],
        }
    )


def served(*images: Image) -> list[tuple[Any, ...]]:
    """The history as tuples: the image's number, since, until (days), and why it ended."""
    return [
        (
            int(one.image.image_id[4:]),
            one.since and int(as_tag(one.since)[8:10]),
            one.until and int(as_tag(one.until)[8:10]),
            one.ended.value,
        )
        for one in history(images)
    ]


def test_each_image_serves_until_the_next_one_is_created() -> None:
    assert served(image(1), image(5), image(9)) == [
        (9, 9, None, "serving"),
        (5, 5, 9, "superseded"),
        (1, 1, 5, "superseded"),
    ]


def test_a_revoked_image_served_until_then_and_the_one_before_it_serves_again() -> None:
    bad = image(5, deprecated=True, cvmimg_deprecated_at=day(7), cvmimg_revoked="broken")
    assert served(image(1), bad) == [
        (1, 7, None, "serving"),
        (5, 5, 7, "revoked"),
        (1, 1, 5, "superseded"),
    ]


def test_a_promoted_image_serves_since_its_promotion() -> None:
    old = image(1, cvmimg_promoted_at=day(8))
    new = image(5, deprecated=True, cvmimg_deprecated_at=day(8))
    assert served(old, new) == [
        (1, 8, None, "serving"),
        (5, 5, 8, "deprecated"),
        (1, 1, 5, "superseded"),
    ]


def test_an_image_that_was_deprecated_and_promoted_again_has_a_gap() -> None:
    back = image(3, cvmimg_deprecated_at=day(5), cvmimg_promoted_at=day(9))
    assert served(image(1), back) == [
        (3, 9, None, "serving"),
        (1, 5, 9, "superseded"),
        (3, 3, 5, "deprecated"),
        (1, 1, 3, "superseded"),
    ]


def test_an_image_that_is_not_promoted_never_served() -> None:
    waiting = image(5, family="", cvmimg_family="web")
    assert served(image(1), waiting) == [(5, None, None, "not-promoted"), (1, 1, None, "serving")]


def test_an_image_promoted_only_now_did_not_serve_before() -> None:
    promoted = image(5, cvmimg_family="web", cvmimg_promoted_at=day(8))
    assert served(image(1), promoted) == [(5, 8, None, "serving"), (1, 1, 8, "superseded")]


def test_an_image_deprecated_by_another_program_counts_until_the_next_was_created() -> None:
    assert served(image(1, deprecated=True), image(5)) == [
        (5, 5, None, "serving"),
        (1, 1, 5, "superseded"),
    ]


def test_it_is_not_known_since_when_an_image_serves_if_a_newer_one_was_deprecated_elsewhere() -> (
    None
):
    assert served(image(1), image(5, deprecated=True)) == [
        (1, None, None, "serving"),
        (5, 5, None, "deprecated"),
        (1, 1, 5, "superseded"),
    ]


def test_a_family_without_images_has_no_history() -> None:
    assert served() == []
