"""The program as a process: signals, pipes, and the sandbox as a server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from cvmimg.checks.registry import GROUPS

pytestmark = pytest.mark.system

PATIENCE = 60


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Ended with the test, whatever came of it."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def start(processes: list[subprocess.Popen[str]], tmp_path: Path) -> Starter:
    return Starter(processes, tmp_path)


class Starter:
    """Starts ``cvmimg`` with both streams in pipes."""

    def __init__(self, processes: list[subprocess.Popen[str]], folder: Path) -> None:
        self._processes = processes
        self._folder = folder

    def __call__(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "CVMIMG_STATE_DIR": str(self._folder),
            "CVMIMG_CONFIG": os.devnull,
            **variables,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "cvmimg", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._processes.append(process)
        return process


def read_until(stream: IO[str] | None, text: str) -> str:
    """The first line that holds ``text``."""
    assert stream is not None
    for line in stream:
        if text in line:
            return line
    raise AssertionError(f"the stream ended without {text!r}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_wait_and_says_how_to_continue(start: Starter, number: int) -> None:
    process = start(
        "--sandbox", "create", "--instance", "ins-web00001", "--name", "x", "-o", "json"
    )
    read_until(process.stderr, "[image]")

    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)

    error = json.loads(err.splitlines()[-1])["error"]
    assert process.returncode == error["exit_code"] == 130
    assert out == ""
    assert "is still being created" in error["message"]
    assert error["hint"].startswith("cvmimg --sandbox wait img-")


def test_with_nohup_a_closed_terminal_does_not_stop_it(start: Starter) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # inherited, as from nohup
    try:
        process = start(
            "--sandbox", "create", "--instance", "ins-web00001", "--name", "x", "-o", "json"
        )
    finally:
        signal.signal(signal.SIGHUP, before)
    read_until(process.stderr, "[image]")

    process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == 0
    assert json.loads(out)["image"]["state"] == "NORMAL"


def test_a_second_signal_leaves_at_once(start: Starter) -> None:
    # Time there nearly stands still, so putting the instance back would take for ever.
    command = "--sandbox create --instance ins-old00001 --name x --stop"
    # The inside of the instance would take as long to read.
    unread = [f"--skip-check={name}" for name in ("fstab", *GROUPS)]
    process = start(*command.split(), *unread, CVMIMG_SANDBOX_SPEED="0.001")
    read_until(process.stderr, "[stop]")

    process.send_signal(signal.SIGINT)
    read_until(process.stderr, "press Ctrl-C again to quit now")
    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=PATIENCE) == 130


def test_a_reader_that_leaves_early_is_no_error(start: Starter) -> None:
    process = start("--sandbox", "list", "--type", "all", "-o", "json")
    assert process.stdout is not None
    process.stdout.close()

    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(timeout=PATIENCE) == 0


def test_served_to_another_process_it_first_prints_what_sets_a_client_up(start: Starter) -> None:
    server = start("sandbox", "serve", "--fault", "DescribeImageQuota:throttle:times=1")
    assert server.stdout is not None
    lines = [server.stdout.readline().split() for _ in range(4)]
    variables = dict(word.split("=", 1) for _, word in lines)

    client = start("list", "-o", "id", **variables)
    out, err = client.communicate(timeout=PATIENCE)
    server.send_signal(signal.SIGTERM)

    assert [command for command, _ in lines] == ["export"] * 4
    assert list(variables) == [
        "CVMIMG_ENDPOINT",
        "TENCENTCLOUD_SECRET_ID",
        "TENCENTCLOUD_SECRET_KEY",
        "TENCENTCLOUD_REGION",
    ]
    assert (client.returncode, out, err) == (0, "img-webv1000\nimg-basev001\n", "")
    assert server.wait(timeout=PATIENCE) == 0


def test_a_taken_port_is_reported(start: Starter) -> None:
    server = start("sandbox", "serve")
    assert server.stdout is not None
    port = server.stdout.readline().strip().rpartition(":")[2]

    second = start("sandbox", "serve", "--port", port)
    _, err = second.communicate(timeout=PATIENCE)

    assert second.returncode == 1
    assert f"cannot listen on port {port}" in err
