"""The sandbox's clock: faster than real time, and the same in all processes on one store."""

from __future__ import annotations

import time
from collections.abc import Callable

from cvmimg.sandbox.state import kinds
from cvmimg.sandbox.state.kinds import Document
from cvmimg.sandbox.state.store import Store, View

_DEFAULT_SPEED = 60.0
LATEST = 221_845_392_000.0
"""Year 9000, where the time stops: later ones cannot be written in the API's formats."""


class SandboxClock:
    """The clock of the simulated cloud.

    The store holds a pair of real and simulated time, and the speed. All processes read them
    there, so they agree. Opening the store with another speed changes the speed for all of them
    from now on; the clock never runs backwards.

    Args:
        speed: how many times faster than real time; None to keep the stored one.
        real: the real time, in seconds since the epoch.
        store: holds the clock.

    Raises:
        ValueError: the speed is negative or infinite.
    """

    def __init__(
        self,
        speed: float | None = _DEFAULT_SPEED,
        *,
        real: Callable[[], float] = time.time,
        store: Store,
    ) -> None:
        if speed is not None and not 0 <= speed < float("inf"):
            raise ValueError(f"the speed must be 0 or more, not {speed}")
        self._real = real
        self._store = store
        stored = self._load()
        if stored is None:
            self._change(lambda now: now, _DEFAULT_SPEED if speed is None else speed)
        elif speed is not None and stored["Speed"] != speed:
            self._change(lambda now: now, speed)

    @property
    def speed(self) -> float:
        """Return how many times faster than real time it runs."""
        stored = self._load()
        return float(stored["Speed"]) if stored else 0.0

    def now(self) -> float:
        """Return the simulated time in seconds since the epoch."""
        return _time(self._load(), self._real())

    def read(self, view: View) -> float:
        """Return the simulated time as ``now`` does, in a transaction that is open already."""
        return _time(view.single(kinds.CLOCK), self._real())

    def advance(self, seconds: float) -> None:
        """Move the time forward.

        Raises:
            ValueError: ``seconds`` is negative or infinite.
        """
        if not 0 <= seconds < LATEST:
            raise ValueError(f"the time can only move forward, not by {seconds} seconds")
        self._change(lambda now: now + seconds)

    def set(self, now: float) -> None:
        """Set the time, in seconds since the epoch."""
        self._change(lambda _: now)

    def _load(self) -> Document | None:
        return self._store.permanent(kinds.CLOCK)

    def _change(self, change: Callable[[float], float], speed: float | None = None) -> None:
        """Change the time, and from then on the speed."""
        with self._store.transaction(write=True) as view:
            stored, real = view.single(kinds.CLOCK), self._real()
            view.put_single(
                kinds.CLOCK,
                change(_time(stored, real)),
                Real=real,
                Speed=stored["Speed"] if stored and speed is None else speed,
            )


def _time(stored: Document | None, real: float) -> float:
    """Return the simulated time at the real time ``real``; equal to it while nothing is stored."""
    if stored is None:
        return real
    elapsed = max(0.0, real - stored["Real"]) * stored["Speed"]
    return min(LATEST, float(stored["Created"] + elapsed))
