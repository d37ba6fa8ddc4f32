"""Commands run in this process, against a world of their own."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cvmimg.cli.app import run
from cvmimg.cli.commands import ALIASES, HELP
from cvmimg.cli.settings import Invocation
from cvmimg.cloud.client import Cloud, Link
from cvmimg.workflows.permissions import ACTIONS, ROLE_ACTIONS
from tests.support.clock import FakeClock


@dataclass(frozen=True)
class Outcome:
    """What a command left: its exit code and its two streams."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The error object of ``-o json``: the last line on stderr."""
        error: dict[str, Any] = json.loads(self.err.splitlines()[-1])["error"]
        return error


Run = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Nothing of the machine's own settings."""
    for name in list(os.environ):
        if name.startswith(_PREFIXES) or name in _TERMINAL:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CVMIMG_STATE_DIR", str(tmp_path / "state"))
    config = tmp_path / "config.toml"
    config.touch()
    monkeypatch.setenv("CVMIMG_CONFIG", str(config))
    monkeypatch.setattr(Invocation, "current", Invocation())
    return monkeypatch


_PREFIXES = ("CVMIMG_", "TENCENTCLOUD_", "TKE_", "TCCLI_")
_TERMINAL = (
    "GITHUB_ACTIONS",
    "GITHUB_RUN_ID",
    "CI_PIPELINE_ID",
    "CNB_BUILD_ID",
    "BUILD_TAG",
    "CI",
    "NO_COLOR",
    "FORCE_COLOR",
    "TERM",
    "COLUMNS",
)


@pytest.fixture
def clock() -> FakeClock:
    """Time that passes only in sleeps; the SDK signs by the machine's, so it starts there."""
    return FakeClock(time.time())


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The actions that commands have called, such as "cvm:DescribeImages"."""
    actions: set[str] = set()
    send = Link.send

    def noted(link: Link, cloud: Cloud, service: str, action: str, *more: Any) -> Any:
        actions.add(f"{service}:{action}")
        return send(link, cloud, service, action, *more)

    monkeypatch.setattr(Link, "send", noted)
    return actions


def require_in_table(arguments: Sequence[str], actions: set[str]) -> None:
    """Every action that a command calls has to be in the table that ``policy`` prints."""
    words = [ALIASES.get(word, word) for word in arguments]
    command = next((word for word in words if word in HELP), "")
    if command != "doctor":
        unknown = actions - ACTIONS.get(command, frozenset()) - ROLE_ACTIONS
        assert not unknown, f"workflows/permissions.py lacks {unknown} for {command}"


@pytest.fixture
def cvmimg(capfd: pytest.CaptureFixture[str], clock: FakeClock, called: set[str]) -> Run:
    """Runs a command."""

    def command(*arguments: str) -> Outcome:
        capfd.readouterr()
        called.clear()
        code = run(arguments, Invocation(clock=clock))
        captured = capfd.readouterr()
        require_in_table(arguments, called)
        return Outcome(code, captured.out, captured.err)

    return command


@pytest.fixture
def sandbox(environment: pytest.MonkeyPatch) -> None:
    """All commands talk to the sandbox."""
    environment.setenv("CVMIMG_SANDBOX", "1")


@pytest.fixture
def config(tmp_path: Path) -> Callable[[str], None]:
    """Writes the config file."""

    def write(text: str) -> None:
        (tmp_path / "config.toml").write_text(text, encoding="utf-8")

    return write
