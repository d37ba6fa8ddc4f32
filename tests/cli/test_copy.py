"""copy, as it is typed."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")


def test_copies_are_printed_by_region_as_the_contract_says(cvmimg: Run) -> None:
    outcome = cvmimg("copy", "web-v1", "--to", "ap-beijing", "--to", "ap-nanjing", "-o", "json")

    assert outcome.code == 0
    assert list(outcome.json) == ["source", "copies"]
    assert outcome.json["source"]["id"] == "img-webv1000"
    assert [list(copy) for copy in outcome.json["copies"]] == [["region", "image", "error"]] * 2
    assert [copy["region"] for copy in outcome.json["copies"]] == ["ap-beijing", "ap-nanjing"]
    assert [copy["image"]["state"] for copy in outcome.json["copies"]] == ["NORMAL"] * 2
    assert [copy["error"] for copy in outcome.json["copies"]] == [None, None]


def test_ids_alone(cvmimg: Run) -> None:
    outcome = cvmimg("copy", "web-v1", "--to", "ap-beijing", "-q", "-o", "id")
    there = cvmimg("--region", "ap-beijing", "list", "-o", "id").out
    assert (outcome.code, outcome.out, outcome.err) == (0, there, "")


def test_a_late_copy_is_printed_with_its_error(cvmimg: Run) -> None:
    words = ("copy", "web-v1", "--to", "ap-beijing", "--timeout", "1s", "-o", "json")
    outcome = cvmimg(*words)

    (copy,) = outcome.json["copies"]
    assert outcome.code == copy["error"]["exit_code"] == 7
    assert copy["image"]["state"] == "SYNCING"
    assert "cvmimg resume op-" in outcome.error["hint"]
    assert cvmimg("resume").code == 0
    assert cvmimg("--region", "ap-beijing", "show", "web-v1").code == 0


def test_a_table_has_a_row_for_each_region(cvmimg: Run) -> None:
    lines = cvmimg("copy", "web-v1", "--to", "ap-beijing", "--name", "web-v1-bj").out.splitlines()
    assert [lines[0].split(), lines[1].split()[::2]] == [
        ["REGION", "ID", "STATE"],
        ["ap-beijing", "NORMAL"],
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("copy", "web-v1"), 2),
        (("copy", "web-v1", "--to", "mars"), 2),
        (("copy", "web-v1", "--to", "ap-beijing", "--kms-key", "k"), 2),
        (("copy", "web-v1", "--to", "ap-shanghai"), 3),
        (("copy", "web-v9", "--to", "ap-beijing"), 4),
    ],
)
def test_an_impossible_request_is_refused(cvmimg: Run, words: tuple[str, ...], code: int) -> None:
    outcome = cvmimg(*words)
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith("error:")
