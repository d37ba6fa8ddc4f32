"""Rate limits: requests per second, by account and action."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping

from cvmimg.sandbox.wire.errors import ApiError, refusal

DEFAULT_PER_SECOND = 20

_TEN_PER_SECOND = """
    CreateImage DeleteImages SyncImages ModifyImageAttribute ModifyImageSharePermission ExportImages
    ImportImage RunInstances StartInstances StopInstances RebootInstances TerminateInstances
    InquiryPriceRunInstances
"""
PER_SECOND = {
    ("cvm", "DescribeInstances"): 40,
    ("cvm", "DescribeImages"): 40,
    **{("cvm", action): 10 for action in _TEN_PER_SECOND.split()},
}
"""Exceptions from ``DEFAULT_PER_SECOND``."""


class RateLimits:
    """Enforces the rate limits in real time.

    Args:
        now: a clock in real seconds.
        per_second: limits by service and action.
    """

    def __init__(
        self,
        now: Callable[[], float],
        per_second: Mapping[tuple[str, str], int] = PER_SECOND,
    ) -> None:
        self._now = now
        self._per_second = per_second
        self._lock = threading.Lock()
        self._recent: dict[tuple[str, str, str], deque[float]] = {}

    def check(self, account: str, service: str, action: str) -> None:
        """Count one request.

        Raises:
            ApiError: RequestLimitExceeded.
        """
        allowed = self._per_second.get((service, action), DEFAULT_PER_SECOND)
        now = self._now()
        with self._lock:
            recent = self._recent.setdefault((account, service, action), deque())
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= allowed:
                raise exceeded(action)
            recent.append(now)


def exceeded(action: str) -> ApiError:
    """Return the error of a request over the rate limit."""
    return refusal("RequestLimitExceeded", action=action)
