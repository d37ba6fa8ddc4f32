"""The examples in the folder of that name."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cvmimg.cli.commands.sandbox import serve
from cvmimg.sandbox import Sandbox
from tests.support.tccli import ROOT

pytestmark = pytest.mark.interop

EXAMPLES = ROOT / "examples"


def test_the_node_example_creates_an_image(sandbox: Sandbox, node_modules: Path) -> None:
    secret_id, secret_key = sandbox.credentials()
    done = subprocess.run(
        ["node", EXAMPLES / "node" / "create-image.js", "ins-web00001", "from-node"],
        env={
            "PATH": "/usr/bin:/bin",
            "NODE_PATH": str(node_modules),
            "CVMIMG_ENDPOINT": sandbox.serve().url,
            "TENCENTCLOUD_SECRET_ID": secret_id,
            "TENCENTCLOUD_SECRET_KEY": secret_key,
            "TENCENTCLOUD_REGION": "ap-guangzhou",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert re.fullmatch(r"img-[a-z0-9]{8} NORMAL\n", done.stdout), done.stderr


def test_the_terraform_example_is_formatted() -> None:
    terraform = shutil.which("terraform")
    if terraform is None:
        pytest.skip("terraform is not installed; its provider comes from a registry of its own")
    command = [terraform, "fmt", "-check", "-diff", EXAMPLES / "terraform"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_containerfile_copies_and_runs_what_exists() -> None:
    text = (ROOT / "Containerfile").read_text()
    copied = [word for line in re.findall(r"^COPY (.+) \S+$", text, re.M) for word in line.split()]
    assert copied
    assert all((ROOT / word).exists() for word in copied)
    options = {option for parameter in serve.params for option in parameter.opts}
    used = set(re.findall(r"(--[a-z]+)", text.partition("cvmimg sandbox serve")[2]))
    assert used
    assert used <= options
