"""``launch``: the plan, the question, the result."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")

PLAN = """\
SETTING                VALUE                      FROM
image                  img-webv1000 (web-v1)      given
count                  3                          given
zone                   ap-guangzhou-7             source instance
type                   S5.MEDIUM4                 source instance
"""


def test_instances_are_started_like_the_source_and_printed_as_the_contract_says(
    cvmimg: Run,
) -> None:
    outcome = cvmimg("launch", "--image", "web-v1", "--count", "3", "--yes", "-o", "json")

    result = outcome.json
    assert outcome.code == 0
    assert list(result) == ["image_id", "instances"]
    assert result["image_id"] == "img-webv1000"
    assert len(result["instances"]) == 3
    for instance in result["instances"]:
        assert list(instance) == [
            "id",
            "name",
            "state",
            "zone",
            "type",
            "private_ips",
            "public_ips",
        ]
        assert instance["state"] == "RUNNING"
        assert instance["type"] == "S5.MEDIUM4"
    assert outcome.err.startswith(PLAN)
    assert "price: " in outcome.err


def test_ids_alone(cvmimg: Run) -> None:
    outcome = cvmimg("launch", "--image", "web-v1", "--count", "2", "-yq", "-o", "id")

    assert [line[:4] for line in outcome.out.splitlines()] == ["ins-", "ins-"]
    assert outcome.err == ""


def test_without_a_terminal_to_ask_on_nothing_is_started(cvmimg: Run) -> None:
    outcome = cvmimg("launch", "--image", "web-v1", "-o", "json")

    assert outcome.code == 2
    assert outcome.error["code"] == "NotConfirmed"
    assert outcome.error["hint"] == "add --yes"


def test_a_dry_run_shows_the_plan_and_starts_nothing(cvmimg: Run) -> None:
    table = cvmimg("launch", "--image", "web-v1", "--count", "3", "--dry-run")
    document = cvmimg("launch", "--image", "web-v1", "--count", "3", "--dry-run", "-o", "json").json

    assert table.code == 0
    assert table.out.startswith(PLAN)
    assert document["instances"] == []
    assert document["plan"][2] == {
        "setting": "zone",
        "value": "ap-guangzhou-7",
        "origin": "source instance",
    }


def test_what_is_given_beats_the_profile_which_beats_the_source(
    cvmimg: Run, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_text(
        '[profiles.default.launch]\ntype = "S5.LARGE8"\nname = "from-profile"\n', encoding="utf-8"
    )

    outcome = cvmimg("launch", "--image", "web-v1", "--name", "mine", "--dry-run", "-o", "json")

    plan = {row["setting"]: (row["value"], row["origin"]) for row in outcome.json["plan"]}
    assert plan["name"] == ("mine", "given")
    assert plan["type"] == ("S5.LARGE8", "profile")
    assert plan["zone"] == ("ap-guangzhou-7", "source instance")


def test_an_unknown_image_ends_with_4(cvmimg: Run) -> None:
    assert cvmimg("launch", "--image", "web-v9", "--yes").code == 4


def plan_of(cvmimg: Run, *options: str) -> dict[str, str]:
    outcome = cvmimg("launch", "--image", "web-v1", "--dry-run", "-o", "json", *options)
    assert outcome.code == 0, outcome.err
    return {row["setting"]: row["value"] for row in outcome.json["plan"]}


def test_tags_are_inherited_and_the_agent_is_installed_unless_refused(cvmimg: Run) -> None:
    usual = plan_of(cvmimg, "--tag", "run=7")
    alone = plan_of(cvmimg, "--tag", "run=7", "--no-inherit-tags", "--no-agent")

    assert "run=7" in usual["tags"].split(", ")
    assert "," in usual["tags"]
    assert alone["tags"] == "run=7"
    assert (usual["agent"], alone["agent"]) == ("installed", "not installed")


def test_a_data_disk_comes_from_a_snapshot_with_size_and_type(cvmimg: Run) -> None:
    made = cvmimg("snapshot", "--instance", "ins-data0001", "--name", "data", "-yq", "-o", "id")
    snapshot_id = made.out.strip()

    usual = plan_of(cvmimg, "--data-snapshot", snapshot_id)
    larger = plan_of(cvmimg, "--data-snapshot", f"{snapshot_id}:500:CLOUD_SSD")
    smaller = cvmimg(
        "launch", "--image", "web-v1", "--dry-run", "--data-snapshot", f"{snapshot_id}:100"
    )

    assert usual["data disks"] == f"200 GiB from {snapshot_id}"
    assert larger["data disks"] == f"CLOUD_SSD 500 GiB from {snapshot_id}"
    assert smaller.code == 2


def test_a_dry_run_has_the_price_of_one_instance(cvmimg: Run) -> None:
    words = ("launch", "--image", "web-v1", "--count", "3", "--dry-run", "-o", "json")
    document = cvmimg(*words).json

    each = document["price_each"]
    assert (each["currency"], each["per"]) == ("CNY", "hour")
    assert document["price"].startswith(f"{each['amount']:.4g} CNY/hour for each instance, ")


def test_a_repeated_operation_id_launches_nothing_twice(cvmimg: Run, sandbox: None) -> None:
    words = ("launch", "--image", "web-v1", "--count", "2", "--operation-id", "gh-1-deploy", "-y")
    first = cvmimg(*words, "-o", "id")
    second = cvmimg(*words, "-o", "id")
    assert first.code == second.code == 0
    assert first.out == second.out
    other = cvmimg(*words[:4], "3", *words[5:], "-o", "json")
    assert (other.code, other.error["code"]) == (3, "OperationIdInUse")


def test_the_plan_says_yes_and_leaves_out_a_price_of_nothing(cvmimg: Run) -> None:
    outcome = cvmimg(
        "launch", "--image", "base-v1", "--count", "1", "--zone", "ap-guangzhou-6",
        "--type", "S5.MEDIUM4", "--keep-login", "--dry-run",
    )  # fmt: skip

    assert "keep login  yes" in outcome.out
    assert "bandwidth" not in outcome.err
