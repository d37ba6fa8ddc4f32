"""delete with globs, snapshots and what does not exist, as it is typed."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.mark.parametrize(
    "words",
    [
        ("delete",),
        ("delete", "--ignore-missing", "img-gone0000"),
        ("delete", "--ignore-missing", "web-v9", "x-*", "snap-gone0000", "family:nobody"),
    ],
)
def test_nothing_to_delete_is_no_error(cvmimg: Run, words: tuple[str, ...]) -> None:
    outcome = cvmimg(*words)
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.endswith("nothing to delete\n")
    assert cvmimg(*words, "-o", "json").json == []
    assert cvmimg(*words, "-o", "id").out == ""


def test_what_is_missing_stops_all_the_others(cvmimg: Run) -> None:
    outcome = cvmimg("delete", "web-v1", "web-v9", "img-gone0000", "--yes", "-o", "json")
    assert (outcome.code, outcome.error["code"]) == (4, "TargetsNotFound")
    assert "web-v9" in outcome.error["message"]
    assert "img-gone0000" in outcome.error["message"]
    assert cvmimg("show", "web-v1").code == 0


def test_what_is_missing_is_named_where_it_is_ignored(cvmimg: Run) -> None:
    outcome = cvmimg("delete", "web-v1", "web-v9", "--ignore-missing", "--yes", "-o", "id")
    assert (outcome.code, outcome.out) == (0, "img-webv1000\n")
    assert "web-v9" in outcome.err


def test_a_glob_deletes_all_that_match(cvmimg: Run) -> None:
    outcome = cvmimg("--region", "ap-shanghai", "delete", "app-2025-0*", "-y", "-o", "id")
    assert (outcome.code, len(outcome.out.splitlines())) == (0, 9)
    left = cvmimg("--region", "ap-shanghai", "list", "-o", "json").json
    assert [image["name"] for image in left] == ["app-2025-10"]


def test_a_snapshot_is_deleted_by_its_id(cvmimg: Run) -> None:
    made = cvmimg("snapshot", "--instance", "data-1", "-o", "id").out.strip()
    assert cvmimg("delete", made, "--dry-run", "-o", "id").out == f"{made}\n"
    outcome = cvmimg("delete", made, "--yes")
    assert outcome.code == 0
    assert made in outcome.out
    assert made not in cvmimg("snapshots", "-o", "id").out


def test_a_snapshot_in_use_is_refused_with_its_image(cvmimg: Run) -> None:
    (used,) = cvmimg("snapshots", "--image", "web-v1", "-o", "id").out.splitlines()
    outcome = cvmimg("delete", used, "--yes", "-o", "json")
    assert (outcome.code, outcome.error["code"]) == (3, "SnapshotInUse")
    assert "img-webv1000" in outcome.error["message"]
