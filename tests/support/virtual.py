"""A laboratory on virtual time: several threads, latencies and rate limits, and nothing waits.

Unlike ``Lab``, whose clock adds up the sleeps of all threads, it knows how long work takes that is
done side by side.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from requests.adapters import BaseAdapter

from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.durable.session import Session
from cvmimg.sandbox import OWNER, Sandbox
from cvmimg.sandbox.wire.throttling import RateLimits
from tests.simulation.guests import SimulatedGuests
from tests.simulation.timeline import START, Timeline, threads_on
from tests.support.session import new_session

HOME = "ap-guangzhou"
_LATENCY = (0.05, 0.25)
"""The least and the most seconds that an answer takes."""


class VirtualLab:
    """A world, and a tool, on a timeline.

    Attributes:
        calls: how often each action was called.
        throttled: how often RequestLimitExceeded was answered.
    """

    def __init__(self, world: Mapping[str, Any], folder: Path) -> None:
        self.timeline = Timeline()
        self.random = random.Random(7)
        self.calls: Counter[str] = Counter()
        self.throttled = 0
        self.sandbox = Sandbox(speed=1, clock=self.timeline.now, world=world)
        self.sandbox.endpoint.rate_limits = RateLimits(self.timeline.now)
        self.sandbox.endpoint.guests = SimulatedGuests(self.timeline.now)
        self.sandbox.endpoint.real_now = time.time  # the SDK signs by the machine's clock
        self._state_dir = folder

    @property
    def seconds(self) -> float:
        """The virtual seconds that have passed."""
        return self.timeline.elapsed

    def session(self) -> Session:
        """A tool that has just been started."""
        credentials = Credentials(*self.sandbox.credentials(OWNER))
        cloud = Cloud.connect(credentials, HOME, adapter=_Network(self), clock=_Clock(self))
        return new_session(cloud, self._state_dir)


@contextmanager
def virtual_lab(world: Mapping[str, Any]) -> Iterator[VirtualLab]:
    """Open a laboratory; meanwhile all thread pools are on its timeline."""
    with tempfile.TemporaryDirectory(prefix="cvmimg-virtual-") as folder:
        lab = VirtualLab(world, Path(folder) / "state")
        with threads_on(lab.timeline), lab.sandbox:
            yield lab


class _Network(BaseAdapter):
    """Carries requests to the sandbox, with latencies."""

    def __init__(self, lab: VirtualLab) -> None:
        super().__init__()
        self._lab = lab
        self._inner = lab.sandbox.adapter()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        lab = self._lab
        lab.calls[str(request.headers["X-TC-Action"])] += 1
        lab.timeline.sleep(lab.random.uniform(*_LATENCY) / 2)
        answer = self._inner.send(request, *args, **kwargs)
        lab.throttled += b"RequestLimitExceeded" in answer.content
        lab.timeline.sleep(lab.random.uniform(*_LATENCY) / 2)
        return answer

    def close(self) -> None:
        self._inner.close()


class _Clock:
    """The clock of the tool: virtual time."""

    def __init__(self, lab: VirtualLab) -> None:
        self._timeline = lab.timeline

    def now(self) -> float:
        return START + self._timeline.elapsed

    def monotonic(self) -> float:
        return self._timeline.elapsed

    def sleep(self, seconds: float) -> None:
        self._timeline.sleep(seconds)

    def wake(self) -> None:
        """A sleep does not end early; the interrupt is noticed after it."""
