"""Tasks that take time: nothing runs, what they have come to follows from the clock.

A task is part of a document: ``{"Start": …, "Seconds": …, "Fault": None | "fail" | "stuck"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cvmimg.sandbox.wire.call import TaskFault

Task = Mapping[str, Any]

FAILS_AT = 0.6
"""The part of its time after which a task that fails has failed."""
_STICKS_AT = 0.43


def new(start: float, seconds: float, fault: TaskFault | None = None) -> dict[str, Any]:
    """A task that begins at ``start`` and takes ``seconds``, unless it fails or sticks."""
    return {"Start": start, "Seconds": seconds, "Fault": fault}


def running(task: Task | None, now: float) -> bool:
    """Whether it is under way; a task that is stuck always is."""
    if task is None:
        return False
    return bool(task["Fault"] == "stuck" or now < task["Start"] + _duration(task))


def failed(task: Task | None, now: float) -> bool:
    """Whether it has ended in failure."""
    return task is not None and task["Fault"] == "fail" and not running(task, now)


def percent(task: Task, now: float) -> int:
    """How far it is: 0 to 99 while it is under way, then 100."""
    if not running(task, now):
        return 100
    share = (now - task["Start"]) / task["Seconds"]
    if task["Fault"] == "stuck":
        share = min(share, _STICKS_AT)
    return max(0, min(99, int(share * 100)))


def end(task: Task) -> float | None:
    """When it ends, in seconds since the epoch; None if never."""
    return None if task["Fault"] == "stuck" else float(task["Start"] + _duration(task))


def _duration(task: Task) -> float:
    return float(task["Seconds"]) * (FAILS_AT if task["Fault"] == "fail" else 1)
