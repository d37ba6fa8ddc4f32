"""The log of API calls at ``-v``: what was asked, where, how long it took. Never a secret."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cvmimg.cloud.client import ApiCall


class RequestLog:
    """Writes a line for each attempt, from whatever thread it was made.

    Args:
        say: writes a line to stderr.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._outcomes: list[str] = []

    def note(self, call: ApiCall) -> None:
        """Log one attempt."""
        with self._lock:
            self._outcomes.append(call.outcome)
            self._say(
                f"api  {call.service} {call.action} {call.region} {call.outcome}"
                f" {call.milliseconds:.0f} ms {call.request_id or '-'}"
            )

    def sum_up(self) -> None:
        """Write how many attempts there were, and how many of them failed."""
        bad = sum(outcome != "ok" for outcome in self._outcomes)
        rate = 100 * bad / len(self._outcomes) if self._outcomes else 0
        self._say(f"api  {len(self._outcomes)} calls, {bad} refused or repeated ({rate:.0f} %)")
