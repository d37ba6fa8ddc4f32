"""The pace that the API asks for: so many requests a second, per action and region."""

from __future__ import annotations

import threading
from collections import defaultdict

from cvmimg.clock import Clock

_CHANGES, _QUESTIONS = 10.0, 20.0
_LISTINGS = {"DescribeImages": 40.0, "DescribeInstances": 40.0}


class RateLimits:
    """Spaces out the requests of this process so that it rarely meets RequestLimitExceeded.

    CreateImage allows 10 requests a second, as other changes do; questions may be asked more
    often, and those that listings are made of most often. A second's worth goes out at once.
    Other programs of the account are met by retrying.
    """

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
            place = max(self._free_at[key], now - 1.0) + 1.0 / _per_second(action)
            self._free_at[key] = place
        if place > now:
            self._clock.sleep(place - now)


def _per_second(action: str) -> float:
    """How many requests of ``action`` the API takes in a second."""
    default = _QUESTIONS if action.startswith(("Describe", "Get")) else _CHANGES
    return _LISTINGS.get(action, default)
