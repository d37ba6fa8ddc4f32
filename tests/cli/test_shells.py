"""Completion in the shells themselves, with the tabulator key where the shell has one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.terminal import TerminalProgram

pytestmark = pytest.mark.system

BIN = Path(sys.executable).parent
SHELLS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        "bind 'set enable-bracketed-paste off'; source <(cvmimg completion bash)",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        "autoload -Uz compinit; compinit -u -D; source <(cvmimg completion zsh)",
    ),
}
LINES = [
    ("cvmimg laun", "launch "),
    ("cvmimg show web-", "web-v1"),
    ("cvmimg show family:w", "family:web"),
    ("cvmimg check --instance lega", "legacy-1"),
    ("cvmimg list --region eu-f", "eu-frankfurt"),
    ("cvmimg --profile sta", "staging"),
    ("cvmimg launch --user-data first-b", "first-boot.sh"),
]


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "first-boot.sh").touch()
    config = tmp_path / "config.toml"
    config.write_text("[profiles.staging]\nsandbox = true\n", encoding="utf-8")
    return {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "TERM": "xterm",
        "PS1": "> ",
        "LANG": "C.UTF-8",
        "CVMIMG_STATE_DIR": str(tmp_path / "state"),
        "CVMIMG_CONFIG": str(config),
        "CVMIMG_SANDBOX": "1",
    }


def require(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_tabulator_key_completes_words_values_and_files(
    shell: str, variables: dict[str, str], tmp_path: Path
) -> None:
    require(shell)
    words, setup = SHELLS[shell]
    program = TerminalProgram(["env", "-C", str(tmp_path), *words], variables, columns=200)
    try:
        program.send(f"{setup}; echo rea''dy\r")
        program.read_until("ready")
        for typed, completed in LINES:
            program.send(f"{typed}\t")
            program.read_until(completed.removeprefix(typed.split()[-1]).strip())
            program.send("\x15")  # Ctrl-U erases the line
    finally:
        program.kill()


def offered_by_fish(typed: str, variables: dict[str, str]) -> list[str]:
    """What fish offers: each word, with its help after a tabulator."""
    require("fish")
    script = f"cvmimg completion fish | source; complete -C '{typed}'"

    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        env=variables,
        cwd=variables["HOME"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(("typed", "completed"), LINES[:-1])
def test_fish_completes_words_and_values(
    variables: dict[str, str], typed: str, completed: str
) -> None:
    offered = [line.partition("\t")[0] for line in offered_by_fish(typed, variables)]

    assert completed.strip() in offered


def test_fish_completes_files(variables: dict[str, str]) -> None:
    typed, completed = LINES[-1]

    assert offered_by_fish(typed, variables) == [completed]


def test_fish_shows_help_after_a_comma(variables: dict[str, str]) -> None:
    (line,) = offered_by_fish("cvmimg create --force-st", variables)

    assert line == "--force-stop\tLike --stop, but force power-off if that fails."
