"""A laboratory: a sandbox and a tool on one clock that stands still but for sleeps."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from requests.adapters import BaseAdapter

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.cloud.models import Image, Instance
from cvmimg.durable.journal.journal import Journal
from cvmimg.durable.session import Session
from cvmimg.guest.script import digests
from cvmimg.sandbox import OWNER, Sandbox
from tests.support.clock import FakeClock
from tests.support.session import new_session

REGION = "ap-guangzhou"


class Lab:
    """A world, by default that of the contract, and any number of tools that come and go."""

    def __init__(self, world: Mapping[str, Any] | None = None) -> None:
        self.clock = FakeClock()
        self._folder = tempfile.TemporaryDirectory(prefix="cvmimg-lab-")
        self.state_dir = Path(self._folder.name) / "state"
        self.sandbox = Sandbox(speed=1, clock=self.clock.now, guest_scripts=digests(), world=world)
        # The SDK signs by the machine's clock.
        self.sandbox.endpoint.real_now = time.time
        self.observer_cloud = self._cloud(self.sandbox.adapter())

    def session(self, adapter: BaseAdapter | None = None, *, account: str = OWNER) -> Session:
        """A tool that has just been started."""
        cloud = self._cloud(adapter or self.sandbox.adapter(), account)
        return new_session(cloud, self.state_dir)

    def unfinished(self) -> list[str]:
        scan = Journal(self.state_dir, self.clock).scan_unfinished()
        return [record.id for record in scan.records]

    def instance(self, instance_id: str) -> Instance:
        return cvm.describe_instance(self.observer_cloud, instance_id)

    def instances(self) -> list[Instance]:
        return cvm.describe_instances(self.observer_cloud)

    def states(self) -> dict[str, str]:
        return {one.instance_id: one.instance_state for one in self.instances()}

    def images(self) -> list[Image]:
        return cvm.describe_images(self.observer_cloud, image_type=cvm.PRIVATE)

    def orphans(self) -> set[str]:
        """The snapshots that no image uses."""
        used = {s.snapshot_id for image in self.images() for s in image.snapshot_set}
        snapshots = cbs.describe_snapshots(self.observer_cloud)
        return {s.snapshot_id for s in snapshots if not s.image_count} - used

    def fstab(self, instance_id: str) -> bytes:
        """What /etc/fstab of an instance holds now."""
        path = self.sandbox.guests.root(instance_id) / "etc/fstab"
        if path.exists():
            return path.read_bytes()
        return self._guest("instance", instance_id)  # nobody has looked inside yet

    def image_fstab(self, image_id: str) -> bytes:
        """What /etc/fstab of an image holds."""
        return self._guest("image", image_id)

    def looked_into(self, instance_id: str) -> bool:
        """Whether the inside of an instance has ever been touched; it is made when it is."""
        return (self.sandbox.guests.root(instance_id) / "proc").exists()

    def mounts(self, instance_id: str) -> bytes:
        """What is mounted in an instance into which somebody has looked."""
        return (self.sandbox.guests.root(instance_id) / "proc/self/mountinfo").read_bytes()

    def _guest(self, kind: str, identifier: str) -> bytes:
        with self.sandbox.store.transaction(write=False) as view:
            document = view.get(kind, identifier)
            assert document is not None
            return str(document["Guest"]["fstab"]).encode()

    def _cloud(self, adapter: BaseAdapter, account: str = OWNER) -> Cloud:
        credentials = Credentials(*self.sandbox.credentials(account))
        return Cloud.connect(credentials, REGION, adapter=adapter, clock=self.clock)

    def __enter__(self) -> Lab:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.sandbox.close()
        self._folder.cleanup()
