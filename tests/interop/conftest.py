from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cvmimg.file_lock import file_lock
from cvmimg.sandbox import Sandbox
from tests.interop.clients import NODE, Client, NodeSdk, Tccli, TypedSdk
from tests.interop.served import Served

FAST = 1_000_000.0
"""Speed of the clock: tasks of hours end before the next request."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=FAST) as sandbox:
        yield sandbox


SEEN = Path(__file__).parent / "seen.json"
"""The actions that each client was seen to call successfully; scripts/make_coverage.py reads it.

CVMIMG_RECORD_CLIENTS=1 pytest -n 0 tests/interop    writes it anew
"""
_CLIENTS = {"tccli": "tccli", "typed-sdk": "Python SDK", "node-sdk": "Node.js SDK"}


@pytest.fixture(autouse=True)
def seen(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[None]:
    """Compare the actions that the test's client called with the recorded ones, or record them."""
    yield
    marker = request.node.get_closest_marker("client")
    parameters = getattr(request.node, "callspec", None)
    name = marker.args[0] if marker else ""
    if parameters is not None and not marker:
        name = _CLIENTS.get(parameters.params.get("client", ""), "")
    called = {f"{c['service']}.{c['action']}" for c in sandbox.call_log.read() if not c["code"]}
    recorded = json.loads(SEEN.read_text())
    if not name or called <= set(recorded.get(name, ())):
        return
    assert os.environ.get("CVMIMG_RECORD_CLIENTS"), f"{name} is not known to call all of {called}"
    recorded[name] = sorted({*recorded.get(name, ()), *called})
    SEEN.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")


@pytest.fixture
def served(sandbox: Sandbox, tmp_path: Path) -> Served:
    """Serve the sandbox over TLS, to programs that insist on it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt-get install openssl")
    return Served(sandbox, tmp_path)


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the Node.js SDK beside the script that uses it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node is not installed")
    installed = NODE / "node_modules"
    with file_lock(tmp_path_factory.getbasetemp().parent / "npm.lock"):
        if not (installed / "@tencent-sdk").exists():
            command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(command, cwd=NODE, check=True, timeout=300)
    return installed


@pytest.fixture(params=["tccli", "typed-sdk", "node-sdk"])
def client(request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path) -> Iterator[Client]:
    if request.param == "tccli":
        yield Tccli(sandbox, tmp_path)
    elif request.param == "typed-sdk":
        yield TypedSdk(sandbox)
    else:
        request.getfixturevalue("node_modules")
        with NodeSdk(sandbox) as node:
            yield node
