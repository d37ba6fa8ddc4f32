"""The conformance run passes against the sandbox, and gives nothing of the account away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cvmimg.guest.script import digests
from cvmimg.sandbox import OWNER, Sandbox
from cvmimg.sandbox.wire.server import Server

SCRIPTS = Path(__file__).parents[2] / "scripts"


def run_conformance(sandbox: Sandbox, folder: Path) -> subprocess.CompletedProcess[str]:
    secret_id, secret_key = sandbox.credentials()
    with Server(sandbox.handle) as server:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SCRIPTS),
            "CVMIMG_CONFIG": os.devnull,
            "CVMIMG_STATE_DIR": str(folder / "state"),
            "CVMIMG_ENDPOINT": server.url,
            "CVMIMG_CONFORMANCE_POLL": "0.1",
            "TENCENTCLOUD_REGION": "ap-guangzhou",
            "TENCENTCLOUD_SECRET_ID": secret_id,
            "TENCENTCLOUD_SECRET_KEY": secret_key,
        }
        command = [sys.executable, str(SCRIPTS / "conformance.py"), "--yes"]
        command += ["--instance", "ins-web00001", "--out", str(folder / "out")]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )


def test_every_step_passes_and_nothing_is_left(tmp_path: Path) -> None:
    with Sandbox(speed=600, guest_scripts=digests()) as sandbox:
        done = run_conformance(sandbox, tmp_path)
        secret_id, secret_key = sandbox.credentials()

    report = (tmp_path / "out" / "report.md").read_text()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in report
    assert "| clean-up | ok | instances: 1; images: 1 |" in report
    written = "".join(path.read_text() for path in (tmp_path / "out").rglob("*.*"))
    for private in ("ins-web00001", "img-webv1000", OWNER, secret_id, secret_key):
        assert private not in written


@pytest.fixture
def anonymise(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    from recording import Anonymiser

    return Anonymiser()


def test_what_belongs_to_an_account_is_replaced(anonymise: object) -> None:
    assert callable(anonymise)
    answer = {
        "InstanceId": "ins-1a2b3c4d",
        "InstanceName": "payroll",
        "PrivateIpAddresses": ["10.1.2.3"],
        "ImageCreator": "100012345678",
        "OsName": "Ubuntu Server 22.04 LTS 64bit",
        "Tags": [{"Key": "team", "Value": "secret-project"}],
        "Disk": {"InstanceId": "ins-1a2b3c4d", "Size": 50, "Encrypt": False, "Kms": None},
    }
    anonymous = anonymise(answer)
    text = json.dumps(anonymous)
    for private in ("1a2b3c4d", "payroll", "10.1.2.3", "100012345678", "secret-project"):
        assert private not in text
    assert anonymous["InstanceId"] == anonymous["Disk"]["InstanceId"]
    assert anonymous["OsName"] == answer["OsName"]
    assert anonymous["Disk"]["Size"] == 50
