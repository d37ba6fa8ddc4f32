"""Wait for tasks in the cloud: poll until all have ended, at a pace that fits them.

Nothing here knows of images or instances: a ``Task`` says how to poll. A wait survives throttling
and hours without a network until its timeout, and never calls a task failed that can still succeed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from cvmimg.clock import Clock
from cvmimg.cloud.errors import is_outage
from cvmimg.cloud.poll_schedule import PollSchedule
from cvmimg.cloud.progress import NoListener, Progress, ProgressListener
from cvmimg.cloud.states import Phase as Phase
from cvmimg.errors import CvmimgError, NotFound, TaskFailed, WaitTimeout
from cvmimg.message import Message

Value = TypeVar("Value")

VISIBLE_WITHIN_SECONDS = 120.0
"""How long a new resource may be missing from listings."""
_TICK_SECONDS = 10.0
_FIRST_OUTAGE_PAUSE, _LONGEST_OUTAGE_PAUSE = 2.0, 60.0
_LONGEST_MISSING_PAUSE = 20.0


@dataclass(frozen=True)
class Observation(Generic[Value]):
    """What one poll shows of one resource.

    Attributes:
        phase: what the state means for the wait.
        state: the cloud's own word, such as "CREATING".
        value: the resource as it was read.
        percent: 0 to 100; None if the cloud does not say.
        reason: why it failed, in the cloud's words; empty if the cloud does not say.
    """

    phase: Phase
    state: str
    value: Value
    percent: float | None = None
    reason: str | Message = ""


@dataclass(frozen=True)
class Task(Generic[Value]):
    """Something in progress in the cloud, or several things of one kind.

    Attributes:
        kind: what the ids are: "image", "instance", "snapshot".
        ids: the resources to poll.
        poll: reads these ids with as few calls as possible; ids that are not listed are missing
            from the answer.
        expected_seconds: how long it took in the past; None without experience.
        gone: the observation of an id that is not (or no longer) listed; None to raise NotFound.
        close: called when the wait is over, however it ends.
    """

    kind: str
    ids: tuple[str, ...]
    poll: Callable[[Sequence[str]], Mapping[str, Observation[Value]]]
    expected_seconds: float | None = None
    gone: Observation[Value] | None = None
    close: Callable[[], None] = lambda: None

    @property
    def subject(self) -> Message:
        """The resources, for a sentence: "image img-1a2b3c4d" or "3 images"."""
        if len(self.ids) == 1:
            return Message(f"{self.kind}.subject.one", id=self.ids[0])
        return Message(f"{self.kind}.subject.several", count=len(self.ids))


@dataclass(frozen=True)
class Waiter:
    """How to wait.

    Attributes:
        clock: the time.
        timeout_seconds: when to give up waiting; the task continues.
        check_interrupt: called where stopping is safe; raises to end the wait (Ctrl-C).
        listener: receives the progress.
        listeners: receive the progress of single ids.
    """

    clock: Clock
    timeout_seconds: float
    check_interrupt: Callable[[], None] = lambda: None
    listener: ProgressListener = field(default_factory=NoListener)
    listeners: Mapping[str, ProgressListener] = field(default_factory=dict)

    def one(self, task: Task[Value]) -> Value:
        """Wait for a task of a single id.

        Raises:
            TaskFailed: it ended otherwise; the message has the reason.
            NotFound: it was never listed, or is no longer listed.
            WaitTimeout: it continues; the wait is over.
        """
        (observation,) = self.all(task).values()
        return require_done(task, observation)

    def all(self, task: Task[Value]) -> dict[str, Observation[Value]]:
        """Wait until every id has ended, well or badly.

        Returns:
            The last observation of each id, its phase DONE or FAILED.

        Raises:
            NotFound: an id was never listed, or is no longer listed.
            WaitTimeout: some continue; the wait is over.
            CvmimgError: the cloud refuses to answer (no permission, expired credentials).
        """
        try:
            return _Wait(self, task).run()
        finally:
            task.close()


def require_done(task: Task[Value], observation: Observation[Value]) -> Value:
    """Return what was waited for; raises TaskFailed if it ended otherwise."""
    if observation.phase is Phase.DONE:
        return observation.value
    state, reason = observation.state, observation.reason or Message("NoReasonGiven")
    message = Message("TaskFailed", subject=task.subject, state=state, reason=reason)
    raise TaskFailed(message, code=state)


class _Wait(Generic[Value]):
    """One wait in progress."""

    def __init__(self, waiter: Waiter, task: Task[Value]) -> None:
        self._waiter = waiter
        self._task = task
        self._clock = waiter.clock
        self._started = waiter.clock.monotonic()
        self._schedules = {each: PollSchedule(task.expected_seconds) for each in task.ids}
        self._missing_since: dict[str, float] = {}
        self._latest: dict[str, Observation[Value]] = {}
        self._pending = list(task.ids)
        self._reported_states: set[str] = set()
        self._outages = 0

    def run(self) -> dict[str, Observation[Value]]:
        """Poll and pause in turns."""
        while True:
            self._waiter.check_interrupt()
            pause = self._poll()
            if not self._pending:
                return self._latest
            left = self._waiter.timeout_seconds - self._elapsed()
            if left <= 0:
                raise self._timeout()
            # Many clients that started together should not poll together.
            self._sleep(min(left, pause * random.uniform(0.9, 1.1)))  # noqa: S311

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._started

    def _poll(self) -> float:
        """Poll once; return the seconds until the next poll."""
        try:
            seen = self._task.poll(self._pending)
        except CvmimgError as error:
            if not is_outage(error):
                raise
            return self._pause_of_outage(error)
        self._outages = 0
        for each in self._pending:
            self._record(each, seen.get(each))
        self._pending = [each for each in self._pending if not self._has_ended(each)]
        self._report_progress()
        # The wait ends with the slowest, so the others need not be noticed at once.
        return max(map(self._pause, self._pending), default=0.0)

    def _pause(self, resource_id: str) -> float:
        pause = self._schedules[resource_id].pause()
        # What is not listed may be gone; minutes are too long to find out.
        return min(pause, _LONGEST_MISSING_PAUSE) if resource_id in self._missing_since else pause

    def _record(self, resource_id: str, observation: Observation[Value] | None) -> None:
        elapsed = self._elapsed()
        percent = observation.percent if observation else None
        self._schedules[resource_id].record(elapsed, percent)
        if observation is None:
            since = self._missing_since.setdefault(resource_id, elapsed)
            if elapsed - since > VISIBLE_WITHIN_SECONDS:
                self._record_gone(resource_id)
            return
        self._missing_since.pop(resource_id, None)
        self._latest[resource_id] = observation
        if observation.phase is Phase.UNKNOWN and observation.state not in self._reported_states:
            self._reported_states.add(observation.state)
            notice = Message("UnknownState", id=resource_id, state=observation.state)
            self._waiter.listener.notice(notice)

    def _record_gone(self, resource_id: str) -> None:
        if self._task.gone is None:
            code = "NoLongerListed" if resource_id in self._latest else "NotListed"
            raise NotFound(Message(code, id=resource_id), code="NotFound")
        self._latest[resource_id] = self._task.gone

    def _has_ended(self, resource_id: str) -> bool:
        latest = self._latest.get(resource_id)
        return latest is not None and latest.phase in (Phase.DONE, Phase.FAILED)

    def _pause_of_outage(self, error: CvmimgError) -> float:
        self._outages += 1
        if self._outages == 1:
            self._waiter.listener.notice(Message("Retrying", error=error.message))
        return min(_LONGEST_OUTAGE_PAUSE, _FIRST_OUTAGE_PAUSE**self._outages)

    def _report_progress(self) -> None:
        """Report the progress of the slowest, and how many of several have ended; then of each."""
        total = len(self._task.ids)
        slowest = self._progress(self._pending[-1] if self._pending else self._task.ids[-1])
        ended = f"{total - len(self._pending)}/{total} " if total > 1 else ""
        detail = f"{ended}{slowest.detail}".strip()
        self._waiter.listener.advance(replace(slowest, detail=detail))
        for resource_id in self._pending:
            if resource_id in self._waiter.listeners:
                self._waiter.listeners[resource_id].advance(self._progress(resource_id))

    def _progress(self, resource_id: str) -> Progress:
        latest = self._latest.get(resource_id)
        estimate = self._schedules[resource_id].estimate(self._elapsed())
        return replace(estimate, detail=latest.state if latest else "")

    def _sleep(self, seconds: float) -> None:
        due = self._clock.monotonic() + seconds
        while (left := due - self._clock.monotonic()) > 0:
            self._clock.sleep(min(left, _TICK_SECONDS))
            self._waiter.check_interrupt()
            if left > _TICK_SECONDS:
                self._report_progress()

    def _timeout(self) -> WaitTimeout:
        latest = self._latest.get(self._pending[0])
        message = Message(
            "WaitTimeout",
            subject=self._task.subject,
            state=latest.state if latest else Message("NotListedYet"),
            seconds=self._waiter.timeout_seconds,
        )
        return WaitTimeout(message)
