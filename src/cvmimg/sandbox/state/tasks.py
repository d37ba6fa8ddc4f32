"""Tasks that take time. Nothing runs in the background: their state follows from the clock."""

from __future__ import annotations

from cvmimg.sandbox.state.kinds import Task, TaskFault

FAILS_AT = 0.6
"""Fraction of its duration after which a failing task has failed."""
_STUCK_AT = 0.43


def new(start: float, seconds: float, fault: TaskFault | None = None) -> Task:
    """Return a task that starts at ``start`` and takes ``seconds``, subject to ``fault``."""
    return {"Start": start, "Seconds": seconds, "Fault": fault}


def running(task: Task | None, now: float) -> bool:
    """Return whether it is running; a stuck task always is."""
    if task is None:
        return False
    return bool(task["Fault"] == "stuck" or now < task["Start"] + _duration(task))


def failed(task: Task | None, now: float) -> bool:
    """Return whether it has failed."""
    return task is not None and task["Fault"] == "fail" and not running(task, now)


def percent(task: Task, now: float) -> int:
    """Return its progress: 0 to 99 while it is running, then 100."""
    if not running(task, now):
        return 100
    fraction = (now - task["Start"]) / task["Seconds"]
    if task["Fault"] == "stuck":
        fraction = min(fraction, _STUCK_AT)
    return max(0, min(99, int(fraction * 100)))


def end(task: Task) -> float | None:
    """Return when it ends, in seconds since the epoch; None if never."""
    return None if task["Fault"] == "stuck" else float(task["Start"] + _duration(task))


def _duration(task: Task) -> float:
    return float(task["Seconds"]) * (FAILS_AT if task["Fault"] == "fail" else 1)
