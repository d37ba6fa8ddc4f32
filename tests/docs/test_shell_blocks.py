"""The shell commands of the docs run as they are written, in real processes, on the sandbox.

``console`` blocks are run by ``scripts/make_examples.py``, which compares their output.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from tests.docs.pages import PAGES, ROOT, Block, blocks

pytestmark = pytest.mark.system

SHELL = ("shell", "sh", "bash")
NEEDED = ("bash", "jq")
_OUTPUT = re.compile(r"\$\{\{ *steps\.[\w-]+\.outputs\.([\w-]+) *\}\}")
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
_YOURS = re.compile(r"ins-(xxx\b|1a2b3c4d)")
"""Ids that stand for the reader's."""
_STUB = "#!/bin/sh\nexit 0\n"


def commands(block: Block) -> str:
    """What a block has a shell do: all of a shell block, the ``run`` lines of a CI job."""
    if block.not_run:
        return ""
    if block.language in SHELL:
        return block.text
    if block.language == "yaml" and "cvmimg" in block.text:
        return "\n".join(_run_lines(yaml.safe_load(block.text)))
    return ""


def _without_expressions(script: str) -> str:
    """Do for a step of a CI job what the runner does: fill in outputs of earlier steps."""
    read = r"""$(sed -n 's/^\1=//p' "$GITHUB_OUTPUT" | tail -n 1)"""
    return _EXPRESSION.sub("v7", _OUTPUT.sub(read, script))


def _run_lines(node: object) -> Iterator[str]:
    """The commands of a job's steps: ``run`` of GitHub Actions, ``script`` of GitLab CI."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "run" and isinstance(value, str):
                yield value
            elif key == "script" and isinstance(value, list):
                yield from map(str, value)
            else:
                yield from _run_lines(value)
    elif isinstance(node, list):
        for each in node:
            yield from _run_lines(each)


RUN = [page for page in PAGES if any(commands(block) for block in blocks(page))]


@pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"needs {' and '.join(NEEDED)}")
@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_shell_blocks_of_a_page_run(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        script = _YOURS.sub("ins-web00001", _without_expressions(commands(block)))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env=_environment(tmp_path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


def _environment(folder: Path) -> dict[str, str]:
    """What a user has who follows the docs: cvmimg on the PATH, and the sandbox chosen."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    for installer in ("pipx", "uv"):  # scripts/try_packages.sh runs them
        stub = programs / installer
        stub.write_text(_STUB, encoding="utf-8")
        stub.chmod(0o755)
    return {
        "CVMIMG_SANDBOX": "1",
        "CVMIMG_SANDBOX_SPEED": "240",  # a probe instance lives for an hour
        "CVMIMG_STATE_DIR": str(folder / "state"),
        "CVMIMG_YES": "1",
        "GIT_SHA": "0a1b2c3",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_REF_NAME": "v7",
        "HOME": str(folder),
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_console_block_is_without_output_or_reason(page: Path) -> None:
    """Others than cvmimg are not run by make_examples.py, so the page has to say why."""
    silent = [
        str(block)
        for block in blocks(page)
        if block.language == "console" and not block.not_run and not _is_example(block)
    ]

    assert silent == []


def _is_example(block: Block) -> bool:
    asked = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
    return bool(asked) and all(line.startswith("cvmimg ") or line == "echo $?" for line in asked)
