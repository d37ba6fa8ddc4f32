"""The sandbox's time: faster than real time, and the same for every process on one store."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from cvmimg.sandbox.store import Store

_ID = "clock"


class SandboxClock:
    """Tells the time in the simulated cloud.

    The store keeps at which real time it was what time there, and how fast it ran. Whoever opens
    it at another speed goes on from the present time, so it never runs backwards.

    Args:
        speed: how many times as fast as real time.
        real: the real time, in seconds since the epoch.
        store: keeps the time between processes.
    """

    def __init__(
        self, speed: float = 60.0, *, real: Callable[[], float] = time.time, store: Store
    ) -> None:
        if not speed >= 0:
            raise ValueError(f"time cannot run {speed} times as fast")
        self.speed = speed
        self._real = real
        self._origin_real, self._origin = self._join(store)

    def now(self) -> float:
        """The time in the simulated cloud, in seconds since the epoch."""
        return self._origin + max(0.0, self._real() - self._origin_real) * self.speed

    def _join(self, store: Store) -> tuple[float, float]:
        """The real time and the sandbox's time that belong together from now on."""
        real = self._real()
        with store.transaction(write=False) as view:
            kept = view.get(_ID, _ID)
        if kept is not None and kept["Speed"] == self.speed:
            return kept["Real"], kept["Created"]
        with store.transaction(write=True) as view:
            kept = view.get(_ID, _ID)
            virtual = real if kept is None else _time(kept, real)
            view.put(self._document(real, virtual))
        return real, virtual

    def _document(self, real: float, virtual: float) -> dict[str, Any]:
        return {
            "Kind": _ID,
            "Id": _ID,
            "Account": "",
            "Region": "",
            "Created": virtual,
            "Real": real,
            "Speed": self.speed,
        }


def _time(kept: Any, real: float) -> float:
    return float(kept["Created"] + max(0.0, real - kept["Real"]) * kept["Speed"])
