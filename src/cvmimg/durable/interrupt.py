"""Stopping on request: where it is safe, and not while changes are reverted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cvmimg.clock import Clock
from cvmimg.errors import Interrupted
from cvmimg.message import Message


class Interrupt:
    """A request to stop, made by a signal handler and honored by the workflow.

    Args:
        clock: its sleep is ended by a request.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._requested = False
        self._held = 0

    @property
    def requested(self) -> bool:
        """Whether a stop was requested."""
        return self._requested

    def request(self) -> None:
        """Ask to stop at the next safe point. Safe in a signal handler."""
        self._requested = True
        self._clock.wake()

    def check(self) -> None:
        """A safe point.

        Raises:
            Interrupted: a stop was requested and is not postponed.
        """
        if self._requested and not self._held:
            raise Interrupted(Message("Interrupted"))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Postpone a stop while changes are reverted."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
