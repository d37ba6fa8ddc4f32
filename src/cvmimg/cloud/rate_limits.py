"""Keep this process within the API's rate limits, per action and region."""

from __future__ import annotations

import threading
from collections import deque

from cvmimg.clock import Clock
from cvmimg.cloud.limits import ACTIONS_PER_SECOND, CHANGES_PER_SECOND, READS_PER_SECOND

_WINDOW_SECONDS = 1.2
"""How long a second is: the latency of requests varies."""


class RateLimits:
    """Spaces requests out so that the API rarely answers RequestLimitExceeded.

    No more than one second's worth of requests is sent in any second and a bit: some arrive later
    than others. Other programs of the same account may still exceed the limit; retries handle that.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._reserved = threading.local()
        self._latest: dict[tuple[str, str, str], deque[float]] = {}

    def wait(self, region: str, service: str, action: str) -> None:
        """Sleep until the next request of ``action`` may be sent."""
        key = (region, service, action)
        if getattr(self._reserved, "key", None) == key:
            self._reserved.key = None
            return
        with self._lock:
            now = self._clock.monotonic()
            latest = self._latest.setdefault(key, deque(maxlen=_per_second(action)))
            is_full = len(latest) == latest.maxlen
            slot = max(now, latest[0] + _WINDOW_SECONDS) if is_full else now
            latest.append(slot)
        if slot > now:
            self._clock.sleep(slot - now)

    def reserve(self, region: str, service: str, action: str) -> None:
        """Sleep as ``wait`` does; this thread's next request of ``action`` is sent at once."""
        self.wait(region, service, action)
        self._reserved.key = (region, service, action)


def _per_second(action: str) -> int:
    reads = action.startswith(("Describe", "Get"))
    return ACTIONS_PER_SECOND.get(action, READS_PER_SECOND if reads else CHANGES_PER_SECOND)
