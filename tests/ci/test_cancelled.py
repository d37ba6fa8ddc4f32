"""A job that is cut short at any stage leaves no stopped server, no edited fstab and no tag."""

from __future__ import annotations

import pytest

from tests.ci.conftest import Served
from tests.ci.runner import Runner

INSTANCE = "ins-data0001"
CREATE = {
    "command": "create",
    "instance": INSTANCE,
    "name": "web-v2",
    "stop": "true",
    "fix-fstab": "true",
}
STAGES = ("check", "tag", "fstab", "stop", "request", "image", "start", "restore")


@pytest.mark.parametrize("stage", STAGES)
def test_a_cancelled_step_is_rolled_back(runner: Runner, served: Served, stage: str) -> None:
    before = State(served)
    step = runner.begin(**CREATE)
    step.until(f"[{stage}]")
    step.cancel()
    post = runner.post(step)

    assert post.code == 0, (step.log, post.log)
    before.assert_restored()


class State:
    """What must be as before, whatever happens to the job."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._fstab = served.fstab(INSTANCE)
        self._instances = served.instances()
        self._tags = served.instance(INSTANCE)["Tags"]

    def assert_restored(self) -> None:
        """Assert that the server runs as before and nothing temporary is left."""
        instance = self._served.instance(INSTANCE)
        assert instance["InstanceState"] == "RUNNING"
        assert self._served.fstab(INSTANCE) == self._fstab
        assert self._served.backups(INSTANCE) == []
        assert self._served.instances() == self._instances
        assert instance["Tags"] == self._tags
