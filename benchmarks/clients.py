"""The commands that are compared, and the environment they run in."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.measure import Comparison, compare, run, run_all
from benchmarks.report import Row

ROOT = Path(__file__).resolve().parent.parent
CVMIMG = str(Path(sys.executable).parent / "cvmimg")
CREATING = [sys.executable, str(ROOT / "benchmarks" / "creating.py")]
PEERS = ROOT / ".venv-interop"
TCCLI = str(PEERS / "bin" / "tccli")
REPLAY = [str(PEERS / "bin" / "python"), str(ROOT / "benchmarks" / "replay.py")]


def environment(home: Path, server: Mapping[str, str] | None = None) -> dict[str, str]:
    """A bare environment with a home of its own, and the server's address and keys."""
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "CVMIMG_STATE_DIR": str(home / "state"),
        **(server or {}),
    }


def tccli_images(server: Mapping[str, str], *more: str) -> list[str]:
    """The peer's command that lists images."""
    return [TCCLI, "cvm", "DescribeImages", "--endpoint", server["CVMIMG_ENDPOINT"], *more]


def against(
    what: str,
    goal: float,
    ours: Sequence[str],
    theirs: Sequence[Sequence[str]],
    env: Mapping[str, str],
    peer: str,
) -> Row:
    """Compare one command of ours with one or more of theirs, by time."""
    result = compare(lambda: run(ours, env), lambda: run_all(theirs, env))
    return time_row(what, goal, result, peer)


def time_row(what: str, goal: float | None, result: Comparison, peer: str) -> Row:
    """A comparison by time."""
    return Row(
        what,
        f"{result.ours * 1000:,.0f} ms",
        f"{result.theirs * 1000:,.0f} ms ({peer})",
        result.ratio,
        goal,
    )


def recorded_calls(recording: Path) -> str:
    """What the server wrote down, as ``benchmarks/replay.py`` takes it."""
    lines = recording.read_text(encoding="utf-8").splitlines()
    return json.dumps([json.loads(line) for line in lines])
