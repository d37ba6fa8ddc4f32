"""What people have seen go wrong on their screens, each in the words of who saw it."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.terminal import TerminalProgram

CUT_ID = re.compile(r"\b(img|ins|snap|disk|op)-[0-9a-z-]*…")
BROKEN_DATE = re.compile(r"\b20\d\d-\d?\d?(-\d?)?$")


@pytest.fixture
def terminal(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TERM": "xterm",
        "NO_COLOR": "1",
        "LANG": "C.UTF-8",
        "CVMIMG_STATE_DIR": str(tmp_path / "state"),
        "CVMIMG_SANDBOX": "1",
        "CVMIMG_SANDBOX_SPEED": "100000",
    }


def screen(terminal: dict[str, str], line: str, columns: int) -> list[str]:
    words = [sys.executable, "-m", "cvmimg", *line.split()]
    program = TerminalProgram(words, terminal, columns=columns)
    program.wait()
    return program.screen


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize(
    "line",
    [
        "list --all-regions",
        "instances",
        "snapshots",
        "quota --all-regions",
        "operations list",
        "check ins-data0001",
        "show web-v1",
        "config show",
        "doctor",
        "family list",
        "explain fstab",
        "check --list",
    ],
)
@pytest.mark.usefixtures("sandbox")
def test_no_line_is_wider_than_the_terminal_and_ids_and_dates_stay_whole(
    terminal: dict[str, str], cvmimg: Run, line: str, columns: int
) -> None:
    cvmimg("create", "ins-web00001", "--name", "web-v2")  # something for the history

    lines = screen(terminal, line, columns)

    assert lines
    for shown in lines:
        assert len(shown) <= columns or re.search(r"^ *→ cvmimg |/tmp/", shown), shown
        assert not CUT_ID.search(shown)
        assert not BROKEN_DATE.search(shown)


def test_a_prompt_has_real_line_breaks(terminal: dict[str, str]) -> None:
    program = TerminalProgram([sys.executable, "-m", "cvmimg", "delete", "web-v1"], terminal)
    program.read_until("[y/N]")
    program.send("n\r")

    assert program.wait() == 3
    assert "\\x0a" not in program.output


@pytest.mark.parametrize("line", ["completion", "check ins-data0001 -o csv"])
@pytest.mark.usefixtures("sandbox")
def test_other_texts_have_real_line_breaks(cvmimg: Run, line: str) -> None:
    outcome = cvmimg(*line.split())

    assert "\\x0a" not in outcome.out + outcome.err


@pytest.mark.usefixtures("sandbox")
def test_quiet_gives_the_reason_and_the_remedy_of_a_failed_check(cvmimg: Run) -> None:
    outcome = cvmimg("-q", "--region", "ap-shanghai", "create", "ins-full0001", "--name", "x")

    assert outcome.code == 3
    for shown in ("10 of 10", "app-2025-01", "--replace-oldest"):
        assert shown in outcome.err


@pytest.mark.usefixtures("sandbox")
def test_no_wait_offers_to_wait_while_the_image_is_being_created(cvmimg: Run) -> None:
    outcome = cvmimg("create", "ins-web00001", "--name", "x", "--no-wait")

    assert "cvmimg wait img-" in outcome.err
    assert "cvmimg launch" not in outcome.err


@pytest.mark.usefixtures("sandbox")
def test_replace_oldest_as_a_dry_run_does_not_skip_the_quota(cvmimg: Run) -> None:
    line = "--region ap-shanghai create ins-full0001 --name x --replace-oldest app-* --dry-run"

    outcome = cvmimg(*line.split(), "-o", "json")

    assert outcome.code == 0
    (quota,) = (check for check in outcome.json["checks"] if check["id"] == "quota")
    assert quota["code"] != "CheckSkipped"


@pytest.mark.usefixtures("sandbox")
def test_a_fixed_fstab_is_no_failure(cvmimg: Run) -> None:
    outcome = cvmimg("create", "ins-data0001", "--name", "x", "--fix-fstab")

    assert outcome.code == 0
    assert "fail: fstab" not in outcome.err


@pytest.mark.usefixtures("sandbox")
def test_an_operation_is_shown_with_its_times_and_image_and_no_python(cvmimg: Run) -> None:
    cvmimg("create", "ins-web00001", "--name", "x")
    (operation,) = cvmimg("operations", "list", "-o", "json").json

    shown = cvmimg("operations", "show", operation["id"]).out

    assert operation["result"]["image_id"] in shown
    assert operation["created_at"] in shown
    for sign in ("{'", "None", "datetime", "<"):
        assert sign not in shown


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("create ins-web00001 --name web-v1", 3),
        ("update base-v1 --name web-v1", 3),
        ("launch web-v1 --type S99.HUGE --yes", 3),
        ("launch web-v1 --system-disk 5 --yes", 3),
        ("create ins-web00001 --name x --sysprep", 3),
        ("update web-v1 --untag nothing", 3),
        ("list --all-regions --region ap-shanghai", 2),
        ("create ins-web00001 --name a --name b", 2),
        ("show web-v99", 4),
        ("check ins-00000000", 4),
    ],
)
@pytest.mark.usefixtures("sandbox")
def test_the_same_mistake_has_the_same_exit_code(cvmimg: Run, line: str, code: int) -> None:
    assert cvmimg(*line.split()).code == code


def test_no_at_a_prompt_ends_with_3(terminal: dict[str, str]) -> None:
    program = TerminalProgram([sys.executable, "-m", "cvmimg", "launch", "web-v1"], terminal)
    program.read_until("[y/N]")
    assert re.search(r"[\d.]+ CNY/hour", program.output)
    program.send("n\r")

    assert program.wait() == 3


@pytest.mark.usefixtures("sandbox")
def test_all_that_is_missing_is_named_at_once(cvmimg: Run) -> None:
    outcome = cvmimg("create")

    assert outcome.code == 2
    assert "--instance" in outcome.err.splitlines()[0]
    assert "--name" in outcome.err.splitlines()[0]


@pytest.mark.usefixtures("sandbox")
def test_sizes_in_json_are_whole_numbers(cvmimg: Run) -> None:
    for line in ("snapshots", "list", "quota", "prune --keep 1"):
        text = cvmimg(*line.split(), "-o", "json").out
        assert not re.search(r'_gib": \d+\.0\b', text)
        assert json.loads(text) is not None


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("line", "value"),
    [("list --state NORML", "NORMAL"), ("launch web-v1 --charge-type SPOTPAYD", "SPOTPAID")],
)
def test_a_mistyped_choice_gets_a_suggestion(cvmimg: Run, line: str, value: str) -> None:
    outcome = cvmimg(*line.split(), "-o", "json")

    assert outcome.code == 2
    assert outcome.error["hint"] == f"did you mean {value}?"
