"""The man pages: one for each command, packaged, and read by man without complaints."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from cvmimg.cli.commands import HELP

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
PAGES = ["cvmimg", *(f"cvmimg-{name}" for name in HELP)]


def test_every_command_has_a_page_and_no_page_is_left_over() -> None:
    assert {path.stem for path in (ROOT / "man").iterdir()} == set(PAGES)


def test_the_pages_are_packaged_where_man_looks() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    assert '"man" = "share/man/man1"' in project


@pytest.mark.parametrize("name", PAGES)
def test_man_renders_a_page(name: str) -> None:
    man = shutil.which("man") or shutil.which("mandoc")
    if man is None:
        pytest.skip("man is not installed")
    words = [man, "-l"] if man.endswith("man") else [man]

    done = subprocess.run(
        [*words, str(ROOT / "man" / f"{name}.1")],
        env={"PATH": "/usr/bin:/bin", "TERM": "dumb", "MANPAGER": "cat", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert name.upper() in done.stdout
    assert done.stderr == ""
