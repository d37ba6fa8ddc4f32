"""``cvmimg family``, as it is typed."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")


def create(cvmimg: Run, name: str, *options: str) -> str:
    outcome = cvmimg(
        "create",
        "--instance",
        "ins-web00001",
        "--name",
        name,
        "--family",
        "web",
        *options,
        "-o",
        "id",
    )
    assert outcome.code == 0
    return outcome.out.strip()


def test_families_are_listed_with_what_they_serve(cvmimg: Run) -> None:
    assert cvmimg("family", "list", "-o", "json").json == [
        {
            "id": "web",
            "region": "ap-guangzhou",
            "image_id": "img-webv1000",
            "image_name": "web-v1",
            "created_at": "2025-03-10T02:41:07Z",
            "images": 1,
            "usable": 1,
        }
    ]


def test_an_image_waits_for_its_promotion_and_is_rolled_back(cvmimg: Run) -> None:
    new = create(cvmimg, "web-v2", "--no-promote")
    assert cvmimg("show", "family:web", "-o", "id").out.strip() == "img-webv1000"

    promoted = cvmimg("family", "promote", "web-v2", "--yes", "-o", "json")
    assert promoted.code == 0
    assert promoted.json["after"]["id"] == new
    assert promoted.json["before"]["id"] == "img-webv1000"
    assert promoted.json["changed"] is True
    assert cvmimg("show", "family:web", "-o", "id").out.strip() == new

    revoked = cvmimg("family", "rollback", "web", "--reason", "slow", "--yes", "-o", "json")
    assert revoked.json["deprecated"] == [new]
    assert cvmimg("show", "family:web", "-o", "id").out.strip() == "img-webv1000"
    history = cvmimg("family", "history", "web", "-o", "json").json
    assert [(each["status"], each["reason"]) for each in history if each["id"] == new] == [
        ("revoked", "slow")
    ]

    refused = cvmimg("launch", "--image", "web-v2", "--count", "1", "--yes", "-o", "json")
    assert (refused.code, refused.error["code"]) == (3, "ImageRevoked")
    assert cvmimg("launch", "--image", "web-v2", "--count", "1", "--force", "--yes").code == 0


def test_a_rollback_without_another_image_is_refused(cvmimg: Run) -> None:
    refused = cvmimg("family", "rollback", "web", "--yes", "-o", "json")
    assert (refused.code, refused.error["code"]) == (3, "NothingToRollBackTo")


def test_promoting_what_serves_already_asks_nothing_and_changes_nothing(cvmimg: Run) -> None:
    unchanged = cvmimg("family", "promote", "web-v1", "-o", "json")
    assert unchanged.code == 0
    assert unchanged.json["changed"] is False


def test_a_change_asks_first(cvmimg: Run) -> None:
    create(cvmimg, "web-v2")
    refused = cvmimg("family", "rollback", "web", "-o", "json")
    assert (refused.code, refused.error["code"]) == (2, "NotConfirmed")


def test_who_launches_from_a_family_or_a_revoked_image_is_named(cvmimg: Run) -> None:
    assert cvmimg("update", "base-v1", "--family", "base").code == 0
    warned = cvmimg("family", "rollback", "base", "--force", "--yes")
    assert "asc-base0001" in warned.err
    assert "lt-base0001" in warned.err


def test_an_unknown_family_has_no_history(cvmimg: Run) -> None:
    missing = cvmimg("family", "history", "nobody", "-o", "json")
    assert (missing.code, missing.error["code"]) == (4, "FamilyNotFound")
