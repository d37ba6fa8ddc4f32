"""delete, quota, update, snapshots, snapshot, and the data of data disks, as they are typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cvmimg.sandbox import Sandbox
from tests.cli.conftest import Run
from tests.support.clock import FakeClock

pytestmark = pytest.mark.usefixtures("sandbox")

TWO_DISKS = {
    "regions": {
        "ap-guangzhou": {
            "instances": [
                {
                    "id": "ins-shop0001",
                    "name": "shop",
                    "data_disks": [
                        {"id": "disk-shop0001", "size": 100, "mount": "/data", "label": "data"},
                        {"id": "disk-shop0002", "size": 300, "mount": "/log", "label": "log"},
                    ],
                }
            ]
        }
    }
}


MANY_DISKS = {
    "regions": {
        "ap-guangzhou": {
            "instances": [
                {
                    "id": "ins-many0001",
                    "data_disks": [{"id": f"disk-many{n:04}", "size": 10} for n in range(12)],
                }
            ]
        }
    }
}


@pytest.fixture
def many(tmp_path: Path, clock: FakeClock) -> None:
    """A world of one instance with more disks than one filter names."""
    Sandbox(tmp_path / "state" / "sandbox", clock=clock.now, world=MANY_DISKS).close()


@pytest.fixture
def shop(tmp_path: Path, clock: FakeClock) -> None:
    """A world of one instance with two data disks."""
    Sandbox(tmp_path / "state" / "sandbox", clock=clock.now, world=TWO_DISKS).close()


def snapshots(cvmimg: Run, *options: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = cvmimg("snapshots", *options, "-o", "json").json["snapshots"]
    return listed


@pytest.mark.usefixtures("many")
def test_the_snapshots_of_any_number_of_disks_are_listed_and_seen_in_the_making(
    cvmimg: Run,
) -> None:
    made = cvmimg("snapshot", "--instance", "ins-many0001", "--no-wait", "-o", "json")
    checked = cvmimg("check", "--instance", "ins-many0001", "--with-data-disks", "-o", "json").json
    (disks,) = (check for check in checked["checks"] if check["id"] == "disks")
    listed = snapshots(cvmimg, "--instance", "ins-many0001")

    assert made.code == 0
    assert disks["status"] == "fail"
    assert all(snapshot["id"] in disks["summary"] + disks["detail"] for snapshot in listed)
    assert {snapshot["disk_id"] for snapshot in listed} == {
        f"disk-many{number:04}" for number in range(12)
    }


def test_delete_shows_what_is_deleted_and_frees_it(cvmimg: Run) -> None:
    (snapshot,) = snapshots(cvmimg, "--image", "web-v1")
    outcome = cvmimg("delete", "web-v1", "--yes", "-o", "json")
    assert outcome.code == 0
    assert outcome.json == [
        {
            "id": "img-webv1000",
            "name": "web-v1",
            "snapshot_ids": [snapshot["id"]],
            "kept_snapshot_ids": [],
            "freed_gib": 50,
        }
    ]
    assert "img-webv1000  web-v1" in outcome.err
    assert cvmimg("show", "web-v1").code == 4
    assert snapshot["id"] not in [each["id"] for each in snapshots(cvmimg)]


def test_delete_without_a_terminal_wants_yes(cvmimg: Run) -> None:
    outcome = cvmimg("delete", "web-v1")
    assert outcome.code == 2
    assert "--yes" in outcome.err
    assert cvmimg("show", "web-v1").code == 0


def test_delete_dry_run_deletes_nothing(cvmimg: Run) -> None:
    assert cvmimg("delete", "web-v1", "--dry-run", "-o", "id").out == "img-webv1000\n"
    assert cvmimg("show", "web-v1").code == 0


def test_delete_of_an_image_in_use_names_its_users(cvmimg: Run) -> None:
    outcome = cvmimg("delete", "base-v1", "--yes", "-o", "json")
    assert (outcome.code, outcome.error["code"]) == (3, "ImageInUse")
    assert "instance ins-priv0001" in outcome.error["message"]
    assert "--force" in outcome.error["hint"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("delete", "img-gone0000", "--yes"), 4),
        (("delete", "img-short", "--yes"), 2),
        (("update", "web-v1"), 2),
        (("update", "web-v1", "--name", "base-v1"), 3),
        (("update", "web-v1", "--untag", "nothing"), 3),
        (("update", "web-v1", "--tag", "novalue"), 2),
        (("update", "web-v1", "--tag", "a=b", "--untag", "a"), 2),
        (("update", "web-v1", "--name", "x" * 61), 2),
        (("snapshots", "--image", "web-v1", "--instance", "ins-web00001"), 2),
        (("snapshots", "--instance", "ins-gone0001"), 4),
        (("snapshot",), 2),
        (("snapshot", "--instance", "ins-web00001"), 3),
        (("snapshot", "--instance", "ins-data0001", "--data-disk", "disk-other001"), 4),
        (("snapshot", "--instance", "ins-noat0001", "--freeze"), 3),
        (("launch", "--image", "web-v1", "--delete-snapshots-after", "--yes"), 2),
        (
            ("launch", "--image", "web-v1", "--data-from", "ins-data0001", "--data-disk", "9"),
            2,
        ),
    ],
)
def test_an_impossible_request_is_refused(cvmimg: Run, words: tuple[str, ...], code: int) -> None:
    outcome = cvmimg(*words)
    assert outcome.code == code
    assert outcome.out == ""
    assert outcome.err.startswith(("error:", "[", "note:"))


def test_update_edits_an_image(cvmimg: Run) -> None:
    words = ("--name", "web-old", "--deprecate", "--tag", "team=shop", "--family", "")
    changed = cvmimg("update", "web-v1", *words, "-o", "json").json
    assert (changed["name"], changed["deprecated"], changed["family"]) == ("web-old", True, "")
    assert changed["tags"]["team"] == "shop"
    assert changed.items() <= cvmimg("show", "web-old", "-o", "json").json.items()


def test_update_dry_run_changes_nothing(cvmimg: Run) -> None:
    assert cvmimg("update", "web-v1", "--name", "other", "--dry-run").code == 0
    assert cvmimg("show", "other").code == 4


def test_quota_is_a_table_with_bars(cvmimg: Run) -> None:
    lines = cvmimg("quota", "--region", "ap-shanghai").out.splitlines()
    assert lines == [
        "REGION       USED  ALLOWED",
        f"ap-shanghai    10       10  {'█' * 20}",
    ]


def test_quota_of_all_regions_as_json(cvmimg: Run) -> None:
    quotas = {each["region"]: each for each in cvmimg("quota", "--all-regions", "-o", "json").json}
    assert quotas["ap-guangzhou"] == {
        "id": "ap-guangzhou",
        "region": "ap-guangzhou",
        "used": 2,
        "allowed": 10,
        "free": 8,
        "assumed": False,
    }
    assert quotas["ap-shanghai"]["free"] == 0


def test_create_in_a_full_region_names_what_could_be_deleted(cvmimg: Run) -> None:
    outcome = cvmimg(
        "--region", "ap-shanghai", "create", "--instance", "ins-full0001", "--name", "new"
    )
    assert outcome.code == 3
    assert "quota: 10 of 10 custom images used in ap-shanghai" in outcome.err
    assert "cvmimg --region ap-shanghai delete img-" in outcome.err


def test_create_makes_a_place_of_the_oldest(cvmimg: Run) -> None:
    words = ("create", "--instance", "ins-full0001", "--name", "new", "--yes")
    before = cvmimg("--region", "ap-shanghai", "list", "-o", "json").json
    outcome = cvmimg("--region", "ap-shanghai", *words, "--replace-oldest", "*", "-o", "id")
    after = cvmimg("--region", "ap-shanghai", "list", "-o", "json").json
    assert outcome.code == 0
    oldest = min(before, key=lambda image: str(image["created_at"]))
    gone = {image["id"] for image in before} - {image["id"] for image in after}
    assert gone == {oldest["id"]}
    assert outcome.out.strip() in {image["id"] for image in after}


def test_no_place_is_made_for_an_image_that_would_fail(cvmimg: Run) -> None:
    taken = cvmimg("--region", "ap-shanghai", "list", "-o", "json").json[0]["name"]
    words = ("create", "--instance", "ins-full0001", "--name", taken, "--yes")
    outcome = cvmimg("--region", "ap-shanghai", *words, "--replace-oldest", "*")
    assert outcome.code == 3
    assert len(cvmimg("--region", "ap-shanghai", "list", "-o", "json").json) == 10


def test_snapshots_show_what_uses_them_and_what_they_cost(cvmimg: Run) -> None:
    told = cvmimg("snapshots", "-o", "json").json
    assert told["size_gib"] == told["region_gib"] == 100
    assert told["charged_gib"] == max(0, 100 - told["free_gib"])
    assert {tuple(each["images"]) for each in told["snapshots"]} == {
        ("img-webv1000",),
        ("img-basev001",),
    }
    assert snapshots(cvmimg, "--orphans") == []


def test_snapshot_makes_one_of_each_data_disk(cvmimg: Run, shop: None) -> None:
    outcome = cvmimg("snapshot", "--instance", "ins-shop0001", "--freeze", "-o", "json")
    assert outcome.code == 0
    made = outcome.json["snapshots"]
    assert [each["disk_id"] for each in made] == ["disk-shop0001", "disk-shop0002"]
    assert [each["size_gib"] for each in made] == [100, 300]
    assert {each["state"] for each in made} == {"NORMAL"}


def test_a_shop_moves_with_its_data_and_leaves_nothing_behind(cvmimg: Run, shop: None) -> None:
    made = cvmimg(
        "create", "--instance", "ins-shop0001", "--name", "shop-v1", "--with-data-disks", "-o", "id"
    )
    assert made.code == 0, made.err
    image = made.out.strip()
    parts = cvmimg("show", image, "-o", "json").json["snapshots"]
    assert sorted(part["size_gib"] for part in parts) == [50, 100, 300]

    launched = cvmimg("launch", "--image", image, "--count", "3", "--yes", "-o", "json")
    assert launched.code == 0, launched.err
    assert "300 GiB from snap-" in launched.err
    assert len(launched.json["instances"]) == 3

    data = cvmimg(
        *("launch", "--image", image, "--data-from", "ins-shop0001"),
        *("--delete-snapshots-after", "--yes", "-o", "json"),
    )
    assert data.code == 0, data.err

    refused = cvmimg("delete", image, "--yes")
    assert refused.code == 3
    assert launched.json["instances"][0]["id"] in refused.err
    assert cvmimg("delete", image, "--force", "--yes").code == 0
    told = cvmimg("snapshots", "-o", "json").json
    assert (told["snapshots"], told["region_gib"], told["charged_gib"]) == ([], 0, 0)
