"""``resume --from-cloud`` on a machine without the journal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")
RUN_URL = "https://github.com/shop/web/actions/runs/7"


@pytest.fixture
def lost(cvmimg: Run, tmp_path: Path, environment: pytest.MonkeyPatch) -> str:
    """An operation of a CI run that has stopped an instance; its journal is gone."""
    with environment.context() as run:
        run.setenv("GITHUB_SERVER_URL", "https://github.com")
        run.setenv("GITHUB_REPOSITORY", "shop/web")
        run.setenv("GITHUB_RUN_ID", "7")
        cvmimg("create", "--instance", "ins-old00001", "--name", "old-v1", "--stop", "--no-wait")
    operation = cvmimg("operations", "list", "--unfinished", "-o", "id").out.strip()
    (tmp_path / "state" / "operations" / "open" / f"{operation}.json").unlink()
    return operation


def test_a_dry_run_shows_what_is_found(cvmimg: Run, lost: str) -> None:
    (found,) = cvmimg("resume", "--from-cloud", "--dry-run", "-o", "json").json
    table = cvmimg("resume", "--from-cloud", "--dry-run")

    assert (found["id"], found["operation_id"]) == (lost, lost)
    assert (found["instance_id"], found["instance_state"]) == ("ins-old00001", "STOPPED")
    assert (found["changes"], found["run_url"]) == (["stop"], RUN_URL)
    assert (found["tagged"], found["in_journal"]) == (True, False)
    assert found["image_id"].startswith("img-")
    assert lost in table.out


def test_an_operation_that_may_be_running_is_refused_with_its_place_and_what_to_do(
    cvmimg: Run, lost: str
) -> None:
    refused = cvmimg("resume", "--from-cloud", "--yes", "-o", "json")

    assert (refused.code, refused.error["code"]) == (3, "MayBeRunning")
    assert RUN_URL in refused.error["message"]
    assert refused.error["hint"].endswith("cvmimg resume --from-cloud --yes -o json --take-over")
    assert cvmimg("resume", "--from-cloud", "--dry-run", "-o", "id").out == f"{lost}\n"


def test_another_operation_is_refused_with_the_command_that_restores(
    cvmimg: Run, lost: str
) -> None:
    refused = cvmimg("create", "--instance", "ins-old00001", "--name", "old-v2", "--stop")

    assert refused.code == 3
    assert RUN_URL in refused.err
    assert f"cvmimg resume {lost} --from-cloud --take-over" in refused.err


@pytest.mark.parametrize("undo", [[], ["--undo"]])
def test_the_instance_is_restored(cvmimg: Run, lost: str, undo: list[str]) -> None:
    outcome = cvmimg("resume", lost, "--from-cloud", "--take-over", *undo, "-o", "json")

    (operation,) = outcome.json
    assert outcome.code == 0
    assert (operation["kind"], operation["status"]) == ("recover", "done")
    assert operation["result"]["operation_id"] == lost
    assert operation["remains"]
    assert "is RUNNING" in cvmimg("check", "--instance", "ins-old00001", "-q").out
    assert cvmimg("resume", "--from-cloud", "--dry-run", "-o", "json").json == []


def test_an_operation_that_is_unknown_in_the_cloud_ends_with_4(cvmimg: Run) -> None:
    assert cvmimg("resume", "op-20261123-000000", "--from-cloud", "--take-over").code == 4


def test_all_regions_are_searched_where_that_is_asked_for(cvmimg: Run, lost: str) -> None:
    from_cloud = ("--from-cloud", "--take-over")
    refused = cvmimg("resume", lost, *from_cloud, "--region", "ap-beijing", "-o", "json")
    assert (refused.code, refused.error["code"]) == (4, "NotFoundInCloud")
    command = "cvmimg --region ap-beijing resume --from-cloud --all-regions"
    assert command in refused.error["hint"]

    (found,) = cvmimg(*command.split()[1:], "--dry-run", "-o", "json").json
    assert (found["id"], found["region"]) == (lost, "ap-guangzhou")
    outcome = cvmimg("resume", lost, *from_cloud, "--all-regions", "-o", "json")
    assert [one["region"] for one in outcome.json] == ["ap-guangzhou"]
    assert "is RUNNING" in cvmimg("check", "--instance", "ins-old00001", "-q").out

    unknown = cvmimg("resume", lost, *from_cloud, "--all-regions", "-o", "json")
    assert (unknown.code, unknown.error["code"]) == (4, "NotFoundInAnyRegion")


def test_an_instance_is_looked_at_in_one_region_alone(cvmimg: Run) -> None:
    named = ("--all-regions", "--instance", "ins-old00001")
    assert cvmimg("resume", "--from-cloud", *named).code == 2


@pytest.mark.parametrize(
    "option",
    [
        ["--take-over"],
        ["--dry-run"],
        ["--instance", "ins-old00001"],
        ["--all-regions"],
        ["--guest", "ssh", "--ssh-host", "10.0.0.9"],
    ],
)
def test_options_that_need_the_cloud_say_so(cvmimg: Run, option: list[str]) -> None:
    refused = cvmimg("resume", *option, "-o", "json")

    assert refused.code == 2
    assert re.search(rf"{option[0]}.* requires --from-cloud", refused.error["message"])


def test_check_says_that_another_machine_is_changing_the_instance(cvmimg: Run, lost: str) -> None:
    outcome = cvmimg("check", "--instance", "ins-old00001", "--stop", "-o", "json")

    failed = {one["id"]: one for one in outcome.json["checks"] if one["status"] == "fail"}
    assert outcome.code == 3
    assert lost in failed["instance"]["summary"]
    assert RUN_URL in failed["instance"]["summary"]
    assert f"cvmimg resume {lost} --from-cloud --take-over" in failed["instance"]["remedy"]
