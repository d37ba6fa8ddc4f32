"""Unfinished work: the notice, ``operations`` and ``resume``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cvmimg.durable.journal.journal import Journal
from tests.cli.conftest import Run
from tests.support.clock import FakeClock

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture
def unfinished(cvmimg: Run) -> str:
    """An operation that has an instance shut down and an image on its way; its id."""
    cvmimg("create", "--instance", "ins-old00001", "--name", "old-v1", "--stop", "--no-wait")
    return cvmimg("operations", "list", "--unfinished", "-o", "id").out.strip()


def test_a_notice_names_it_with_the_way_to_finish_it(cvmimg: Run, unfinished: str) -> None:
    notice = f"note: 1 operation is unfinished: cvmimg resume {unfinished}\n"

    assert cvmimg("list", "-o", "id").err == notice
    assert cvmimg("list", "-o", "id", "-q").err == ""


def test_there_is_no_notice_while_another_process_works_on_it(
    cvmimg: Run, unfinished: str, clock: FakeClock, tmp_path: Path
) -> None:
    with Journal(tmp_path / "state", clock).take_up(unfinished):
        listed = cvmimg("list", "-o", "id")
        (operation,) = cvmimg("operations", "list", "-o", "json").json

    assert listed.err == ""
    assert operation["status"] == "running"


def test_there_is_no_notice_of_an_operation_in_another_cloud(
    cvmimg: Run, unfinished: str, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("CVMIMG_SANDBOX")
    environment.setenv("TENCENTCLOUD_SECRET_ID", "AKID")
    environment.setenv("TENCENTCLOUD_SECRET_KEY", "key")

    outcome = cvmimg(
        "list", "--region", "ap-guangzhou", "--endpoint", "http://127.0.0.1:1", "-o", "json"
    )

    assert outcome.code == 8
    assert unfinished not in outcome.err


def test_it_is_listed_and_shown(cvmimg: Run, unfinished: str) -> None:
    (listed,) = cvmimg("operations", "list", "-o", "json").json
    shown = cvmimg("operations", "show", unfinished, "-o", "json").json

    assert listed == shown
    assert (shown["kind"], shown["status"]) == ("create", "open")
    assert shown["instance_ids"] == ["ins-old00001"]
    assert shown["sandbox"] is True


def test_resume_finishes_it_and_the_instance_runs_again(cvmimg: Run, unfinished: str) -> None:
    outcome = cvmimg("resume", unfinished, "-o", "json")

    (operation,) = outcome.json
    assert outcome.code == 0
    assert (operation["id"], operation["status"]) == (unfinished, "done")
    assert cvmimg("show", "old-v1", "-o", "json").json["state"] == "NORMAL"
    assert "is RUNNING" in cvmimg("check", "--instance", "ins-old00001", "-q").out


def test_resume_without_an_operation_finishes_all_or_nothing(cvmimg: Run, unfinished: str) -> None:
    assert cvmimg("resume", "-o", "id").out == f"{unfinished}\n"

    again = cvmimg("resume")

    assert (again.code, again.out, again.err) == (0, "", "no unfinished operations\n")


def test_what_the_journal_cannot_have_written_is_refused_with_the_file(
    cvmimg: Run, unfinished: str, tmp_path: Path
) -> None:
    file = tmp_path / "state" / "operations" / "open" / f"{unfinished}.json"
    record = json.loads(file.read_text())
    del record["request"]["gib"]
    file.write_text(json.dumps(record))

    for undo in ([], ["--undo"]):
        outcome = cvmimg("resume", unfinished, *undo, "-o", "json")

        assert (outcome.code, outcome.error["code"]) == (3, "JournalUnusable")
        assert f"{file} is damaged" in outcome.error["message"]
        assert f"cvmimg operations forget {unfinished}" in outcome.error["hint"]
    assert cvmimg("operations", "list", "--unfinished", "-o", "id").out == f"{unfinished}\n"


def test_an_unknown_operation_ends_with_4(cvmimg: Run) -> None:
    assert cvmimg("resume", "op-20261123-000000").code == 4
    assert cvmimg("operations", "show", "op-20261123-000000").code == 4


def test_an_unfinished_operation_is_only_forgotten_when_confirmed(
    cvmimg: Run, unfinished: str
) -> None:
    refused = cvmimg("operations", "forget", unfinished)
    forgotten = cvmimg("operations", "forget", unfinished, "--yes")

    assert refused.code == 3
    assert "--yes" in refused.err
    assert (forgotten.code, forgotten.out) == (0, "")
    assert unfinished in forgotten.err
    assert cvmimg("operations", "list", "-o", "json").json == []


@pytest.mark.parametrize("part", [slice(None), slice(0, 14), slice(-6, None), slice(-6, -2)])
def test_part_of_an_id_names_an_operation(cvmimg: Run, unfinished: str, part: slice) -> None:
    shown = cvmimg("operations", "show", unfinished[part], "-o", "id")

    assert shown.out == f"{unfinished}\n"
    assert cvmimg("resume", unfinished[part], "-o", "id").out == f"{unfinished}\n"


def test_a_part_of_several_ids_or_of_none_is_refused(cvmimg: Run, unfinished: str) -> None:
    cvmimg("update", "web-v1", "--family", "shop")

    several = cvmimg("operations", "show", "op-2", "-o", "json")
    none = cvmimg("resume", "0000000"[:6], "-o", "json")

    assert (several.code, several.error["code"]) == (2, "AmbiguousOperation")
    assert unfinished in several.error["message"]
    assert none.code == 4


def test_the_list_has_the_image_of_an_operation_while_it_is_open(
    cvmimg: Run, unfinished: str
) -> None:
    image = cvmimg("show", "old-v1", "-o", "id").out.strip()

    listed = cvmimg("operations", "list")
    shown = cvmimg("operations", "show", unfinished)

    assert listed.out.splitlines()[1].endswith(image)
    assert re.search(rf"\d\d:\d\d  \S+ done {image}\n", shown.out)
    assert f"finish it: cvmimg resume {unfinished}\n" in shown.err


def test_the_list_of_operations_takes_the_options_of_every_list(
    cvmimg: Run, unfinished: str
) -> None:
    listed = cvmimg("operations", "list", "--columns", "id,status", "--no-header")

    assert listed.out == f"{unfinished}  open\n"


def test_prune_removes_old_finished_operations_alone(
    cvmimg: Run, clock: FakeClock, unfinished: str
) -> None:
    cvmimg("update", "web-v1", "--family", "shop")
    (done,) = set(cvmimg("operations", "list", "-o", "id").out.split()) - {unfinished}

    early = cvmimg("operations", "prune", "--yes", "-o", "id")
    clock.sleep(31 * 24 * 3600)
    would = cvmimg("operations", "prune", "--dry-run", "-o", "id")
    removed = cvmimg("operations", "prune", "--yes", "-o", "id")

    assert (early.out, would.out, removed.out) == ("", f"{done}\n", f"{done}\n")
    assert cvmimg("operations", "list", "-o", "id").out == f"{unfinished}\n"


def test_an_export_has_who_when_and_the_requests_of_every_operation(
    cvmimg: Run, clock: FakeClock, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("CI_JOB_URL", "https://ci.example/shop/7")
    cvmimg("create", "--instance", "ins-old00001", "--name", "old-v1", "--stop")
    cvmimg("update", "web-v1", "--family", "shop")

    lines = cvmimg("operations", "export").out.splitlines()
    created, updated = map(json.loads, lines)

    assert (created["kind"], updated["kind"]) == ("create", "update")
    assert created["run_url"] == "https://ci.example/shop/7"
    assert created["host"]
    assert created["account"]
    assert (created["status"], created["result"]["image_id"][:4]) == ("done", "img-")
    # tagged, stopped, imaged, started and untagged: a request each
    assert len(set(created["request_ids"])) == 5
    assert all(step["request_ids"] for step in created["steps"])
    clock.sleep(3600)
    assert cvmimg("operations", "export", "--since", "30m", "-o", "json").json == []
    assert len(cvmimg("operations", "export", "--since", "2h", "-o", "json").json) == 2


def test_an_export_of_nothing_is_empty(cvmimg: Run) -> None:
    assert cvmimg("operations", "export").out == ""
