"""What cannot be right is refused before anything is sent: exit 2, the flag's name and the fix."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

INSTANCE = "ins-web00001"

WRONG = [
    ("create --instance ins-web --name x", "--instance", "of the form ins-1a2b3c4d"),
    ("create --instance ins-WEB00001 --name x", "--instance", "of the form ins-1a2b3c4d"),
    ("create --instance ins-web000012 --name x", "--instance", "of the form ins-1a2b3c4d"),
    (f"create --instance {INSTANCE}", "--name", "missing --name"),
    ("create --name x", "--instance", "missing --instance (or --select or --snapshot)"),
    (
        f"create --instance {INSTANCE} --snapshot snap-12345678 --name x",
        "--instance",
        "used with --snapshot",
    ),
    ("create --snapshot disk-12345678 --name x", "--snapshot", "of the form snap-1a2b3c4d"),
    (f"create --instance {INSTANCE} --name {'n' * 61}", "--name", "the limit is 60"),
    (f"create --instance {INSTANCE} --name x --stop --online", "--stop", "--online"),
    (f"create --instance {INSTANCE} --name x --force-stop --online", "--force-stop", "--online"),
    (f"create --instance {INSTANCE} --name x --data-disk vdb", "--data-disk", "disk-1a2b3c4d"),
    (f"create --instance {INSTANCE} --name x --tag team", "--tag", "write it like team=web"),
    (f"create --instance {INSTANCE} --name x --timeout soon", "--timeout", "like 30d, 2h"),
    (f"create --instance {INSTANCE} --name x --timeout 0s", "--timeout", "more than 0 s"),
    (f"create --instance {INSTANCE} --name x --skip-check all", "--skip-check", "fstab"),
    (
        f"create --instance {INSTANCE} --name x --guest ssh",
        "--ssh-host",
        "--guest ssh requires --ssh-host",
    ),
    (f"create --instance {INSTANCE} --name x --ssh-host h", "--guest", "--guest ssh"),
    (f"create --instance {INSTANCE} --name x --fstab-file no-such", "--fstab-file", "not exist"),
    (f"check --instance {INSTANCE} --stop --online", "--stop", "--online"),
    ("launch --image web-v1 --count 0", "--count", "from 1 to 500"),
    ("launch --image web-v1 --count 501", "--count", "from 1 to 500"),
    ("launch --image web-v1 --count three", "--count", "'three'"),
    ("launch --image web-v1 --count 2 --min-count 3", "--min-count", "more than --count 2"),
    ("launch --image img-1 --count 1", "--image", "of the form img-1a2b3c4d"),
    ("launch --image family: --count 1", "--image", "family:NAME"),
    ("launch --image web-v1 --like ins-web", "--like", "of the form ins-1a2b3c4d"),
    ("launch --image web-v1 --zone guangzhou", "--zone", "such as ap-guangzhou-6"),
    ("launch --image web-v1 --system-disk big", "--system-disk", "CLOUD_SSD:100"),
    ("launch --image web-v1 --data-snapshot 1", "--data-snapshot", "snap-1a2b3c4d:200"),
    ("launch --image web-v1 --spot-price free", "--spot-price", "like 0.25"),
    ("launch --image web-v1 --key skey-12345678 --keep-login", "--key", "--keep-login"),
    ("list --region Guangzhou!", "--region", "such as ap-guangzhou"),
    ("list --state BROKEN", "--state", "CREATEFAILED"),
    ("list --tag =v", "--tag", "team=web"),
    ("list --output xml", "--output", "jsonl"),
    ("show img-x", "IMAGE", "of the form img-1a2b3c4d"),
    ("resume op_1", "OPERATION", "op-20261123-1a2b3c"),
    ("operations show x", "OPERATION", "op-20261123-1a2b3c"),
    ("sandbox serve --port 70000", "--port", "65535"),
    ("sandbox serve --fault CreateImage:explode", "explode", "CreateImage:cut-after"),
    ("--endpoint ftp://x list", "--endpoint", "https"),
    ("--endpoint http://cvm.example.com list", "--endpoint", "unencrypted"),
    ("list --sandbox --endpoint http://127.0.0.1:1", "--sandbox", "--endpoint"),
    ("lst", "lst", "did you mean list?"),
    ("operations lst", "lst", "did you mean list?"),
    ("list --nmae x", "--nmae", "did you mean --name?"),
    ("create", "--instance (or --select or --snapshot)", "--name"),
    ("launch --image a --image b", "--image", "more than once"),
    ("list --all-regions --region ap-shanghai", "--all-regions", "--region"),
    ("quota --all-regions --region ap-shanghai", "--all-regions", "--region"),
    ("completion", "SHELL", "see cvmimg completion --help"),
    ("list --fix-fstab", "--fix-fstab", "cvmimg list --help"),
]


@pytest.fixture
def region_and_keys(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TENCENTCLOUD_SECRET_ID", "AKIDnobody")
    environment.setenv("TENCENTCLOUD_SECRET_KEY", "not-a-key")
    environment.setenv("TENCENTCLOUD_REGION", "ap-guangzhou")


@pytest.mark.parametrize("region", ["Guangzhou!", "evil.example.com/-fsi", "a@b-fsi"])
@pytest.mark.usefixtures("region_and_keys")
def test_a_region_of_the_environment_has_the_shape_of_one(
    cvmimg: Run, environment: pytest.MonkeyPatch, region: str
) -> None:
    environment.setenv("TENCENTCLOUD_REGION", region)
    outcome = cvmimg("list", "-o", "json")
    assert (outcome.code, outcome.error["code"]) == (2, "RegionInvalid")


@pytest.mark.usefixtures("region_and_keys")
@pytest.mark.parametrize(("words", "flag", "fix"), WRONG, ids=[words for words, _, _ in WRONG])
def test_a_wrong_word_is_refused_with_its_flag_and_the_fix(
    cvmimg: Run, tmp_path: Path, words: str, flag: str, fix: str
) -> None:
    outcome = cvmimg(*words.split())

    assert outcome.code == 2
    assert outcome.out == ""
    assert flag in outcome.err
    assert fix in outcome.err.replace("\n", " ")
    assert "Traceback" not in outcome.err
    assert not (tmp_path / "state" / "operations").exists()


def test_an_empty_name_and_one_with_escape_codes_are_refused(cvmimg: Run) -> None:
    for name in ("", "  ", "web\x1b[31m", "web\nv2"):
        outcome = cvmimg("create", "--instance", INSTANCE, "--name", name)

        assert outcome.code == 2
        assert "--name" in outcome.err
        assert "\x1b" not in outcome.err


def test_a_usage_error_in_json_is_one_object_on_the_last_line(cvmimg: Run) -> None:
    for arguments in (
        ["-o", "json", "create", "--nmae"],
        ["create", "--nmae", "-ojson"],
        ["create", "--nmae", "--output=json"],
    ):
        outcome = cvmimg(*arguments)

        assert outcome.code == 2
        assert set(outcome.error) == {"code", "message", "hint", "request_id", "exit_code"}
        assert outcome.error["exit_code"] == 2


def test_an_environment_variable_says_json_too(
    cvmimg: Run, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("CVMIMG_OUTPUT", "json")

    assert cvmimg("create", "--nmae").error["code"] == "InvalidArgument"


def test_without_credentials_it_ends_with_5_and_says_where_they_go(cvmimg: Run) -> None:
    outcome = cvmimg("list", "--region", "ap-guangzhou")

    assert outcome.code == 5
    assert "TENCENTCLOUD_SECRET_ID" in outcome.err
    assert "--sandbox" in outcome.err


def test_a_wrong_word_is_reported_before_missing_credentials(cvmimg: Run) -> None:
    outcome = cvmimg("list", "--endpoint", "http://cvm.example.com")

    assert outcome.code == 2
    assert "--endpoint" in outcome.err


def test_without_a_region_it_ends_with_2_and_the_flag(
    cvmimg: Run, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("TENCENTCLOUD_SECRET_ID", "AKIDnobody")
    environment.setenv("TENCENTCLOUD_SECRET_KEY", "not-a-key")

    outcome = cvmimg("list")

    assert outcome.code == 2
    assert outcome.err == (
        "error: no region is set\n"
        "  → add --region, such as --region ap-guangzhou, or set TENCENTCLOUD_REGION\n"
    )


@pytest.mark.usefixtures("region_and_keys")
def test_a_mistyped_profile_is_refused_rather_than_another_account_used(cvmimg: Run) -> None:
    outcome = cvmimg("list", "--profile", "prdo")

    assert outcome.code == 2
    assert "--profile: profile 'prdo' does not exist" in outcome.err


@pytest.mark.usefixtures("region_and_keys")
def test_an_endpoint_that_cannot_be_reached_ends_with_8(cvmimg: Run) -> None:
    outcome = cvmimg("list", "--endpoint", "http://127.0.0.1:1")

    assert outcome.code == 8
    assert "Traceback" not in outcome.err


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("speed", ["0", "-1", "fast", "nan", "inf", "1e9"])
def test_a_sandbox_speed_that_makes_no_sense_is_refused(
    cvmimg: Run, environment: pytest.MonkeyPatch, speed: str
) -> None:
    environment.setenv("CVMIMG_SANDBOX_SPEED", speed)

    outcome = cvmimg("list")

    assert outcome.code == 2
    assert "CVMIMG_SANDBOX_SPEED" in outcome.err


def test_a_defect_is_reported_in_one_line_and_in_full_with_vv(
    cvmimg: Run, environment: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("\x1b[31mboom")

    environment.setattr("cvmimg.workflows.operations.list_operations", broken)

    short, full = cvmimg("operations", "list"), cvmimg("-vv", "operations", "list")

    assert short.code == full.code == 1
    assert re.match(r"error: unexpected failure: RuntimeError: \\x1b\[31mboom\n", short.err)
    assert "Traceback" not in short.err
    assert "Traceback" in full.err


def test_ctrl_c_ends_with_130(cvmimg: Run, environment: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    environment.setattr("cvmimg.workflows.operations.list_operations", interrupted)

    outcome = cvmimg("operations", "list")

    assert outcome.code == 130
    assert outcome.err == "error: interrupted\n"


@pytest.mark.parametrize("text", ["1h30m", "90m", "5400s", "5400S"])
def test_durations_are_read(text: str) -> None:
    from cvmimg.cli.options import DURATION

    assert DURATION.read(text) == 5400


def test_the_config_file_is_checked_too(cvmimg: Run, config: Callable[[str], None]) -> None:
    config('[profiles.default.list]\nnmae = "x"')

    outcome = cvmimg("list", "--sandbox")

    assert outcome.code == 2
    assert "profiles.default.list: unknown option 'nmae'" in outcome.err
