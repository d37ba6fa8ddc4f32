"""docs/sandbox.md matches the sandbox."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from cvmimg.cli.commands.sandbox import serve
from cvmimg.sandbox import Sandbox
from cvmimg.sandbox.control import _ROUTES, PREFIX
from cvmimg.sandbox.faults import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_it_explains_every_kind_of_fault() -> None:
    rows = re.findall(r"^\| (`[a-z].*?) \|", PAGE, re.MULTILINE)
    expected = {word for row in rows for word in re.findall(r"`([a-z-]+)", row)}
    assert expected >= KINDS


def test_the_help_of_serve_lists_every_kind_of_fault() -> None:
    described = serve.help or ""
    assert {kind for kind in KINDS if kind not in described} == set()


def test_its_world_can_be_loaded() -> None:
    example = re.search(r"```yaml\n(.+?)```", PAGE, re.DOTALL)
    assert example
    with Sandbox(world=yaml.safe_load(example[1])) as sandbox:
        assert sandbox.status()["documents"]["instance"] == 2


def test_it_lists_every_control_path() -> None:
    assert all(f"| `{method} {PREFIX}{path}` |" in PAGE for method, path in _ROUTES)
