"""The conformance run passes against the sandbox, and gives nothing of the account away."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType

import pytest

from cvmimg.guest.script import digests
from cvmimg.sandbox import OWNER, Sandbox
from tests.contract.recordings import (
    Recording,
    against_the_description,
    against_the_sandbox,
    load,
)

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
    assert "| clean-up | ok | instances: 1; images: 1 |" in report
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
    assert {"cvm", "cbs", "sts", "tag"} <= {one.service for one in recordings}
    for recording in recordings:
        assert against_the_description(recording) == []
        assert against_the_sandbox(recording, recording) == []


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
