"""Waiting: a notification at the end, a list that is shown again, and times for people."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cvmimg.cli.notify import notify
from cvmimg.cli.text import ago
from tests.cli.conftest import Run
from tests.support.terminal import TerminalProgram

pytestmark = pytest.mark.system

NOW = 1_795_737_600.0  # 2026-11-27T00:00:00Z


@pytest.fixture
def desktop(tmp_path: Path) -> Path:
    """A desktop whose notifications are written to a file."""
    program = tmp_path / "bin" / "notify-send"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/notified\n')
    program.chmod(0o755)
    return tmp_path


def variables(folder: Path) -> dict[str, str]:
    return {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "DISPLAY": ":0"}


@pytest.mark.parametrize(("exit_code", "word"), [(0, "finished"), (6, "exit code 6")])
def test_the_end_of_a_long_wait_is_notified(desktop: Path, exit_code: int, word: str) -> None:
    notify("create", exit_code, 700.0, variables(desktop))

    assert word in (desktop / "notified").read_text()


def test_a_short_wait_is_not_notified(desktop: Path) -> None:
    notify("create", 0, 3.0, variables(desktop))

    assert not (desktop / "notified").exists()


@pytest.mark.usefixtures("sandbox")
def test_a_command_notifies_only_with_the_option(
    cvmimg: Run, desktop: Path, environment: pytest.MonkeyPatch
) -> None:
    for name, value in variables(desktop).items():
        environment.setenv(name, value)
    environment.setenv("CVMIMG_SANDBOX_SPEED", "20")

    assert cvmimg("create", "ins-web00001", "--name", "a").code == 0
    assert not (desktop / "notified").exists()
    assert cvmimg("create", "ins-web00001", "--name", "b", "--notify").code == 0
    assert "create finished" in (desktop / "notified").read_text()


@pytest.mark.usefixtures("sandbox")
def test_a_profile_can_ask_for_notifications(
    cvmimg: Run, desktop: Path, environment: pytest.MonkeyPatch
) -> None:
    (desktop / "config.toml").write_text("[profiles.default.create]\nnotify = true\n")
    for name, value in variables(desktop).items():
        environment.setenv(name, value)
    environment.setenv("CVMIMG_SANDBOX_SPEED", "20")

    assert cvmimg("create", "ins-web00001", "--name", "a").code == 0
    assert (desktop / "notified").exists()


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("line", ["list --watch", "list --watch -o json"])
def test_a_watch_needs_a_terminal_and_a_table(cvmimg: Run, line: str) -> None:
    outcome = cvmimg(*line.split())

    assert outcome.code == 2
    assert "--watch" in outcome.err


@pytest.fixture
def terminal(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TERM": "xterm",
        "CVMIMG_STATE_DIR": str(tmp_path),
        "CVMIMG_SANDBOX": "1",
    }


def test_a_watched_list_is_shown_until_ctrl_c(terminal: dict[str, str]) -> None:
    words = [sys.executable, "-m", "cvmimg", "list", "--watch", "--no-color"]
    program = TerminalProgram(words, terminal)

    program.read_until("img-webv1000")
    program.read_until("to stop")
    program.send("\x03")

    assert program.wait() == 0
    assert "Traceback" not in program.output
    assert "error" not in program.output


def test_on_a_terminal_times_are_relative_and_in_a_pipe_absolute(
    terminal: dict[str, str], cvmimg: Run, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("CVMIMG_SANDBOX", "1")
    program = TerminalProgram([sys.executable, "-m", "cvmimg", "list"], terminal, columns=160)

    assert program.wait() == 0

    assert " ago" in program.output
    assert "(UTC)" not in program.output
    piped = cvmimg("list").out
    assert "CREATED (UTC)" in piped
    assert "2025-03-10 02:41" in piped


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-11-26T23:59:30Z", "just now"),
        ("2026-11-26T23:59:00Z", "1 minute ago"),
        ("2026-11-26T22:00:00Z", "2 hours ago"),
        ("2026-11-25T23:00:00Z", "1 day ago"),
        ("2026-10-20T00:00:00Z", "38 days ago"),
        ("2026-08-20T00:00:00Z", "3 months ago"),
        ("2024-01-08T09:15:00Z", "2 years ago"),
        ("2026-11-28T00:00:00Z", ""),
        (None, ""),
    ],
)
def test_how_long_ago_a_moment_was(moment: str | None, shown: str) -> None:
    assert ago(moment, NOW) == shown
