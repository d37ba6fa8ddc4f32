"""A clock for tests: time passes only when somebody sleeps."""

from __future__ import annotations

import threading


class FakeClock:
    """Stands still but for sleeps; several threads may sleep on it."""

    def __init__(self, start: float = 1_795_000_000.0) -> None:
        self._lock = threading.Lock()
        self._start = start
        self._passed = 0.0
        self.sleeps: list[float] = []
        self.woken = 0

    def now(self) -> float:
        return self._start + self._passed

    def monotonic(self) -> float:
        return self._passed

    def set(self, now: float) -> None:
        """Set the wall clock, as a person or a time server would; no time passes."""
        self._start = now - self._passed

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.sleeps.append(seconds)
            self._passed += max(0.0, seconds)

    def wake(self) -> None:
        self.woken += 1
