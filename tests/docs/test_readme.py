"""The README as a new user follows it: from a clone to the first image, in one shell."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Block, blocks

pytestmark = pytest.mark.system

README = ROOT / "README.md"
KEYSTROKES_PER_MINUTE = 200
"""Those of somebody who types 40 words a minute, which is not fast."""


def typed(block: Block) -> list[str]:
    """The lines that a user types, without the comments behind them."""
    if block.not_run:
        return []
    if block.language == "shell":
        return [re.sub(r"\s+#.*", "", line) for line in block.text.splitlines()]
    lines = block.text.splitlines() if block.language == "console" else []
    return [line[2:] for line in lines if line.startswith("$ ")]


FIRST_BLOCK = next(block for block in blocks(README) if block.language == "shell")
FIRST_MINUTES = [
    "git clone https://example.com/somebody/cvmimg.git",
    "cd cvmimg",
    *typed(FIRST_BLOCK),
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A new user's: no credentials, no settings, and ``pipx install .`` has been done."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "pipx").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    (programs / "pipx").chmod(0o755)
    return {
        "CVMIMG_SANDBOX_SPEED": "3600",
        "CVMIMG_STATE_DIR": str(tmp_path / "state"),
        "GIT_SHA": "0a1b2c3",
        "HOME": str(tmp_path),
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PS1": "$ ",
        "TERM": "xterm-256color",
    }


def test_the_first_image_takes_less_than_two_minutes_of_typing() -> None:
    keystrokes = sum(len(line) + 1 for line in FIRST_MINUTES)

    assert any(" create " in line for line in FIRST_MINUTES)
    assert keystrokes / KEYSTROKES_PER_MINUTE < 2


def test_the_first_minutes_work_on_a_terminal(environment: dict[str, str]) -> None:
    shown = on_a_terminal([*FIRST_MINUTES[2:], "cvmimg list", "exit"], environment)

    assert re.search(r"img-\w+ +web-v2 +NORMAL", shown), shown
    assert "error" not in shown


def on_a_terminal(lines: list[str], environment: dict[str, str]) -> str:
    """Type lines into a shell, each when the shell asks for it; return what the terminal shows."""
    terminal, other_end = pty.openpty()
    shown, deadline = "", time.monotonic() + 120
    with subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"],
        env=environment,
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
        start_new_session=True,
    ) as shell:
        os.close(other_end)
        while shell.poll() is None and time.monotonic() < deadline:
            if lines and shown.endswith("$ "):
                os.write(terminal, f"{lines.pop(0)}\n".encode())
                shown += "\n"
            if select.select([terminal], [], [], 0.1)[0]:
                with suppress(OSError):  # the shell has ended
                    shown += os.read(terminal, 65536).decode(errors="replace")
        shell.kill()
    os.close(terminal)
    return re.sub(r"\x1b\[[?\d;]*[a-zA-Z]", "", shown)


def test_every_command_works_in_the_same_shell(environment: dict[str, str]) -> None:
    lines = [line for block in blocks(README) for line in typed(block)]
    script = "\n".join(lines)

    done = subprocess.run(
        ["bash", "-c", script],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )

    errors = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 1, done.stderr
    assert errors[0].endswith("checks failed (fstab)")
