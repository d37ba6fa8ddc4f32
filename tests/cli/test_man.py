"""The man pages: one for each command, packaged, and read by man without complaints."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from cvmimg.cli.commands import HELP

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
PAGES = ["cvmimg", *(f"cvmimg-{name}" for name in HELP)]


def test_every_command_has_a_page_and_no_page_is_left_over() -> None:
    assert {path.stem for path in (ROOT / "man").iterdir()} == set(PAGES)


def test_an_installation_has_the_pages_where_man_looks() -> None:
    files = metadata.files("cvmimg") or []
    packed = {path.name: path.locate() for path in files if path.parent.match("share/man/man1")}

    assert set(packed) == {f"{name}.1.gz" for name in PAGES}
    for name in PAGES:
        text = gzip.decompress(Path(packed[f"{name}.1.gz"]).read_bytes())
        assert text.startswith(b'.\\" Made by scripts/make_man.py')


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
