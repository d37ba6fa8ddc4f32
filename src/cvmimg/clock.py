"""Time, so that tests can hand in their own."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What the tool knows of time."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never runs backwards."""

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass, or fewer if ``wake`` is called meanwhile."""

    def wake(self) -> None:
        """End the sleep that is under way, or else the next one (called on Ctrl-C)."""


class SystemClock:
    """The machine's clock. A sleep can be ended from a signal handler or another thread."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never runs backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass, or fewer if ``wake`` is called meanwhile."""
        if self._woken.wait(max(0.0, seconds)):
            self._woken.clear()

    def wake(self) -> None:
        """End the sleep that is under way, or else the next one."""
        self._woken.set()
