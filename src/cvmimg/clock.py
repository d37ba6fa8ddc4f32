"""The time, injectable for tests."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """The source of time for the tool."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never runs backwards."""

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass, or fewer if ``wake`` is called meanwhile."""

    def wake(self) -> None:
        """End all sleeps in progress, or else the next one (called on Ctrl-C)."""


class SystemClock:
    """The machine's clock. All sleeps can be ended from a signal handler or another thread."""

    def __init__(self) -> None:
        self._sleepers: list[threading.Event] = []
        self._woken_early = False

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never runs backwards."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` pass, or fewer if ``wake`` is called meanwhile."""
        if self._woken_early:
            self._woken_early = False
            return
        woken = threading.Event()
        self._sleepers.append(woken)
        woken.wait(max(0.0, seconds))
        self._sleepers.remove(woken)

    def wake(self) -> None:
        """End all sleeps in progress, or else the next one."""
        # No lock: a signal handler may interrupt whoever holds it.
        sleepers = list(self._sleepers)
        self._woken_early = not sleepers
        for woken in sleepers:
            woken.set()
