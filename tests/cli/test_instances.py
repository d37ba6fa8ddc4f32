"""instances, and the commands that take the name of one, as they are typed."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")


def test_a_list_has_the_keys_of_launch_and_more(cvmimg: Run) -> None:
    (instance,) = cvmimg("instances", "--name", "legacy-1", "-o", "json").json
    assert list(instance)[:7] == [
        "id",
        "name",
        "state",
        "zone",
        "type",
        "private_ips",
        "public_ips",
    ]
    assert instance["online"] is False
    assert "2017" in instance["obstacles"][0]


def test_all_formats(cvmimg: Run) -> None:
    words = ("instances", "--image", "base-v1")
    assert cvmimg(*words, "-o", "id").out == "ins-priv0001\n"
    assert cvmimg(*words, "-o", "csv", "--columns", "id,name").out == (
        "id,name\nins-priv0001,from-base-1\n"
    )
    assert cvmimg(*words).out.split()[:2] == ["ID", "NAME"]
    nothing = cvmimg("instances", "--name", "nobody")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "no instances\n")


def test_all_regions_have_a_column(cvmimg: Run) -> None:
    out = cvmimg("instances", "--all-regions", "--name", "app-1").out
    assert out.splitlines()[1].startswith("ap-shanghai  ins-full0001")


@pytest.mark.parametrize(
    "words",
    [
        ("snapshots", "--instance", "data-1"),
        ("snapshot", "--instance", "data-1", "--dry-run"),
        ("check", "--instance", "web-1"),
        ("create", "--instance", "web-1", "--name", "web-v2", "--dry-run"),
        ("create", "--instance", "web-1", "--name", "{instance_name}-v2", "--dry-run"),
        ("launch", "--image", "web-v1", "--like", "data-1", "--dry-run"),
        ("launch", "--image", "web-v1", "--data-from", "data-1", "--dry-run"),
    ],
)
def test_an_instance_may_be_named(cvmimg: Run, words: tuple[str, ...]) -> None:
    assert cvmimg(*words).code == 0


@pytest.mark.parametrize(
    ("reference", "code"), [("nobody", 4), ("ins-gone0001", 4), ("ins-short", 2), (" ", 2)]
)
def test_an_instance_that_is_not_there_is_refused(cvmimg: Run, reference: str, code: int) -> None:
    for command in ("snapshots", "snapshot", "check"):
        assert cvmimg(command, "--instance", reference).code == code
    assert cvmimg("create", "--instance", reference, "--name", "web-v2").code == code


def test_an_instance_named_twice_is_imaged_once(cvmimg: Run) -> None:
    words = ("--instance", "web-1", "--instance", "ins-web00001", "--name", "new", "--no-wait")
    outcome = cvmimg("create", *words, "-o", "json")
    assert [one["instance_id"] for one in outcome.json] == ["ins-web00001"]
