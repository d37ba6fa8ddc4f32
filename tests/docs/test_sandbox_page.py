"""The commands of docs/sandbox.md that need a server that runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, blocks

pytestmark = pytest.mark.system


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What the four lines of ``cvmimg sandbox serve`` set."""
    given = {
        "CVMIMG_STATE_DIR": str(tmp_path),
        "HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    with subprocess.Popen(
        ["cvmimg", "sandbox", "serve"], env=given, stdout=subprocess.PIPE, text=True
    ) as serving:
        assert serving.stdout is not None
        lines = [serving.stdout.readline() for _ in range(4)]
        exported = [re.fullmatch(r"export (\w+)=(\S+)\n", line) for line in lines]
        yield given | {match[1]: match[2] for match in exported if match}
        serving.terminate()


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_its_requests_are_answered(environment: dict[str, str]) -> None:
    commands = [
        block.text.replace("$ curl", "curl --fail --silent", 1)
        for block in blocks(DOCS / "sandbox.md")
        if block.text.startswith("$ curl")
    ]
    assert commands

    for command in commands:
        done = subprocess.run(
            ["bash", "-euc", command], env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        assert "error" not in json.loads(done.stdout)
