"""Keep this process within the API's rate limits, per action and region."""

from __future__ import annotations

import threading
from collections import defaultdict

from cvmimg.clock import Clock
from cvmimg.cloud.limits import ACTIONS_PER_SECOND, CHANGES_PER_SECOND, READS_PER_SECOND


class RateLimits:
    """Spaces requests out so that the API rarely answers RequestLimitExceeded.

    One second's worth of requests goes out at once. Other programs of the same account may still
    exceed the limit; retries handle that.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at: dict[tuple[str, str, str], float] = defaultdict(lambda: float("-inf"))

    def wait(self, region: str, service: str, action: str) -> None:
        """Sleep until the next request of ``action`` may be sent."""
        with self._lock:
            now = self._clock.monotonic()
            key = (region, service, action)
            # At most one second's worth of unused slots is kept.
            slot = max(self._free_at[key], now - 1.0) + 1.0 / _per_second(action)
            self._free_at[key] = slot
        if slot > now:
            self._clock.sleep(slot - now)


def _per_second(action: str) -> float:
    reads = action.startswith(("Describe", "Get"))
    return ACTIONS_PER_SECOND.get(action, READS_PER_SECOND if reads else CHANGES_PER_SECOND)
