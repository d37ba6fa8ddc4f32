"""The sandbox's time: faster than real time, and the same for every process on one store."""

from __future__ import annotations

import time
from collections.abc import Callable

from cvmimg.sandbox.state.store import Document, Store

_ID = "clock"


class SandboxClock:
    """Tells the time in the simulated cloud.

    The store keeps at which real time it was what time there, and how fast it runs. All processes
    read it there, so they agree; whoever opens the store at another speed changes it for all, from
    the present time on, and so it never runs backwards.

    Args:
        speed: how many times as fast as real time.
        real: the real time, in seconds since the epoch.
        store: keeps the time.

    Raises:
        ValueError: the speed is not a number from 0 on.
    """

    def __init__(
        self, speed: float = 60.0, *, real: Callable[[], float] = time.time, store: Store
    ) -> None:
        if not 0 <= speed < float("inf"):
            raise ValueError(f"time cannot run {speed} times as fast")
        self._real = real
        self._store = store
        kept = self._kept()
        if kept is None or kept["Speed"] != speed:
            self._set(speed)

    @property
    def speed(self) -> float:
        """How many times as fast as real time it runs."""
        kept = self._kept()
        return float(kept["Speed"]) if kept else 0.0

    def now(self) -> float:
        """The time in the simulated cloud, in seconds since the epoch."""
        return _time(self._kept(), self._real())

    def _kept(self) -> Document | None:
        with self._store.transaction(write=False) as view:
            return view.get(_ID, _ID)

    def _set(self, speed: float) -> None:
        with self._store.transaction(write=True) as view:
            real = self._real()
            view.put(
                {
                    "Kind": _ID,
                    "Id": _ID,
                    "Account": "",
                    "Region": "",
                    "Created": _time(view.get(_ID, _ID), real),
                    "Real": real,
                    "Speed": speed,
                }
            )


def _time(kept: Document | None, real: float) -> float:
    """The sandbox's time at the real time ``real``; the same until anything is kept."""
    if kept is None:
        return real
    return float(kept["Created"] + max(0.0, real - kept["Real"]) * kept["Speed"])
