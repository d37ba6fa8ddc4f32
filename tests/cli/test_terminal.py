"""The program on a real pseudo-terminal: bars, prompts, Ctrl-C, a closed window."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.terminal import TerminalProgram

pytestmark = pytest.mark.system

CTRL_C, CTRL_D = "\x03", "\x04"
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"

GROUP = """
import sys, threading
from cvmimg.cli.messages import en
from cvmimg.cli.progress.live import LiveDisplay
from cvmimg.clock import SystemClock
from cvmimg.cloud.progress import Progress

en.TEXTS["stage.demo"] = "create image {name}"
clock = SystemClock()
display = LiveDisplay(sys.stderr, clock=clock, color=False)
both = threading.Barrier(2)

def work(name):
    with display.stage("demo", subject=name, name=name) as stage:
        stage.advance(Progress(50))
        both.wait()
        display.refresh()
        both.wait()

with display:
    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""

Start = Callable[..., TerminalProgram]


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TERM": "xterm",
        "NO_COLOR": "1",
        "PYTHONIOENCODING": "utf-8",
        "CVMIMG_STATE_DIR": str(tmp_path),
        "CVMIMG_CONFIG": os.devnull,
        "CVMIMG_SANDBOX": "1",
        "CVMIMG_SANDBOX_SPEED": "600",
    }


@pytest.fixture
def start(variables: dict[str, str]) -> Iterator[Start]:
    """Starts the program on a terminal."""
    started: list[TerminalProgram] = []

    def begin(line: str, *, environment: dict[str, str] | None = None, **more: Any) -> Any:
        words = [sys.executable, "-m", "cvmimg", *line.split()]
        started.append(TerminalProgram(words, variables | (environment or {}), **more))
        return started[-1]

    yield begin
    for program in started:
        program.kill()


def ask(variables: dict[str, str], line: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "cvmimg", *line.split(), "-o", "json"],
        env=variables,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def test_bars_side_by_side_are_drawn_and_leave_a_line_each(variables: dict[str, str]) -> None:
    program = TerminalProgram([sys.executable, "-c", GROUP], variables)

    assert program.wait() == 0

    assert "create image a" in program.output
    assert "━" in program.output
    finished = sorted(line.split(" 0.")[0].rstrip() for line in program.screen if line)
    assert finished == ["✔ create image a", "✔ create image b"]


@pytest.mark.parametrize("columns", [40, 80])
def test_no_bar_stays_on_the_screen(start: Start, columns: int) -> None:
    program = start("create --instance ins-web00001 --name web-v2", columns=columns)

    assert program.wait() == 0

    assert "━" in program.output or columns == 40
    shown = "".join(program.screen)
    assert not [character for character in shown if character in SPINNER + "━"]
    assert any(line.startswith("✔") for line in program.screen)


@pytest.mark.parametrize(
    ("answer", "code", "left"), [("y\r", 0, 1), ("n\r", 3, 2), ("\r", 3, 2), (CTRL_D, 3, 2)]
)
def test_a_prompt_is_answered(
    start: Start, variables: dict[str, str], answer: str, code: int, left: int
) -> None:
    program = start("delete web-v1")
    program.read_until("Permanently delete this image? [y/N]: ")

    program.send(answer)

    assert program.wait() == code
    assert len(ask(variables, "list")) == left


def test_an_invalid_answer_is_asked_for_again(start: Start) -> None:
    program = start("delete web-v1")
    program.read_until("[y/N]: ")

    program.send("perhaps\r")
    program.read_until("[y/N]: ")
    program.send("n\r")

    assert program.wait() == 3
    assert "error: declined; nothing was changed" in program.screen


def test_a_prompt_shows_on_the_terminal_though_stderr_goes_elsewhere(
    start: Start, tmp_path: Path
) -> None:
    with (tmp_path / "log").open("wb") as log:
        program = start("delete web-v1", stderr=log)
        program.read_until("img-webv1000")
        program.read_until("[y/N]: ")
        program.send("y\r")

        assert program.wait() == 0

    assert "[y/N]" not in (tmp_path / "log").read_text()


def test_ctrl_c_at_a_prompt_changes_nothing(start: Start, variables: dict[str, str]) -> None:
    program = start("delete web-v1")
    program.read_until("[y/N]: ")

    program.send(CTRL_C)

    assert program.wait() == 130
    assert len(ask(variables, "list")) == 2


def test_ctrl_c_stops_safely_and_offers_the_command_to_continue(start: Start) -> None:
    program = start("create --instance ins-web00001 --name web-v2")
    program.read_until("CREATING")

    program.send(CTRL_C)

    assert program.wait() == 130
    assert any("→ cvmimg wait img-" in line for line in program.screen)
    assert not [character for character in "".join(program.screen) if character in SPINNER]


def test_ctrl_c_twice_quits_at_once_and_leaves_the_terminal_usable(start: Start) -> None:
    slow = {"CVMIMG_SANDBOX_SPEED": "0.001"}
    # It has no agent: at this speed, checks that read the guest would wait for minutes.
    program = start(
        "create --instance ins-noat0001 --name x --stop --skip-check fstab", environment=slow
    )
    program.read_until("STOPPING")

    program.send(CTRL_C)
    program.read_until("stopping safely; press Ctrl-C again to quit now")
    program.send(CTRL_C)

    assert program.wait() == 130
    assert program.output.rindex("\x1b[?25h") > program.output.rindex("\x1b[?25l")


def test_a_closed_terminal_stops_safely(start: Start, variables: dict[str, str]) -> None:
    slower = {"CVMIMG_SANDBOX_SPEED": "60"}  # an image takes seconds, so none is ready before
    program = start(
        "create --instance ins-old00001 --name x --stop --skip-check fstab", environment=slower
    )
    program.read_until("stopping ins-old00001")

    program.close()

    assert program.process.wait(60) in (130, -signal.SIGHUP)
    assert ask(variables, "operations list --unfinished") == []
