"""``create``, ``check`` and ``wait``: what is printed where, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from cvmimg.checks.registry import CHECKS, IDS, WINDOWS
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")

WEB = ("--instance", "ins-web00001")
OLD = ("--instance", "ins-old00001")

LINUX_IDS = tuple(check.id for check in CHECKS if check.group != WINDOWS)


def test_create_prints_the_contracts_object_and_plain_lines_beside_it(cvmimg: Run) -> None:
    outcome = cvmimg("create", *WEB, "--name", "web-v2", "-o", "json")

    result = outcome.json
    assert outcome.code == 0
    assert list(result)[:5] == ["image", "instance_id", "online", "elapsed_seconds", "checks"]
    assert result["image"]["name"] == "web-v2"
    assert result["image"]["state"] == "NORMAL"
    assert (result["instance_id"], result["online"]) == ("ins-web00001", True)
    assert {"id", "status", "summary", "detail", "remedy", "code", "params"} == set(
        result["checks"][0]
    )
    stages = [line.split("]")[0] + "]" for line in outcome.err.splitlines() if line[0] == "["]
    assert stages[0] == "[check]"
    assert "[image]" in stages
    assert "\x1b" not in outcome.err
    assert "\r" not in outcome.err


def test_create_prints_the_id_alone_for_scripts(cvmimg: Run) -> None:
    outcome = cvmimg("create", *WEB, "--name", "web-v2", "-o", "id", "-q")

    assert outcome.err == ""
    assert outcome.out == cvmimg("list", "--name", "web-v2", "-o", "id").out


def test_an_instance_that_must_be_shut_down_is_refused_with_the_flag_to_add(cvmimg: Run) -> None:
    outcome = cvmimg("create", *OLD, "--name", "old-v1")

    assert outcome.code == 3
    assert outcome.out == ""
    assert "cvmimg create --instance ins-old00001 --name old-v1 --stop" in outcome.err
    assert "nothing was changed" in outcome.err
    assert cvmimg("list", "--name", "old-v1", "-o", "id").out == ""


def test_the_refusal_as_json_holds_all_checks(cvmimg: Run) -> None:
    error = cvmimg("create", *OLD, "--name", "old-v1", "-o", "json").error

    assert (error["code"], error["exit_code"]) == ("ChecksFailed", 3)
    failed = {check["id"] for check in error["checks"] if check["status"] == "fail"}
    assert "power" in failed


def test_with_stop_it_is_made_and_the_instance_runs_again(cvmimg: Run) -> None:
    outcome = cvmimg("create", *OLD, "--name", "old-v1", "--stop", "-o", "json")

    assert outcome.code == 0
    assert outcome.json["online"] is False
    assert "[stop] done" in outcome.err
    assert "[start] done" in outcome.err
    assert cvmimg("check", *OLD, "-q").out.splitlines()[1].endswith("ins-old00001 is RUNNING")


def test_commands_to_paste_reach_the_same_cloud(
    cvmimg: Run, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("CVMIMG_SANDBOX")

    outcome = cvmimg("check", "--sandbox", "--region", "ap-guangzhou", *OLD, "--name", "a b", "-q")

    command = "cvmimg --region ap-guangzhou --sandbox create --instance ins-old00001 --name 'a b'"
    assert command in outcome.out


def test_a_dry_run_makes_nothing(cvmimg: Run) -> None:
    outcome = cvmimg("create", *WEB, "--name", "web-v2", "--dry-run", "-o", "json")

    assert outcome.code == 0
    assert outcome.json["image"] is None
    assert cvmimg("list", "--name", "web-v2", "-o", "json").json == []


def test_without_waiting_the_image_is_on_its_way_and_can_be_waited_for(cvmimg: Run) -> None:
    made = cvmimg("create", *WEB, "--name", "web-v2", "--no-wait", "-o", "json")
    waited = cvmimg("wait", "web-v2", "-o", "json")

    assert made.json["image"]["state"] == "CREATING"
    assert (waited.code, waited.json["state"]) == (0, "NORMAL")
    assert waited.json["id"] == made.json["image"]["id"]


def test_a_wait_that_times_out_ends_with_7_and_the_command_to_continue(cvmimg: Run) -> None:
    outcome = cvmimg("create", *WEB, "--name", "web-v2", "--timeout", "3s", "-o", "json")

    image_id = cvmimg("list", "--name", "web-v2", "-o", "id").out.strip()
    assert outcome.code == outcome.error["exit_code"] == 7
    assert outcome.out == ""
    assert outcome.error["hint"] == f"cvmimg wait {image_id}"


def test_check_passes_with_0_and_prints_the_contracts_object(cvmimg: Run) -> None:
    outcome = cvmimg("check", *WEB, "--name", "web-v2", "-o", "json")

    assert outcome.code == 0
    assert list(outcome.json) == ["instance_id", "passed", "checks"]
    assert outcome.json["passed"] is True
    assert [check["id"] for check in outcome.json["checks"]] == list(LINUX_IDS)


def test_a_failed_check_ends_with_3_and_its_remedy(cvmimg: Run) -> None:
    outcome = cvmimg("check", "--instance", "ins-data0001", "--name", "data-v1")

    assert outcome.code == 3
    assert "fstab          fail" in outcome.out
    assert "→ cvmimg create --instance ins-data0001 --name data-v1 --fix-fstab" in outcome.out
    assert outcome.err.splitlines()[-1] == f"error: 1 of {len(LINUX_IDS)} checks failed (fstab)"


def test_a_check_can_be_skipped_by_the_users_own_word(cvmimg: Run) -> None:
    outcome = cvmimg("check", "--instance", "ins-data0001", "--skip-check", "fstab")

    assert outcome.code == 0
    assert "skipped by --skip-check fstab" in outcome.out


def test_a_copy_of_fstab_takes_the_place_of_a_look(cvmimg: Run, tmp_path: Path) -> None:
    copy = tmp_path / "fstab"
    copy.write_text("/dev/vdb1 /data ext4 defaults 0 2\n")

    outcome = cvmimg("check", *WEB, "--fstab-file", str(copy), "-o", "json")

    fstab = next(check for check in outcome.json["checks"] if check["id"] == "fstab")
    assert fstab["status"] in ("warn", "fail")


def test_an_unknown_instance_ends_with_4(cvmimg: Run) -> None:
    outcome = cvmimg("create", "--instance", "ins-none0001", "--name", "x", "-o", "json")

    assert outcome.code == outcome.error["exit_code"] == 4
    assert "ins-none0001" in outcome.error["message"]


@pytest.mark.parametrize("flag", ["-v", "-vv"])
def test_the_request_log_names_every_call_and_no_secret(cvmimg: Run, flag: str) -> None:
    from cvmimg.cli.session import open_sandbox
    from cvmimg.cli.settings import Invocation

    with open_sandbox(Invocation()) as sandbox:
        _, secret_key = sandbox.credentials()

    outcome = cvmimg("list", flag)

    call, total = outcome.err.splitlines()
    assert call.startswith("api  cvm DescribeImages ap-guangzhou ok ")
    assert " ms " in call
    assert total == "api  1 calls, 0 refused or repeated (0 %)"
    assert secret_key not in outcome.err


def test_what_the_fix_changed_and_restored_is_part_of_the_result(cvmimg: Run) -> None:
    data = ("create", "--instance", "ins-data0001", "--name")
    fixed = cvmimg(*data, "fixed", "--fix-fstab", "-o", "json")
    told = cvmimg(*data, "fixed-too", "--fix-fstab")

    assert fixed.code == told.code == 0
    assert fixed.json["fstab"]["restored"] is True
    (line,) = fixed.json["fstab"]["lines"]
    assert f"disabled for the image: line {line}; restored" in told.out


def test_where_nothing_was_fixed_there_is_nothing_to_report(cvmimg: Run) -> None:
    assert cvmimg("create", *WEB, "--name", "web-v2", "-o", "json").json["fstab"] is None


def test_what_is_offered_next_reaches_the_same_cloud(cvmimg: Run) -> None:
    words = ["create", *WEB, "--region", "ap-guangzhou", "--sandbox"]

    ready = cvmimg(*words, "--name", "web-v2")
    started = cvmimg(*words, "--name", "web-v3", "--no-wait")

    cloud = "cvmimg --region ap-guangzhou --sandbox"
    assert f"{cloud} launch --image img-" in ready.err
    assert f"{cloud} wait img-" in started.err
    assert "launch" not in started.err


def test_all_checks_are_listed_without_credentials(
    cvmimg: Run, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("CVMIMG_SANDBOX")

    outcome = cvmimg("check", "--list", "-o", "json")

    assert outcome.code == 0
    assert [check["id"] for check in outcome.json] == list(IDS)
    assert all(check["purpose"] for check in outcome.json)
    assert cvmimg("check", "--list", "-o", "id").out.split() == list(IDS)
    assert cvmimg("check", "--list").out.splitlines()[6].split()[:3] == ["fstab", "-", "yes"]


def test_a_check_without_an_instance_is_wrong_usage(cvmimg: Run) -> None:
    outcome = cvmimg("check")

    assert outcome.code == 2
    assert "--instance" in outcome.err


def test_a_check_has_a_code_and_parameters_beside_its_words(cvmimg: Run) -> None:
    quota = cvmimg("check", *WEB, "--name", "web-v2", "-o", "json").json["checks"][2]

    assert (quota["id"], quota["code"]) == ("quota", "QuotaFree")
    assert quota["params"] == {"used": 2, "quota": 10, "region": "ap-guangzhou"}
    assert quota["summary"] == "2 of 10 custom images used in ap-guangzhou"


def test_the_users_own_options_are_part_of_the_command_to_paste(cvmimg: Run) -> None:
    outcome = cvmimg("create", *OLD, "--name", "old-v1", "--tag", "a=b", "--no-restart")

    command = "cvmimg create --instance ins-old00001 --name old-v1 --tag a=b --no-restart --stop"
    assert command in outcome.err


def test_what_the_operation_itself_resolves_is_a_warning(cvmimg: Run) -> None:
    fixed = cvmimg(
        "create", "--instance", "ins-data0001", "--name", "x", "--fix-fstab", "--dry-run"
    )
    full = ("--region", "ap-shanghai", "create", "--instance", "ins-full0001", "--name", "x")
    replaced = cvmimg(*full, "--replace-oldest", "app-*", "--dry-run", "-o", "json")

    assert fixed.code == replaced.code == 0
    assert "fstab          warn" in fixed.out
    assert {check["status"] for check in replaced.json["checks"]} == {"pass", "warn"}


def test_sysprep_of_linux_is_refused(cvmimg: Run) -> None:
    outcome = cvmimg("create", *WEB, "--name", "x", "--sysprep", "-o", "json")

    assert outcome.code == 3
    codes = {check["code"] for check in outcome.error["checks"] if check["status"] == "fail"}
    assert codes == {"SysprepNeedsWindows"}


def test_warnings_refuse_the_image_where_that_is_asked_for(cvmimg: Run) -> None:
    nofail = ("--instance", "ins-nofl0001", "--name", "nofl-v1")

    assert cvmimg("check", *nofail).code == 0
    assert cvmimg("check", *nofail, "--fail-on", "warn").code == 3
    refused = cvmimg("create", *nofail, "--fail-on", "warn", "-o", "json")
    assert (refused.code, refused.error["code"]) == (3, "ChecksFailed")
    assert cvmimg("list", "--name", "nofl-v1", "-o", "id").out == ""


def test_a_check_has_no_ids_to_print(cvmimg: Run) -> None:
    outcome = cvmimg("check", *WEB, "--name", "web-v2", "-o", "id")

    assert (outcome.code, outcome.out) == (0, "")
