"""The action on a simulated runner, against a sandbox that serves HTTP."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cvmimg.guest.script import digests
from cvmimg.sandbox import Sandbox
from tests.ci.runner import Runner
from tests.support.tc3 import Client

SPEED = 300.0
REGION = "ap-guangzhou"


@dataclass
class Served:
    """A sandbox that is served, and what is true in it."""

    sandbox: Sandbox
    url: str

    @property
    def variables(self) -> dict[str, str]:
        """The variables that set a client up."""
        secret_id, secret_key = self.sandbox.credentials()
        return {
            "CVMIMG_ENDPOINT": self.url,
            "TENCENTCLOUD_SECRET_ID": secret_id,
            "TENCENTCLOUD_SECRET_KEY": secret_key,
            "TENCENTCLOUD_REGION": REGION,
        }

    def call(
        self, service: str, action: str, *, region: str = REGION, **params: Any
    ) -> dict[str, Any]:
        """Call an action as the owner, past the network."""
        secret_id, secret_key = self.sandbox.credentials()
        client = Client(self.sandbox.handle, secret_id, secret_key, time.time(), region=region)
        answer = client.call(service, action, **params)
        assert "Error" not in answer, answer
        return answer

    def instance(self, instance_id: str) -> dict[str, Any]:
        (found,) = self.call("cvm", "DescribeInstances", InstanceIds=[instance_id])["InstanceSet"]
        return dict(found)

    def images(self, name: str, region: str = REGION) -> list[dict[str, Any]]:
        """The images of exactly this name."""
        wanted = [{"Name": "image-name", "Values": [name]}]
        found = self.call("cvm", "DescribeImages", region=region, Filters=wanted)
        return list(found["ImageSet"])

    def instances(self) -> set[str]:
        found = self.call("cvm", "DescribeInstances", Limit=100)["InstanceSet"]
        return {each["InstanceId"] for each in found}

    def fstab(self, instance_id: str) -> str:
        """What /etc/fstab of an instance holds now."""
        path = self.sandbox.guests.root(instance_id) / "etc/fstab"
        if path.exists():
            return path.read_text(encoding="utf-8")
        with self.sandbox.store.transaction(write=False) as view:
            document = view.get("instance", instance_id)
            assert document is not None
            return str(document["Guest"]["fstab"])

    def backups(self, instance_id: str) -> list[str]:
        """What stands beside fstab that was not there before."""
        folder = self.sandbox.guests.root(instance_id) / "etc"
        return sorted(path.name for path in folder.glob("fstab?*"))


@contextmanager
def served_sandbox() -> Iterator[Served]:
    """Serve a sandbox of its own."""
    with Sandbox(speed=SPEED, guest_scripts=digests()) as sandbox:
        yield Served(sandbox, sandbox.serve(0).url)


@contextmanager
def new_runner(served: Served, folder: Path) -> Iterator[Runner]:
    """Start a runner whose jobs reach this sandbox; what still runs in the end is killed."""
    machine = Runner(folder, served.variables)
    try:
        yield machine
    finally:
        machine.end()


@pytest.fixture(autouse=True)
def require_node() -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")


@pytest.fixture
def served() -> Iterator[Served]:
    with served_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def runner(served: Served, tmp_path: Path) -> Iterator[Runner]:
    with new_runner(served, tmp_path / "runner") as machine:
        yield machine
