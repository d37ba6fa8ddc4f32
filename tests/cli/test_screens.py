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

pytestmark = pytest.mark.system

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


def test_a_remedy_is_shown_once(terminal: dict[str, str]) -> None:
    terminal["CVMIMG_REGION"] = "ap-shanghai"
    shown = screen(terminal, "create ins-full0001 --name x", 100)

    assert len([line for line in shown if "--replace-oldest" in line]) == 1
    assert len([line for line in shown if line.strip().startswith("→ cvmimg delete")]) == 3


@pytest.mark.usefixtures("sandbox")
def test_what_to_do_with_a_failed_image_is_said_once(cvmimg: Run) -> None:
    cvmimg("sandbox", "faults", "CreateImage:task-fail:times=1")

    outcome = cvmimg("create", "ins-web00001", "--name", "x")

    assert outcome.code == 6
    assert outcome.err.count("cvmimg delete img-") == 1


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("show", "missing IMAGE"),
        ("launch family:", "IMAGE:"),
        ("policy lits", "COMMAND:"),
        ("list -o jsn", "--output:"),
    ],
)
@pytest.mark.usefixtures("sandbox")
def test_an_error_names_a_parameter_without_brackets_and_aliases(
    cvmimg: Run, line: str, named: str
) -> None:
    first = cvmimg(*line.split()).err.splitlines()[0]

    assert f"error: {named}" in first
    assert not re.search(r"[\[\]/]|\.\.\.", first)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("launch web-v1 --count 0", "from 1 to 500"),
        ("launch web-v1 --count two", "from 1 to 500"),
        ("prune --keep 0", "equal to 1"),
        ("list --state FOO", "NORMAL, CREATING"),
    ],
)
@pytest.mark.usefixtures("sandbox")
def test_a_wrong_number_or_choice_is_refused_with_the_possible_values(
    cvmimg: Run, line: str, told: str
) -> None:
    outcome = cvmimg(*line.split())

    assert outcome.code == 2
    assert told in outcome.err


@pytest.mark.parametrize(
    ("line", "command"),
    [("list web-v1", "cvmimg list --name web-v1"), ("instances web-1", "--name web-1")],
)
@pytest.mark.usefixtures("sandbox")
def test_a_name_given_to_a_list_is_refused_with_how_to_filter(
    cvmimg: Run, line: str, command: str
) -> None:
    outcome = cvmimg(*line.split())

    assert outcome.code == 2
    assert outcome.err.splitlines()[-1].endswith(command)


@pytest.mark.parametrize(
    ("line", "help_of"),
    [("operations foo", "cvmimg operations"), ("help create foo", "cvmimg create")],
)
@pytest.mark.usefixtures("sandbox")
def test_an_unknown_subcommand_is_refused_with_the_help_of_its_group(
    cvmimg: Run, line: str, help_of: str
) -> None:
    outcome = cvmimg(*line.split())

    assert outcome.code == 2
    assert outcome.err.splitlines()[-1].endswith(f"{help_of} --help")


@pytest.mark.parametrize("group", ["operations", "sandbox", "family", "config"])
@pytest.mark.usefixtures("sandbox")
def test_the_help_of_a_group_shortens_no_sentence(cvmimg: Run, group: str) -> None:
    assert "..." not in cvmimg(group).out.partition("Options:")[0].partition("Commands:")[2]


def test_what_the_sandbox_made_is_not_in_the_future(terminal: dict[str, str]) -> None:
    screen(terminal, "create ins-web00001 --name web-v2", 100)

    (line,) = (line for line in screen(terminal, "list", 100) if "web-v2" in line)

    assert line.endswith((" ago", "just now"))


@pytest.mark.usefixtures("sandbox")
def test_an_account_that_an_image_is_not_shared_with_is_noted(cvmimg: Run) -> None:
    cvmimg("share", "base-v1", "--with", "100000000002")

    again = cvmimg("share", "base-v1", "--with", "100000000002")
    other = cvmimg("unshare", "base-v1", "--with", "100000000003")

    assert (again.code, other.code) == (0, 0)
    assert "100000000002" in again.err
    assert "100000000003" in other.err


