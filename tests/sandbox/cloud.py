"""A sandbox with a manual clock, and a client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cvmimg.sandbox import NEIGHBOUR, OWNER, Sandbox
from tests.contract.answers import problems
from tests.support.tc3 import Client

START = 1_795_400_000.0
"""2026-11-23, in seconds since the epoch."""


class Cloud:
    """A sandbox, called as the owner of its world.

    Its time is the test's clock. Every answer is checked against the official description.
    """

    def __init__(self, **options: Any) -> None:
        self.now = START
        self.sandbox = Sandbox(speed=1, clock=lambda: self.now, **options)

    def wait(self, seconds: float) -> None:
        """Advance the clock."""
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
        """Return the object "Response"."""
        client = Client(
            self.sandbox.handle, *self.sandbox.credentials(account), now=self.now, region=region
        )
        answer = client.call(service, action, **(params or {}))
        assert problems(service, action, answer, dry_run="DryRun" in (params or {})) == []
        return answer

    def do(self, action: str, *, fault: str = "", **params: Any) -> dict[str, Any]:
        """Return the answer of a cvm action that must succeed; inject ``fault``."""
        if fault:
            self.sandbox.faults.add(f"{action}:{fault}:times=1")
        answer = self.ask(action, params)
        assert "Error" not in answer, answer["Error"]
        return answer

    def cbs(self, action: str, **params: Any) -> dict[str, Any]:
        """Return the answer of a cbs action that must succeed."""
        answer = self.ask(action, params, service="cbs")
        assert "Error" not in answer, answer["Error"]
        return answer

    def refusal(self, action: str, *, service: str = "cvm", **params: Any) -> str:
        """Return the error code of an action, or "ok"."""
        answer = self.ask(action, params, service=service)
        code: str = answer.get("Error", {}).get("Code", "ok")
        return code

    def create(self, name: str = "new", instance: str = "ins-web00001", **params: Any) -> str:
        """Start to create an image of an instance; return its id."""
        answer = self.do("CreateImage", ImageName=name, InstanceId=instance, **params)
        return str(answer["ImageId"])

    def created(self, name: str = "new", instance: str = "ins-web00001", **params: Any) -> str:
        """Create an image of an instance and wait until it is usable; return its id."""
        image = self.create(name, instance, **params)
        self.wait(7200)
        return image

    def image(self, image: str, region: str = "ap-guangzhou", account: str = OWNER) -> Any:
        """Return the image as listed, or None."""
        answer = self.ask("DescribeImages", {"ImageIds": [image]}, region=region, account=account)
        return next(iter(answer["ImageSet"]), None)

    def image_state(self, image: str, region: str = "ap-guangzhou") -> str | None:
        """Return the state of an image as listed, or None."""
        found = self.image(image, region)
        return found and found["ImageState"]

    def instance(self, instance: str) -> Any:
        """Return the instance as listed, or None."""
        return next(iter(self.do("DescribeInstances", InstanceIds=[instance])["InstanceSet"]), None)

    def state(self, instance: str) -> str | None:
        """Return the state of an instance, or None."""
        found = self.instance(instance)
        return found and found["InstanceState"]

    def launch(self, image: str = "img-487zeit5", **params: Any) -> list[str]:
        """Launch instances; return their ids."""
        placement = {"Placement": {"Zone": "ap-guangzhou-7"}}
        answer = self.do("RunInstances", **{"ImageId": image, **placement, **params})
        return list(answer["InstanceIdSet"])

    def snapshot(self, snapshot: str) -> Any:
        """Return the snapshot as listed, or None."""
        answer = self.cbs("DescribeSnapshots", SnapshotIds=[snapshot])
        return next(iter(answer["SnapshotSet"]), None)


__all__ = ["NEIGHBOUR", "OWNER", "START", "Cloud"]
