"""The one waiter: looks at tasks in the cloud until all have ended, at a pace that fits them.

It knows nothing of images or instances: a ``Task`` says how to look. It survives throttling and
hours without a network until the timeout, and never calls a task failed that can still succeed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Generic, TypeVar

from cvmimg.clock import Clock
from cvmimg.cloud.errors import SERVER_TROUBLE, THROTTLED, matches
from cvmimg.cloud.poll_schedule import PollSchedule
from cvmimg.cloud.progress import NoListener, ProgressListener
from cvmimg.errors import CvmimgError, NotFound, TaskFailed, Unreachable, WaitTimeout

Value = TypeVar("Value")

VISIBLE_WITHIN_SECONDS = 120.0
"""How long a new resource may not be listed yet."""
_TICK_SECONDS = 10.0
_FIRST_OUTAGE_PAUSE, _LONGEST_OUTAGE_PAUSE = 2.0, 60.0
_LONGEST_MISSING_PAUSE = 20.0


class Phase(Enum):
    """What a state means for the wait."""

    MOVING = "it can still become the wanted one"
    DONE = "it is the wanted one"
    FAILED = "it can no longer become the wanted one"
    UNKNOWN = "not one the tool knows: it may still become the wanted one"


@dataclass(frozen=True)
class Sighting(Generic[Value]):
    """What one look says of one task.

    Attributes:
        phase: what the state means.
        state: the cloud's own word, such as "CREATING".
        value: what was seen.
        percent: 0 to 100; None if the cloud does not say.
        reason: why it failed, in words.
    """

    phase: Phase
    state: str
    value: Value
    percent: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Task(Generic[Value]):
    """Something under way in the cloud, or several of one kind.

    Attributes:
        what: for messages, such as "image img-12345678".
        ids: what to look at.
        look: one look at these ids with as few calls as can be; ids that are not listed are
            missing from the answer. What counts as gone is the task's to say.
        expected_seconds: how long it took in the past; None without experience.
        hint: for the timeout: how to go on waiting.
    """

    what: str
    ids: tuple[str, ...]
    look: Callable[[Sequence[str]], Mapping[str, Sighting[Value]]]
    expected_seconds: float | None = None
    hint: str = ""


@dataclass(frozen=True)
class Waiter:
    """How to wait.

    Attributes:
        clock: real time comes from here alone.
        timeout_seconds: when to give up waiting; the task goes on.
        stop_here: called where stopping is safe; raises to end the wait (Ctrl-C).
        listener: told how it goes.
    """

    clock: Clock
    timeout_seconds: float
    stop_here: Callable[[], None] = lambda: None
    listener: ProgressListener = field(default_factory=NoListener)

    def one(self, task: Task[Value]) -> Value:
        """Wait for a task of a single id.

        Raises:
            TaskFailed: it ended otherwise; the message has the reason.
            NotFound: it was never listed, or is not listed any more.
            WaitTimeout: it goes on, the wait is over.
        """
        (sighting,) = self.all(task).values()
        return require_done(task.what, sighting)

    def all(self, task: Task[Value]) -> dict[str, Sighting[Value]]:
        """Wait until every id has ended, well or badly.

        Returns:
            The last sighting of each id, its phase DONE or FAILED.

        Raises:
            NotFound: an id was never listed, or is not listed any more.
            WaitTimeout: some go on, the wait is over.
            CvmimgError: the cloud refuses to say (no permission, expired credentials).
        """
        return _Wait(self, task).run()


def require_done(what: str, sighting: Sighting[Value]) -> Value:
    """What was waited for.

    Raises:
        TaskFailed: it ended otherwise.
    """
    if sighting.phase is Phase.DONE:
        return sighting.value
    reason = f": {sighting.reason}" if sighting.reason else ""
    raise TaskFailed(f"{what} ended as {sighting.state}{reason}", code=sighting.state)


def passes_by_itself(error: CvmimgError) -> bool:
    """Whether a failed read says nothing about what was asked for: network, throttling, 5xx."""
    return isinstance(error, Unreachable) or matches(error.code, THROTTLED + SERVER_TROUBLE)


class _Wait(Generic[Value]):
    """One wait under way."""

    def __init__(self, waiter: Waiter, task: Task[Value]) -> None:
        self._waiter = waiter
        self._task = task
        self._clock = waiter.clock
        self._started = waiter.clock.monotonic()
        self._schedules = {one: PollSchedule(task.expected_seconds) for one in task.ids}
        self._missing_since: dict[str, float] = {}
        self._last: dict[str, Sighting[Value]] = {}
        self._pending = list(task.ids)
        self._unknown_told: set[str] = set()
        self._outage_looks = 0

    def run(self) -> dict[str, Sighting[Value]]:
        """Look and pause by turns."""
        while True:
            self._waiter.stop_here()
            pause = self._look()
            if not self._pending:
                return self._last
            left = self._waiter.timeout_seconds - self._elapsed()
            if left <= 0:
                raise self._timeout()
            # Many clients that started together should not ask together.
            self._sleep(min(left, pause * random.uniform(0.9, 1.1)))  # noqa: S311

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._started

    def _look(self) -> float:
        """Look once; the seconds until the next look."""
        try:
            seen = self._task.look(self._pending)
        except CvmimgError as error:
            if not passes_by_itself(error):
                raise
            return self._outage(error)
        self._outage_looks = 0
        for one in self._pending:
            self._note(one, seen.get(one))
        self._pending = [one for one in self._pending if not self._ended(one)]
        self._tell()
        # The wait ends with the slowest, so the others need not be noticed at once.
        return max(map(self._pause, self._pending), default=0.0)

    def _pause(self, one: str) -> float:
        pause = self._schedules[one].pause()
        # What is not listed may be gone: no reason to leave anybody in doubt for minutes.
        return min(pause, _LONGEST_MISSING_PAUSE) if one in self._missing_since else pause

    def _note(self, one: str, sighting: Sighting[Value] | None) -> None:
        elapsed = self._elapsed()
        self._schedules[one].saw(elapsed, sighting.percent if sighting else None)
        if sighting is None:
            if elapsed - self._missing_since.setdefault(one, elapsed) > VISIBLE_WITHIN_SECONDS:
                raise NotFound(f"{one} is not listed{' any more' if one in self._last else ''}")
            return
        self._missing_since.pop(one, None)
        self._last[one] = sighting
        if sighting.phase is Phase.UNKNOWN and sighting.state not in self._unknown_told:
            self._unknown_told.add(sighting.state)
            self._waiter.listener.notice(
                f"{one} is in the state {sighting.state!r}, which this version does not know;"
                " waiting on"
            )

    def _ended(self, one: str) -> bool:
        return one in self._last and self._last[one].phase in (Phase.DONE, Phase.FAILED)

    def _outage(self, error: CvmimgError) -> float:
        self._outage_looks += 1
        if self._outage_looks == 1:
            self._waiter.listener.notice(f"{error.message}; waiting on")
        return min(_LONGEST_OUTAGE_PAUSE, _FIRST_OUTAGE_PAUSE**self._outage_looks)

    def _tell(self) -> None:
        """Tell the listener how far the slowest is, or all together if there are several."""
        slowest = self._pending[-1] if self._pending else self._task.ids[-1]
        estimate = self._schedules[slowest].estimate(self._elapsed())
        sighting = self._last.get(slowest)
        detail = sighting.state if sighting else "not listed yet"
        if len(self._task.ids) > 1:
            ended = len(self._task.ids) - len(self._pending)
            detail = f"{ended} of {len(self._task.ids)} ended, {detail}"
        self._waiter.listener.advance(replace(estimate, detail=detail))

    def _sleep(self, seconds: float) -> None:
        due = self._clock.monotonic() + seconds
        while (left := due - self._clock.monotonic()) > 0:
            self._clock.sleep(min(left, _TICK_SECONDS))
            self._waiter.stop_here()
            if left > _TICK_SECONDS:
                self._tell()

    def _timeout(self) -> WaitTimeout:
        first = self._pending[0]
        state = self._last[first].state if first in self._last else "not listed yet"
        return WaitTimeout(
            f"{self._task.what}: still {state} after {self._waiter.timeout_seconds:.0f} s",
            hint=self._task.hint,
        )
