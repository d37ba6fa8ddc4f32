"""Real processes of the command line against a real socket: killed, and two at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.crash import ROOT, Server, crash_many

pytestmark = pytest.mark.system

NAME = "web-v2"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server")
    yield server
    server.stop()


def start(server: Server, state_dir: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **server.environment, "CVMIMG_STATE_DIR": str(state_dir)}
    return subprocess.Popen(
        [sys.executable, "-m", "cvmimg", "--yes", "-o", "json", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def result(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code, and the code of the error."""
    _, errors = process.communicate(timeout=120)
    if process.returncode == 0:
        return 0, ""
    return process.returncode, json.loads(errors.splitlines()[-1])["error"]["code"]


def test_killed_processes_leave_nothing_worse() -> None:
    report = crash_many(4, seed=1, jobs=2)
    assert report.violations == []
    assert report.killed >= 4


def test_two_processes_with_one_name_make_one_image_and_one_clear_refusal(
    server: Server, tmp_path: Path
) -> None:
    create = ("create", f"--name={NAME}", "--stop")
    processes = [
        start(server, tmp_path / "state", *create, f"--instance={instance}")
        for instance in ("ins-web00001", "ins-old00001")
    ]
    results = sorted(map(result, processes))
    assert results[0] == (0, "")
    assert results[1] in ((1, "InvalidImageName.Duplicate"), (3, "ChecksFailed"))
    truth = server.truth()
    assert [image.name for image in truth.images.values()].count(NAME) == 1
    assert (
        truth.instances["ins-web00001"].state
        == truth.instances["ins-old00001"].state
        == ("RUNNING")
    )


def test_two_processes_on_one_instance_do_not_mix(server: Server, tmp_path: Path) -> None:
    create = ("create", "--stop", "--instance=ins-old00001")
    processes = [
        start(server, tmp_path / "state", *create, f"--name={name}") for name in ("v2", "v3")
    ]
    results = sorted(map(result, processes))
    assert results[0] == (0, "")
    assert results[1] in ((3, "InstanceBusy"), (3, "OperationUnfinished"))
    assert server.truth().instances["ins-old00001"].state == "RUNNING"
