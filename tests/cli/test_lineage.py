"""``cvmimg lineage``, as it is typed."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")


def test_a_lineage_is_a_tree_for_people(cvmimg: Run) -> None:
    _, _, source, image = cvmimg("lineage", "web-v1").out.splitlines()
    assert source.startswith("└─ ins-web00001 ")
    assert image.startswith("   └─ img-webv1000 ")


def test_json_names_the_parent_of_each(cvmimg: Run) -> None:
    *_, source, image = cvmimg("lineage", "web-v1", "-o", "json").json
    assert source["id"] == "ins-web00001"
    assert (image["id"], image["parent_id"], image["relation"], image["depth"]) == (
        "img-webv1000",
        "ins-web00001",
        "created-from",
        2,
    )


def test_the_affected_are_listed_by_id(cvmimg: Run) -> None:
    assert cvmimg("lineage", "base-v1", "--affected", "-o", "id").out.split() == ["ins-priv0001"]


def test_nothing_may_be_affected(cvmimg: Run) -> None:
    outcome = cvmimg("lineage", "web-v1", "--affected")
    assert (outcome.code, outcome.out) == (0, "")
