"""The examples in the folder of that name."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from unittest.mock import MagicMock

import pytest
import requests

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


class ServedContainer:
    """Stands for the DockerContainer of testcontainers: the sandbox of this checkout."""

    def __init__(self, image: str) -> None:
        self.image = image
        self.exposed: list[int] = []

    def with_exposed_ports(self, *ports: int) -> None:
        self.exposed += ports

    def waiting_for(self, _: object) -> None:
        """Nothing: ``start`` reads all that the sandbox prints first."""

    def start(self) -> None:
        command = [sys.executable, "-m", "cvmimg", "sandbox", "serve", "--port", "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._printed = b"".join(self._process.stdout.readline() for _ in range(4))

    def get_logs(self) -> tuple[bytes, bytes]:
        return self._printed, b""

    def get_exposed_port(self, port: int) -> str:
        assert port in self.exposed
        (found,) = re.findall(rb"ENDPOINT=http://127.0.0.1:([0-9]+)", self._printed)
        return str(found.decode())

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=30)


def test_the_testcontainers_example_reads_what_the_sandbox_prints(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CVMIMG_STATE_DIR", str(tmp_path))
    container, waiting = ModuleType("container"), ModuleType("wait_strategies")
    container.DockerContainer = ServedContainer  # type: ignore[attr-defined]
    waiting.LogMessageWaitStrategy = MagicMock()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "testcontainers.core.container", container)
    monkeypatch.setitem(sys.modules, "testcontainers.core.wait_strategies", waiting)
    example = runpy.run_path(str(EXAMPLES / "testcontainers" / "sandbox_container.py"))
    served = example["SandboxContainer"]()
    served.start()
    try:
        keys = [served.environment[f"TENCENTCLOUD_SECRET_{name}"] for name in ("ID", "KEY")]
        answer = requests.get(
            f"{served.endpoint}/sandbox/status",
            headers={"Authorization": f"Bearer {keys[1]}"},
            timeout=30,
        )
        assert answer.status_code == 200
        assert served.environment["TENCENTCLOUD_REGION"] == "ap-guangzhou"
    finally:
        served.stop()


def test_the_containerfile_copies_and_runs_what_exists() -> None:
    text = (ROOT / "Containerfile").read_text()
    copied = [word for line in re.findall(r"^COPY (.+) \S+$", text, re.M) for word in line.split()]
    assert copied
    assert all((ROOT / word).exists() for word in copied)
    hooks = re.findall(r'hooks\.custom\]\npath = "(.+)"', (ROOT / "pyproject.toml").read_text())
    assert hooks
    assert set(hooks) <= set(copied)
    options = {option for parameter in serve.params for option in parameter.opts}
    used = set(re.findall(r"(--[a-z]+)", text.partition("cvmimg sandbox serve")[2]))
    assert used
    assert used <= options
