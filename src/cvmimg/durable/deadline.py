"""How much time a command has left."""

from __future__ import annotations

from cvmimg.clock import Clock


class Deadline:
    """A time limit that starts when this object is created.

    Args:
        clock: the clock.
        seconds: how long it lasts.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._begun = clock.monotonic()
        self._seconds = seconds

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self._clock.monotonic() - self._begun

    @property
    def left(self) -> float:
        """Seconds until the end; 0 after it."""
        return max(0.0, self._seconds - self.elapsed)