@pytest.mark.usefixtures("sandbox")
def test_what_is_restored_later_is_not_called_unknown(cvmimg: Run) -> None:
    outcome = cvmimg("create", "ins-data0001", "--name", "x", "--fix-fstab", "--no-wait")

    assert "resume" in outcome.out
    assert "unknown" not in outcome.out


def test_one_unfinished_operation_is_singular(terminal: dict[str, str]) -> None:
    screen(terminal, "create ins-data0001 --name x --fix-fstab --no-wait", 100)

    shown = " ".join(" ".join(screen(terminal, "doctor", 100)).split())

    assert "1 operation is unfinished" in shown


def test_bars_need_no_unicode(terminal: dict[str, str]) -> None:
    terminal["PYTHONIOENCODING"] = "ascii"

    shown = screen(terminal, "quota", 100)

    assert "####" in shown[1]
    assert "\\u" not in shown[1]


@pytest.mark.usefixtures("sandbox")
def test_a_dry_run_says_what_failed(cvmimg: Run) -> None:
    outcome = cvmimg("create", "ins-data0001", "--name", "x", "--dry-run")

    assert outcome.code == 3
    assert "fstab: 1 line of /etc/fstab" in outcome.err


@pytest.mark.usefixtures("sandbox")
def test_the_remedies_of_all_instances_are_shown(cvmimg: Run) -> None:
    line = "create ins-data0001 ins-old00001 --name x-{instance_id}"

    outcome = cvmimg(*line.split())

    assert outcome.code == 3
    assert "--fix-fstab\n" in outcome.err
    assert "--stop\n" in outcome.err


def test_the_ids_of_many_instances_do_not_push_out_what_is_done(terminal: dict[str, str]) -> None:
    shown = screen(terminal, "launch web-v1 --count 5 --yes", 80)

    assert [line for line in shown if "waiting for 5 instances to start" in line]


@pytest.mark.parametrize("line", ["create", "launch", "sandbox serve", "list"])
@pytest.mark.usefixtures("sandbox")
def test_help_writes_no_range_as_an_inequality(cvmimg: Run, line: str) -> None:
    assert "<=" not in cvmimg(*line.split(), "--help").out


@pytest.mark.usefixtures("sandbox")
def test_what_the_explanation_of_a_taken_name_advises_is_whole(cvmimg: Run) -> None:
    remedy = cvmimg("explain", "NameTaken", "-o", "json").json["remedy"]

    assert remedy
    assert not remedy[-1].endswith(":")


def test_the_note_about_an_unfinished_operation_fits_80_columns(terminal: dict[str, str]) -> None:
    screen(terminal, "create ins-data0001 --name x --fix-fstab --no-wait", 100)

    (note, *_) = screen(terminal, "list", 80)

    assert re.fullmatch(r"note: .*: cvmimg resume op-\d{8}-\w{6}", note)


def test_an_error_after_ctrl_c_at_a_prompt_has_a_line_of_its_own(terminal: dict[str, str]) -> None:
    program = TerminalProgram([sys.executable, "-m", "cvmimg", "delete", "web-v1"], terminal)
    program.read_until("[y/N]")
    program.send("\x03")

    assert program.wait() == 130
    assert [line for line in program.screen if line.startswith("error: interrupted")]


def test_ctrl_c_leaves_no_bar_behind(terminal: dict[str, str]) -> None:
    terminal["CVMIMG_SANDBOX_SPEED"] = "60"
    words = [sys.executable, "-m", "cvmimg", "create", "web-1", "--name", "web-v2"]
    program = TerminalProgram(words, terminal)
    program.read_until("CREATING")
    bar = program.screen[-1]
    program.send("\x03")

    assert program.wait() == 130
    assert "CREATING" in bar
    assert len(bar) <= 80 - len("^C")
