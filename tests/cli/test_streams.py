"""The streams of real processes: closed, full, without a reader, or of a poor encoding."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

SHELL = Callable[..., "subprocess.CompletedProcess[bytes]"]
CREATE = "--sandbox create --instance ins-stop0001 --name {name} -o {output}"
NAME = "web-é-中"


@pytest.fixture
def shell(tmp_path: Path) -> SHELL:
    """Runs a line of sh, in which $CVMIMG is the program."""

    def run(line: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "CVMIMG": f"{sys.executable} -m cvmimg",
            "CVMIMG_STATE_DIR": str(tmp_path),
            "CVMIMG_CONFIG": os.devnull,
            "CVMIMG_SANDBOX_SPEED": "6000",
            **variables,
        }
        return subprocess.run(
            ["sh", "-c", line],
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )

    return run


def images(shell: SHELL) -> list[str]:
    listed = shell("$CVMIMG --sandbox list -o json")
    return [image["name"] for image in json.loads(listed.stdout)]


@pytest.mark.parametrize("stderr", ["2>/dev/full", "2>&-", "2>&1 >/dev/null | true"])
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("--sandbox list -v", 0),
        ("--sandbox show nothing-like-it", 4),
        ("no-such-command", 2),
        ("--sandbox create --instance ins-save0001 --name x", 3),
    ],
)
def test_a_bad_stderr_leaves_the_exit_code_alone(
    shell: SHELL, command: str, code: int, stderr: str
) -> None:
    outcome = shell(f"{{ $CVMIMG {command}; echo $? >code; }} {stderr}; cat code")

    assert outcome.stdout.decode().split()[-1] == str(code)


@pytest.mark.parametrize("stdout", [">/dev/full", ">&-"])
@pytest.mark.parametrize(
    "command",
    ["--sandbox list", "--sandbox list -o json", "--help"],
)
def test_a_result_that_cannot_be_written_is_an_error(
    shell: SHELL, command: str, stdout: str
) -> None:
    outcome = shell(f"$CVMIMG {command} {stdout}")

    assert outcome.returncode == 1
    assert b"the result could not be written to stdout" in outcome.stderr
    assert b"Traceback" not in outcome.stderr


@pytest.mark.parametrize("stdout", [">/dev/full", ">&-"])
@pytest.mark.parametrize("output", ["table", "json"])
def test_after_a_change_the_exit_code_says_how_the_change_went(
    shell: SHELL, stdout: str, output: str
) -> None:
    outcome = shell(f"$CVMIMG {CREATE.format(name='web-v2', output=output)} {stdout}")

    assert outcome.returncode == 0
    assert b"note: the result could not be written to stdout" in outcome.stderr
    assert "web-v2" in images(shell)


def test_with_all_streams_closed_the_change_is_still_made(shell: SHELL) -> None:
    outcome = shell(f"$CVMIMG {CREATE.format(name='web-v2', output='json')} <&- >&- 2>&-")

    assert outcome.returncode == 0
    assert "web-v2" in images(shell)


@pytest.mark.parametrize("command", ["--sandbox list", "--sandbox list -o json", "--help"])
def test_a_reader_that_leaves_early_is_no_error(shell: SHELL, command: str) -> None:
    outcome = shell(f"{{ $CVMIMG {command}; echo $? >code; }} | true; cat code")

    assert (outcome.stdout, outcome.stderr) == (b"0\n", b"")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_an_encoding_that_lacks_a_character_gets_it_escaped(shell: SHELL, encoding: str) -> None:
    poor = {"PYTHONIOENCODING": encoding}
    made = shell(f"$CVMIMG {CREATE.format(name=NAME, output='table')}", **poor)
    listed = {
        output: shell(f"$CVMIMG --sandbox list -o {output}", **poor).stdout.decode(encoding)
        for output in ("table", "csv", "json")
    }

    assert made.returncode == 0
    assert all("\\u4e2d" in shown for shown in listed.values())
    assert json.loads(listed["json"])[0]["name"] == NAME


def test_an_error_in_a_poor_encoding_has_an_arrow_of_ascii(shell: SHELL) -> None:
    outcome = shell("$CVMIMG list", PYTHONIOENCODING="ascii")

    assert b"  -> " in outcome.stderr
    assert outcome.returncode in (2, 5)
