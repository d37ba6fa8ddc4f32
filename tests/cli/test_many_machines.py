"""Many machines that share nothing but the cloud: one of them works on an instance at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cvmimg.checks.registry import GROUPS
from cvmimg.cloud.own_tags import OPERATION_TAG

pytestmark = pytest.mark.system

MACHINES, PATIENCE = 20, 300
INSTANCE = "ins-old00001"


class Machines:
    """Machines with a folder each, and one sandbox that serves them all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._base = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CVMIMG_CONFIG": os.devnull,
        }
        self._server = self._start("server", "sandbox", "serve", "--speed", "120")
        assert self._server.stdout is not None
        lines = [self._server.stdout.readline().split() for _ in range(4)]
        self._base |= dict(word.split("=", 1) for _, word in lines)

    def run_all(self, count: int, *arguments: str) -> list[tuple[int, str, str]]:
        """Run a command on ``count`` machines at once; ``{n}`` in it is the machine's number."""
        running = [
            self._start(f"machine-{n}", *(each.replace("{n}", str(n)) for each in arguments))
            for n in range(count)
        ]
        outcomes = []
        for process in running:
            out, err = process.communicate(timeout=PATIENCE)
            outcomes.append((process.returncode, out, err))
        return outcomes

    def run(self, machine: str, *arguments: str) -> str:
        """Run a command on one machine; its output."""
        process = self._start(machine, *arguments)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err
        return out

    def close(self) -> None:
        self._server.terminate()
        self._server.communicate(timeout=PATIENCE)

    def _start(self, machine: str, *arguments: str) -> subprocess.Popen[str]:
        own = {
            "CVMIMG_STATE_DIR": str(self._folder / machine),
            "CI_JOB_URL": f"https://ci.example/jobs/{machine}",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "cvmimg", *arguments],
            env=self._base | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    machines = Machines(tmp_path)
    yield machines
    machines.close()


def tags(machines: Machines) -> dict[str, str]:
    (found,) = [
        one
        for one in json.loads(machines.run("observer", "instances", "-o", "json"))
        if one["id"] == INSTANCE
    ]
    kept: dict[str, str] = found["tags"]
    return kept


def error_of(err: str) -> dict[str, str]:
    error: dict[str, str] = json.loads(err.splitlines()[-1])["error"]
    return error


def test_of_twenty_machines_one_stops_the_instance_and_the_others_learn_which(
    machines: Machines,
) -> None:
    unread = [f"--skip-check={name}" for name in ("fstab", *GROUPS)]
    outcomes = machines.run_all(
        MACHINES,
        *("create", "--instance", INSTANCE, "--name", "old-{n}", "--stop", "--no-wait"),
        *(*unread, "-o", "json", "--no-progress"),
    )

    winners = [n for n, (code, _, _) in enumerate(outcomes) if code == 0]
    assert len(winners) == 1, [code for code, _, _ in outcomes]
    (winner,) = winners
    place = f"https://ci.example/jobs/machine-{winner}"
    for code, out, err in outcomes[:winner] + outcomes[winner + 1 :]:
        error = error_of(err)
        assert (code, out, error["code"]) == (3, "", "InstanceUsedElsewhere")
    assert place in tags(machines)[OPERATION_TAG]
    made = json.loads(machines.run("observer", "list", "--name", "old-*", "-o", "json"))
    assert [image["name"] for image in made] == [f"old-{winner}"]

    machines.run(f"machine-{winner}", "resume")

    assert OPERATION_TAG not in tags(machines)


def test_many_machines_may_take_over_at_once(machines: Machines) -> None:
    unread = [f"--skip-check={name}" for name in ("fstab", *GROUPS)]
    create = ("create", "--instance", INSTANCE, "--name", "old", "--stop", "--no-wait")
    machines.run("lost", *create, *unread)

    outcomes = machines.run_all(
        8, "resume", "--from-cloud", "--take-over", "--undo", "-o", "json", "--no-progress"
    )

    # One that looks when another one has started takes over from that one.
    assert any(code == 0 and json.loads(out) for code, out, _ in outcomes)
    for code, out, err in outcomes:
        assert code == 0 or error_of(err)["code"] == "InstanceUsedElsewhere", (code, out, err)
    assert machines.run("observer", "check", "--instance", INSTANCE, "--stop", *unread)
    assert OPERATION_TAG not in tags(machines)
