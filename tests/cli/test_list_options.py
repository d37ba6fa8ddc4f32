"""The options that every list takes."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")


def test_columns_are_shown_in_the_order_given(cvmimg: Run) -> None:
    assert cvmimg("list", "--columns", "name,creator,id").out.splitlines()[:2] == [
        "NAME     CREATOR       ID",
        "web-v1   100000000001  img-webv1000",
    ]


def test_columns_reduce_json_and_csv_too(cvmimg: Run) -> None:
    assert cvmimg("list", "--columns", "id,family", "-o", "json").json == [
        {"id": "img-webv1000", "family": "web"},
        {"id": "img-basev001", "family": ""},
    ]
    assert cvmimg("list", "--columns", "id,family", "-o", "csv").out.startswith("id,family\n")
    assert cvmimg("list", "--columns", "family", "-o", "id").out == "img-webv1000\nimg-basev001\n"


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("name", ["img-basev001", "img-webv1000"]),
        ("name:desc", ["img-webv1000", "img-basev001"]),
        ("created_at:asc", ["img-basev001", "img-webv1000"]),
        ("family", ["img-webv1000", "img-basev001"]),
        ("family:desc", ["img-webv1000", "img-basev001"]),
    ],
)
def test_a_list_is_sorted_and_what_is_missing_comes_last(
    cvmimg: Run, sort: str, ids: list[str]
) -> None:
    assert cvmimg("list", "--sort", sort, "-o", "id").out.split() == ids


def test_numbers_are_sorted_by_size(cvmimg: Run) -> None:
    quotas = cvmimg("quota", "--all-regions", "--sort", "used:desc", "-o", "json").json

    used = [quota["used"] for quota in quotas]
    assert used == sorted(used, reverse=True)
    assert used[0] == 10


def test_a_limit_and_no_header(cvmimg: Run) -> None:
    assert len(cvmimg("list", "--limit", "1", "-o", "json").json) == 1
    assert cvmimg("list", "--limit", "1", "--no-header", "--columns", "id").out == "img-webv1000\n"
    assert cvmimg("list", "--no-header", "--columns", "id", "-o", "csv").out == (
        "img-webv1000\nimg-basev001\n"
    )


def test_a_list_within_an_object_is_arranged_too(cvmimg: Run) -> None:
    listed = cvmimg("snapshots", "--limit", "1", "--columns", "id", "-o", "json").json

    assert len(listed["snapshots"]) == 1
    assert set(listed["snapshots"][0]) == {"id"}
    assert listed["region_gib"] == 100


@pytest.mark.parametrize(
    ("query", "output", "shown"),
    [
        ("[].id", "table", "img-webv1000\nimg-basev001\n"),
        ("[].id", "id", "img-webv1000\nimg-basev001\n"),
        ("[].id", "jsonl", '"img-webv1000"\n"img-basev001"\n'),
        ("[?family=='web'].[id, name]", "csv", "img-webv1000,web-v1\n"),
        ("[].{id: id, n: name} | [0:1]", "table", "ID            N\nimg-webv1000  web-v1\n"),
        ("length(@)", "json", "2\n"),
        ("[0].family", "table", "web\n"),
        ("[?name=='nothing']", "table", ""),
    ],
)
def test_a_query_selects_from_the_json(cvmimg: Run, query: str, output: str, shown: str) -> None:
    outcome = cvmimg("list", "--query", query, "-o", output)

    assert (outcome.code, outcome.out) == (0, shown)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--columns", "id,nam"), "'nam' is not a column did you mean name?"),
        (("--sort", "famly"), "'famly' is not a column did you mean family?"),
        (("--sort", "name:down"), "'down' is not a sort order"),
        (("--query", "[?"), "is not a JMESPath expression"),
        (("--limit", "0"), "--limit"),
    ],
)
def test_a_mistake_is_wrong_usage(cvmimg: Run, options: tuple[str, ...], message: str) -> None:
    outcome = cvmimg("list", *options)

    assert outcome.code == 2
    assert message in " ".join(outcome.err.replace("→", "").split())
