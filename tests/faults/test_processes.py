"""Real processes against a real socket: SIGKILL, and two at once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud, Endpoint
from cvmimg.cloud.credentials import Credentials
from cvmimg.durable.journal.journal import has_unfinished
from cvmimg.guest.script import digests
from cvmimg.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
NAME = "web-v2"


class Stage:
    """A served sandbox, fast, and processes that come and go."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._credentials = sandbox.credentials()
        self._url = sandbox.serve().url
        self.state_dir = folder
        self.cloud = Cloud.connect(
            Credentials(*self._credentials), "ap-guangzhou", endpoint=Endpoint.parse(self._url)
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.faults.child", self._url, *self._credentials]
        return subprocess.Popen(
            [*command, str(self.state_dir), *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    def images(self) -> list[str]:
        images = cvm.describe_images(self.cloud, image_type=cvm.PRIVATE)
        return [image.image_state for image in images if image.image_name == NAME]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Sandbox(speed=2000, guest_scripts=digests()) as sandbox:
        yield Stage(sandbox, tmp_path)


@pytest.mark.parametrize(
    ("action", "when"),
    [
        ("StopInstances", "before"),
        ("StopInstances", "after"),
        ("CreateImage", "before"),
        ("CreateImage", "after"),
        ("StartInstances", "after"),
    ],
)
def test_a_killed_process_is_made_good_by_resume(stage: Stage, action: str, when: str) -> None:
    killed = stage.start("ins-old00001", NAME, action, "1", when)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert has_unfinished(stage.state_dir)
    resumed = stage.start("-", "-")
    assert resumed.communicate(timeout=120)[0] == "ok\n"
    assert stage.images() == ["NORMAL"]
    assert cvm.describe_instance(stage.cloud, "ins-old00001").instance_state == "RUNNING"
    assert not has_unfinished(stage.state_dir)


def test_two_processes_with_one_name_make_one_image_and_one_clear_refusal(stage: Stage) -> None:
    processes = [stage.start(one, NAME) for one in ("ins-web00001", "ins-old00001")]
    answers = sorted(process.communicate(timeout=120)[0] for process in processes)
    assert answers[1] == "ok\n"
    assert "failed=['name'" in answers[0] or "InvalidImageName.Duplicate" in answers[0]
    assert stage.images() == ["NORMAL"]
    assert cvm.describe_instance(stage.cloud, "ins-old00001").instance_state == "RUNNING"


def test_two_processes_on_one_instance_do_not_mix(stage: Stage) -> None:
    processes = [stage.start("ins-old00001", name) for name in (NAME, "web-v3")]
    answers = sorted(process.communicate(timeout=120)[0] for process in processes)
    assert answers[1] == "ok\n"
    assert answers[0].startswith(("3 InstanceBusy", "3 OperationUnfinished"))
    assert cvm.describe_instance(stage.cloud, "ins-old00001").instance_state == "RUNNING"
