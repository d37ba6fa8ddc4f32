"""A sandbox on a clock that only the test moves, and a client of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cvmimg.sandbox import NEIGHBOUR, OWNER, Sandbox
from tests.contract.answers import problems
from tests.support.tc3 import Client

START = 1_795_400_000.0
"""2026-11-23, in seconds since the epoch."""


class Cloud:
    """A sandbox, and the account that owns its world.

    Its time runs at the speed of the test's clock. Every answer is held against the official
    description.
    """

    def __init__(self, **options: Any) -> None:
        self.now = START
        self.sandbox = Sandbox(speed=1, clock=lambda: self.now, **options)

    def wait(self, seconds: float) -> None:
        """Let time pass in the simulated cloud."""
        self.now += seconds

    def ask(
        self,
        action: str,
        params: Mapping[str, Any] | None = None,
        *,
        service: str = "cvm",
        region: str = "ap-guangzhou",
        account: str = OWNER,
    ) -> dict[str, Any]:
        """The object "Response"."""
        client = Client(
            self.sandbox.handle, *self.sandbox.credentials(account), now=self.now, region=region
        )
        answer = client.call(service, action, **(params or {}))
        assert problems(service, action, answer) == []
        return answer

    def do(self, action: str, *, fault: str = "", **params: Any) -> dict[str, Any]:
        """The answer of a cvm action that must succeed; ``fault`` befalls it."""
        if fault:
            self.sandbox.faults.add(f"{action}:{fault}:times=1")
        answer = self.ask(action, params)
        assert "Error" not in answer, answer["Error"]
        return answer

    def cbs(self, action: str, **params: Any) -> dict[str, Any]:
        """The answer of a cbs action that must succeed."""
        answer = self.ask(action, params, service="cbs")
        assert "Error" not in answer, answer["Error"]
        return answer

    def refusal(self, action: str, *, service: str = "cvm", **params: Any) -> str:
        """The code that an action is refused with, or "ok"."""
        answer = self.ask(action, params, service=service)
        code: str = answer.get("Error", {}).get("Code", "ok")
        return code

    def create(self, name: str = "new", instance: str = "ins-web00001", **params: Any) -> str:
        """Begin an image of an instance; its id."""
        answer = self.do("CreateImage", ImageName=name, InstanceId=instance, **params)
        return str(answer["ImageId"])

    def created(self, name: str = "new", instance: str = "ins-web00001", **params: Any) -> str:
        """Make an image of an instance, and wait until it is done; its id."""
        image = self.create(name, instance, **params)
        self.wait(7200)
        return image

    def image(self, image: str, region: str = "ap-guangzhou", account: str = OWNER) -> Any:
        """The image as it is listed, or None."""
        answer = self.ask("DescribeImages", {"ImageIds": [image]}, region=region, account=account)
        return next(iter(answer["ImageSet"]), None)

    def image_state(self, image: str, region: str = "ap-guangzhou") -> str | None:
        """The state of an image as it is listed, or None."""
        found = self.image(image, region)
        return found and found["ImageState"]

    def instance(self, instance: str) -> Any:
        """The instance as it is listed, or None."""
        return next(iter(self.do("DescribeInstances", InstanceIds=[instance])["InstanceSet"]), None)

    def state(self, instance: str) -> str | None:
        """The state of an instance, or None."""
        found = self.instance(instance)
        return found and found["InstanceState"]

    def launch(self, image: str = "img-487zeit5", **params: Any) -> list[str]:
        """Start instances; their ids."""
        placement = {"Placement": {"Zone": "ap-guangzhou-7"}}
        answer = self.do("RunInstances", **{"ImageId": image, **placement, **params})
        return list(answer["InstanceIdSet"])

    def snapshot(self, snapshot: str) -> Any:
        """The snapshot as it is listed, or None."""
        answer = self.cbs("DescribeSnapshots", SnapshotIds=[snapshot])
        return next(iter(answer["SnapshotSet"]), None)


__all__ = ["NEIGHBOUR", "OWNER", "START", "Cloud"]
