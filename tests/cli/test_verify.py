"""verify, as it is typed."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")

BOOTED = ["running", "agent", "boot", "cloud-init", "fstab", "identity"]


def test_the_probes_are_listed_as_the_contract_says(cvmimg: Run) -> None:
    outcome = cvmimg("verify", "web-v1", "--run", "true", "-o", "json")
    assert outcome.code == 0
    document = outcome.json
    assert (document["image_id"], document["passed"]) == ("img-webv1000", True)
    assert [probe["id"] for probe in document["probes"]] == [*BOOTED, "command"]
    for probe in document["probes"]:
        assert {"id", "status", "summary", "seconds"} <= probe.keys()
        assert probe["status"] == "pass"
    assert "cvmimg-verified" in cvmimg("show", "web-v1", "-o", "json").json["tags"]


def test_a_failure_is_a_result_and_an_error(cvmimg: Run) -> None:
    create = ("create", "--instance", "ins-data0001", "--name", "d1", "--skip-check", "fstab")
    assert cvmimg(*create).code == 0
    outcome = cvmimg("verify", "d1", "-o", "json")
    assert outcome.code == outcome.error["exit_code"] == 6
    assert outcome.error["code"] == "VERIFY_FAILED"
    assert not outcome.json["passed"]
    assert any("disk-data0001" in reason for reason in outcome.json["reasons"])
    assert "disk-data0001" in outcome.error["hint"]
    names = [row["name"] for row in cvmimg("instances", "-o", "json").json]
    assert not [name for name in names if name.startswith("cvmimg-verify")]


def test_a_table_for_people_and_no_ids_for_scripts(cvmimg: Run) -> None:
    table = cvmimg("verify", "web-v1")
    assert table.out.splitlines()[0].split() == ["PROBE", "STATUS", "SECONDS", "SUMMARY"]
    assert [line.split()[0] for line in table.out.splitlines()[1:]] == BOOTED
    assert cvmimg("verify", "web-v1", "-o", "id").out == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("verify",), 2),
        (("verify", "web-v9"), 4),
        (("verify", "web-v1", "--like", "ins-none0001"), 4),
        (("verify", "web-v1", "--http", "health"), 2),
        (("verify", "web-v1", "--http", "70000/"), 2),
        (("verify", "web-v1", "--skip-probe", "running"), 2),
        (("verify", "web-v1", "--timeout", "0s"), 2),
        (("verify", "web-v1", "--type", "S9.HUGE"), 3),
    ],
)
def test_an_impossible_request_is_refused(cvmimg: Run, words: tuple[str, ...], code: int) -> None:
    outcome = cvmimg(*words)
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.splitlines()[-2:]
