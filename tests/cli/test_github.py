"""In GitHub Actions the log has groups, and failed checks are annotations."""

from __future__ import annotations

import io

import pytest

from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.progress.github import GitHubDisplay
from cvmimg.message import Message
from tests.cli.conftest import Run
from tests.support.clock import FakeClock


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def display(log: io.StringIO) -> GitHubDisplay:
    return GitHubDisplay(log, clock=FakeClock())


def test_a_stage_is_a_group_and_its_end_stands_below_it(
    display: GitHubDisplay, log: io.StringIO
) -> None:
    with display.stage("stop", subject="ins-1"):
        display.notice("something")
    assert log.getvalue().splitlines() == [
        "::group::[stop] stopping ins-1",
        "note: something",
        "::endgroup::",
        "[stop] done in 0.0s",
    ]


def test_stages_that_run_side_by_side_are_no_groups(
    display: GitHubDisplay, log: io.StringIO
) -> None:
    with display.stage("stop", subject="ins-1"), display.stage("stop", subject="ins-2"):
        pass
    assert [line.split()[0] for line in log.getvalue().splitlines()] == [
        "::group::[stop]",
        "::endgroup::",
        "[stop",
        "[stop",
        "[stop",
    ]


def test_checks_that_do_not_pass_are_annotations(display: GitHubDisplay, log: io.StringIO) -> None:
    display.checks(
        [
            CheckResult(Status.PASS, Message("Command", command="fine"), id="name"),
            CheckResult(
                Status.FAIL,
                Message("Command", command="100% wrong"),
                (Message("Command", command="line 2"),),
                id="fstab",
            ),
        ]
    )
    lines = log.getvalue().splitlines()
    assert lines[-1] == "::error title=cvmimg check fstab::100%25 wrong%0Aline 2"
    assert lines[0].startswith("::group::")
    assert lines[-2] == "::endgroup::"


def test_a_name_from_the_cloud_is_no_command(display: GitHubDisplay, log: io.StringIO) -> None:
    display.notice(Message("Command", command="x\n::stop-commands::y ##[set-output name=a]b"))
    (line,) = log.getvalue().splitlines()
    assert line.startswith("note: x")
    assert "##[" not in line


@pytest.mark.usefixtures("sandbox")
def test_a_check_on_its_own_is_annotated(cvmimg: Run, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GITHUB_ACTIONS", "true")
    outcome = cvmimg("check", "ins-data0001", "-o", "json")
    assert outcome.json["passed"] is False
    assert outcome.err.count("::error title=cvmimg check fstab::") == 1


@pytest.mark.usefixtures("sandbox")
def test_the_last_line_stays_the_error(cvmimg: Run, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GITHUB_ACTIONS", "true")
    outcome = cvmimg("create", "--instance", "ins-data0001", "--name", "v2", "-o", "json")
    assert outcome.error["code"] == "ChecksFailed"
    assert "::error title=cvmimg check fstab::" in outcome.err
