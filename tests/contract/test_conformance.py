"""The conformance run passes against the sandbox, and gives nothing of the account away."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType

import pytest

from cvmimg.guest.script import digests
from cvmimg.sandbox import OWNER, Sandbox
from cvmimg.sandbox.wire.server import Server
from tests.contract.recordings import (
    Recording,
    against_the_description,
    against_the_sandbox,
    load,
)

pytestmark = pytest.mark.system

SCRIPTS = Path(__file__).parents[2] / "scripts"


@dataclass(frozen=True)
class Run:
    """What a run against the sandbox has left.

    Attributes:
        out: what it has printed.
        code: its exit code.
        folder: what it has written.
        secrets: the keys that it was given.
    """

    out: str
    code: int
    folder: Path
    secrets: tuple[str, str]


@pytest.fixture(scope="module")
def make_conformance() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPTS))
        yield importlib.import_module("make_conformance")


@pytest.fixture(scope="module")
def run(make_conformance: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("conformance")
    with Sandbox(speed=300, guest_scripts=digests()) as sandbox:
        done = make_conformance.run_against(sandbox, folder)
        secrets = sandbox.credentials()
    return Run(done.stdout + done.stderr, done.returncode, folder / "out", secrets)


def test_every_step_passes_and_nothing_is_left(run: Run) -> None:
    report = (run.folder / "report.md").read_text()
    assert run.code == 0, run.out
    assert "FAILED" not in report
    assert "| terminate | ok | instances: 2 |" in report
    assert "| delete | ok | images: 1 |" in report
    written = "".join(path.read_text() for path in run.folder.rglob("*.*") if path.is_file())
    for private in ("ins-web00001", "img-webv1000", OWNER, *run.secrets):
        assert private not in written


def test_the_docs_show_the_report_of_this_run(run: Run, make_conformance: ModuleType) -> None:
    report = (run.folder / "report.md").read_text()
    assert make_conformance.page(report) == make_conformance.PAGE.read_text()


def test_its_recordings_can_be_replayed(run: Run) -> None:
    recordings = load(run.folder / "recordings")
    assert {one.name for one in recordings} == {
        f"{datetime.now(timezone.utc).date().isoformat()}-ap-guangzhou"
    }
    assert {"cvm", "cbs", "sts", "tag", "tat"} <= {one.service for one in recordings}
    assert {"CreateImage", "DeleteImages", "RunInstances"} <= {one.action for one in recordings}
    for recording in recordings:
        assert against_the_description(recording) == []
        assert against_the_sandbox(recording, recording) == []


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=300, guest_scripts=digests()) as sandbox:
        yield sandbox


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[Server]:
    with Server(sandbox.handle) as server:
        yield server


def objects(sandbox: Sandbox, kind: str) -> set[str]:
    with sandbox.store.transaction(write=False) as view:
        return {
            found["Id"] for found in view.all(kind, OWNER, "ap-guangzhou") if "Gone" not in found
        }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_cleans_up_and_reports(
    make_conformance: ModuleType,
    sandbox: Sandbox,
    server: Server,
    tmp_path: Path,
    number: signal.Signals,
) -> None:
    before = objects(sandbox, "image"), objects(sandbox, "instance")
    process = subprocess.Popen(
        make_conformance.command(tmp_path),
        env=make_conformance.environment(sandbox, server, tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("price:"):
            break
    while objects(sandbox, "image") == before[0]:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 130, out
    report = (tmp_path / "out" / "report.md").read_text()
    assert "| create-online | FAILED | interrupted |" in report
    assert "| delete | ok | images: 1 |" in report
    assert (objects(sandbox, "image"), objects(sandbox, "instance")) == before


@pytest.mark.parametrize(
    ("words", "changes", "code", "said"),
    [
        (["--instance", "ins-nope0001"], {}, 4, "ins-nope0001"),
        (["--instance", "ins-stop0001"], {}, 3, "ins-stop0001 is not running"),
        (["--instance", ""], {}, 2, "INSTANCE="),
        ([], {"TENCENTCLOUD_SECRET_ID": "", "TENCENTCLOUD_SECRET_KEY": ""}, 5, "credentials"),
        ([], {"TENCENTCLOUD_REGION": ""}, 2, "TENCENTCLOUD_REGION"),
        ([], {"CVMIMG_SANDBOX": "1"}, 2, "--sandbox"),
        ([], {"CVMIMG_PROFILE": "work"}, 2, "work"),
        ([], {"CVMIMG_CONFIG": "/missing.toml"}, 2, "/missing.toml"),
    ],
)
def test_what_cannot_work_is_said_in_a_sentence(
    make_conformance: ModuleType,
    sandbox: Sandbox,
    server: Server,
    tmp_path: Path,
    words: list[str],
    changes: dict[str, str],
    code: int,
    said: str,
) -> None:
    environment = make_conformance.environment(sandbox, server, tmp_path) | changes
    done = subprocess.run(
        [*make_conformance.command(tmp_path), *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert said in done.stderr


def test_nobody_to_ask_means_no(
    make_conformance: ModuleType, sandbox: Sandbox, server: Server, tmp_path: Path
) -> None:
    words = [word for word in make_conformance.command(tmp_path) if word != "--yes"]
    done = subprocess.run(
        words,
        env=make_conformance.environment(sandbox, server, tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "0.41 CNY an hour each" in done.stdout
    assert not (tmp_path / "out").exists()


@pytest.fixture
def conformance(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("conformance")


def test_the_processes_of_cvmimg_use_the_same_account_but_no_options_of_commands(
    conformance: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[profiles.prod]\nregion = "ap-shanghai"\ncredentials = "work"\ndomain = "intl"\n'
        "[profiles.prod.create]\nkeep = 1\n"
    )
    keys = tmp_path / ".tccli" / "work.credential"
    keys.parent.mkdir()
    keys.write_text('{"secretId": "AKIDwork", "secretKey": "key"}')
    for name in list(os.environ):
        if name.startswith(("CVMIMG_", "TENCENTCLOUD_", "TKE_", "TCCLI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CVMIMG_CONFIG", str(config))
    monkeypatch.setenv("CVMIMG_PROFILE", "prod")
    account = conformance.Account.find(conformance.Recorder())
    assert account.cloud.credentials.secret_id == "AKIDwork"
    assert account.cloud.link.endpoint.root_domain == "intl.tencentcloudapi.com"
    environment = account.environment(tmp_path)
    assert "CVMIMG_PROFILE" not in environment
    assert Path(environment["CVMIMG_CONFIG"]).read_text() == (
        '[profiles.default]\nregion = "ap-shanghai"\ndomain = "intl"\ncredentials = "work"\n'
    )


@pytest.mark.parametrize("recording", load(), ids=lambda one: f"{one.name}-{one.action}")
def test_the_sandbox_answers_as_was_recorded(recording: Recording, run: Run) -> None:
    sandbox = {(one.service, one.action): one for one in load(run.folder / "recordings")}
    found = against_the_sandbox(recording, sandbox.get((recording.service, recording.action)))
    assert found == []


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
        "Tags": [{"Key": "payroll-team", "Value": "secret-project"}],
        "IPv6Addresses": ["2402:4e00:1013::1", "2402:4e00:1:2:3:4:5:6"],
        "CreatedTime": "2026-11-23T08:00:00Z",
        "AppId": 1250001234,
        "Arn": "qcs::sts:100012345678:assumed-role/payroll-admin",
        "TaskResult": {"Output": "c2VjcmV0", "ExitCode": 0},
        "Disk": {"InstanceId": "ins-1a2b3c4d", "Size": 50, "Encrypt": False, "Kms": None},
    }
    anonymous = anonymise(answer)
    text = json.dumps(anonymous)
    for private in ("1a2b3c4d", "payroll", "10.1.2.3", "100012345678", "secret-project"):
        assert private not in text
    for private in ("2402", "1250001234", "c2VjcmV0"):
        assert private not in text
    assert anonymous["CreatedTime"] == answer["CreatedTime"]
    assert isinstance(anonymous["AppId"], int)
    assert anonymous["InstanceId"] == anonymous["Disk"]["InstanceId"]
    assert anonymous["OsName"] == answer["OsName"]
    assert anonymous["Disk"]["Size"] == 50
