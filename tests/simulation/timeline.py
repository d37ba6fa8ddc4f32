"""Virtual time for several threads, of which exactly one runs at any moment.

A thread runs until it sleeps, waits for another thread or ends. Then the thread that is due next
continues, and the time jumps to that moment. So nothing waits for real, and the same program takes
the same turns in every run.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, Generic, TypeVar
from unittest import mock

Result = TypeVar("Result")

START = 1_795_000_000.0
"""The virtual time at which every run begins, in seconds since the epoch."""


class Deadlock(Exception):
    """Every thread waits for another one."""


class Task(Generic[Result]):
    """One thread on a timeline.

    Attributes:
        owner: an object that the thread belongs to; inherited by the threads that it starts.
        done: whether it has ended.
    """

    def __init__(self, owner: Any = None) -> None:
        self.owner = owner
        self.done = False
        self.baton = threading.Lock()
        self.baton.acquire()
        self.waiting: list[Task[Any]] = []
        self._result: Result | None = None
        self._error: BaseException | None = None

    def run(self, work: Callable[[], Result]) -> None:
        """Do the work and keep what came of it, an exception of any kind included."""
        try:
            self._result = work()
        except BaseException as error:
            self._error = error

    def outcome(self) -> Result:
        """What the work returned; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]


class Timeline:
    """The time of one simulated world.

    Attributes:
        elapsed: virtual seconds since ``START``.
        current: the thread that runs now.
    """

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.current: Task[Any] = Task()
        self._queue: list[tuple[float, int, Task[Any]]] = []
        self._turns = 0

    def now(self) -> float:
        """Seconds since the epoch."""
        return START + self.elapsed

    def sleep(self, seconds: float) -> None:
        """Let other threads run until ``seconds`` have passed."""
        due = self.elapsed + max(0.0, seconds)
        if not self._queue or due < self._queue[0][0]:
            self.elapsed = due
            return
        self._enqueue(due, self.current)
        self._switch(self.current)

    def spawn(self, work: Callable[[], Result], owner: Any = None) -> Task[Result]:
        """Start a thread; it takes its first turn when the current one pauses."""
        task: Task[Result] = Task(owner if owner is not None else self.current.owner)

        def body() -> None:
            task.baton.acquire()
            task.run(work)
            self._end(task)

        threading.Thread(target=body, daemon=True).start()
        self._enqueue(self.elapsed, task)
        return task

    def join(self, task: Task[Result]) -> Result:
        """Wait until a thread has ended; returns or raises what it did."""
        while not task.done:
            task.waiting.append(self.current)
            self._switch(self.current)
        return task.outcome()

    def _end(self, task: Task[Any]) -> None:
        task.done = True
        for waiting in task.waiting:
            self._enqueue(self.elapsed, waiting)
        if self._queue:
            self._next().baton.release()

    def _enqueue(self, due: float, task: Task[Any]) -> None:
        self._turns += 1
        heapq.heappush(self._queue, (due, self._turns, task))

    def _next(self) -> Task[Any]:
        due, _, self.current = heapq.heappop(self._queue)
        self.elapsed = max(self.elapsed, due)
        return self.current

    def _switch(self, here: Task[Any]) -> None:
        if not self._queue:
            raise Deadlock
        following = self._next()
        if following is not here:
            following.baton.release()
            here.baton.acquire()


@contextmanager
def threads_on(timeline: Timeline) -> Iterator[None]:
    """Let the jobs of all thread pools be threads of a timeline."""

    def submit_job(pool: Any, *args: Any, **kwargs: Any) -> Any:
        return submit(timeline, pool, *args, **kwargs)

    def join_all(pool: Any, *_: Any, **__: Any) -> None:
        shutdown(timeline, pool)

    with (
        mock.patch.object(ThreadPoolExecutor, "submit", submit_job),
        mock.patch.object(ThreadPoolExecutor, "shutdown", join_all),
    ):
        yield


def submit(
    timeline: Timeline, pool: Any, work: Callable[..., Result], *args: Any, **kwargs: Any
) -> Future[Result]:
    """Stands in for ``ThreadPoolExecutor.submit``: the job is a thread of the timeline.

    There are as many threads as jobs; the tool's pools only bound how much it asks for at once.
    """
    task = timeline.spawn(lambda: work(*args, **kwargs))
    pool.__dict__.setdefault("simulated", []).append(task)
    return Future(timeline, task)


def shutdown(timeline: Timeline, pool: Any) -> None:
    """Stands in for ``ThreadPoolExecutor.shutdown``: waits for the jobs, whatever comes of them."""
    for task in pool.__dict__.get("simulated", ()):
        with suppress(BaseException):
            timeline.join(task)


class Future(Generic[Result]):
    """Stands in for ``concurrent.futures.Future``."""

    def __init__(self, timeline: Timeline, task: Task[Result]) -> None:
        self._timeline = timeline
        self._task = task

    def result(self, timeout: float | None = None) -> Result:
        return self._timeline.join(self._task)

    def done(self) -> bool:
        return self._task.done

    def cancel(self) -> bool:
        return False
