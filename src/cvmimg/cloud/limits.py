"""The pace that the API asks for: so many requests a second, per action and region."""

from __future__ import annotations

import threading
from collections import defaultdict

from cvmimg.clock import Clock


class RateLimits:
    """Spaces out the requests of this process so that it rarely meets RequestLimitExceeded.

    CreateImage allows 10 requests a second, as most actions do or more; a burst of that size goes
    out at once. Other programs of the account are met by retrying.
    """

    PER_SECOND = 10.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at: dict[tuple[str, str, str], float] = defaultdict(lambda: float("-inf"))

    def wait(self, region: str, service: str, action: str) -> None:
        """Return when the next request of ``action`` may go out."""
        with self._lock:
            now = self._clock.monotonic()
            key = (region, service, action)
            # At most one second's worth of unused places is kept.
            place = max(self._free_at[key], now - 1.0) + 1.0 / self.PER_SECOND
            self._free_at[key] = place
        if place > now:
            self._clock.sleep(place - now)
