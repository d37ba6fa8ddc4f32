"""One simulated process: a tool that has been started, and what goes wrong on its ways out."""

from __future__ import annotations

import errno
import json
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import requests
from requests.adapters import BaseAdapter

from cvmimg.sandbox.wire.transport import to_request
from tests.simulation.events import AtCall, AtWrite, Event
from tests.simulation.world import ProcessClock, World
from tests.support import call_faults
from tests.support.call_faults import Killed, call_name, question

DAY = 86400.0
MOST_CALLS = 4000
"""Calls after which a process is taken to run for ever."""
_CLIENT_PATIENCE = 60.0


class RunsForEver(BaseException):
    """A process has made more calls than any sane one makes."""


class Process:
    """A process of the tool.

    Args:
        world: where it runs.
        events: those that may meet it.
        bystander: does what the events "somebody-…" say.

    Attributes:
        dead: whether it was killed: neither calls nor writes get through any more.
        interrupt: what Ctrl-C does; set once there is a session.
        met: the events that have met it.
        ids: the ids that it has given to operations.
    """

    def __init__(
        self, world: World, events: Iterable[Event], bystander: Callable[[str], None]
    ) -> None:
        self.world = world
        self.events = list(events)
        self.bystander = bystander
        self.dead = False
        self.interrupt: Callable[[], None] = lambda: None
        self.met: list[Event] = []
        self.ids: list[str] = []
        self.clock = ProcessClock(world, self)
        self.network = Network(self)
        self.disk = Disk(self)

    def require_alive(self) -> None:
        if self.dead:
            raise Killed

    def kill(self) -> None:
        self.dead = True
        raise Killed


class Disk:
    """The journal's disk, as one process meets it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._faults = {e.number: e for e in process.events if isinstance(e, AtWrite)}
        self._full = False
        self.writes = 0

    def before(self, path: Path) -> None:
        self._process.require_alive()
        self.writes += 1
        event = self._faults.get(self.writes)
        if event is not None:
            self._process.met.append(event)
        if event is not None and event.fault == "killed-before":
            self._process.kill()
        self._full = self._full or (event is not None and event.fault == "disk-full")
        if self._full and path.suffix == ".json":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    def after(self) -> None:
        event = self._faults.get(self.writes)
        if event is not None and event.fault == "killed-after":
            self._process.kill()


class Network(BaseAdapter):
    """Carries a process's requests to the cloud; some of them meet a fault.

    Attributes:
        calls: the actions that were called, one after the other.
    """

    def __init__(self, process: Process) -> None:
        super().__init__()
        self._process = process
        self._world = process.world
        self._faults = [e for e in process.events if isinstance(e, AtCall)]
        self._left = {id(event): event.times for event in self._faults}
        self._counts: Counter[str] = Counter()
        self._answers: dict[str, list[requests.Response]] = {}
        self._expired = False
        self._outage = 0
        self._stale = 0
        self.calls: list[str] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        process = self._process
        process.require_alive()
        action = call_name(request)
        self.calls.append(action)
        if len(self.calls) > MOST_CALLS:
            raise RunsForEver
        self._counts[action] += 1
        met = [e for e in self._faults if self._meets(e, action)]
        self._pause(0.02, 0.2)
        if self._expired:
            return call_faults.expired(request)
        if self._outage and not met:
            self._outage -= 1
            return call_faults.lose(request)
        deliver: Callable[[], Any] = partial(self._deliver, request)
        for event in met:
            if event not in process.met:
                process.met.append(event)
            deliver = partial(self._disturb, event, request, deliver)
        answer = deliver()
        self._pause(0.01, 0.1)
        process.require_alive()
        return answer

    def close(self) -> None:
        """Nothing is held open."""

    def _pause(self, least: float, most: float) -> None:
        self._world.timeline.sleep(self._world.random.uniform(least, most))

    def _meets(self, event: AtCall, action: str) -> bool:
        if event.action != action or self._counts[action] < event.number:
            return False
        if not self._left[id(event)]:
            return False
        self._left[id(event)] -= 1
        if event.fault == "lost-after":
            # What follows the lost answer does not arrive, whatever it is.
            self._outage, self._left[id(event)] = event.times - 1, 0
        return True

    def _deliver(self, request: requests.PreparedRequest) -> requests.Response:
        answer = call_faults.carried(request, self._world.sandbox.handle(to_request(request)))
        action = call_name(request)
        if action == "CreateSnapshot":
            response = json.loads(answer.content)["Response"]
            if "SnapshotId" in response:
                self._world.note_snapshot(
                    response["SnapshotId"], json.loads(request.body or "{}")["DiskId"]
                )
        elif action.startswith("Describe"):
            self._answers.setdefault(question(request), []).append(answer)
        stops = action == "StopInstances" and _is_success(answer)
        self._world.note_changes(json.loads(request.body or "{}")["InstanceIds"] if stops else ())
        return answer

    def _disturb(
        self, event: AtCall, request: requests.PreparedRequest, deliver: Callable[[], Any]
    ) -> Any:
        """Let a call meet a fault: before the work, instead of it, or after it."""
        fault = event.fault
        if fault in _INSTEAD:
            return _INSTEAD[fault](request)
        if fault == "refused":
            return call_faults.refusal(request, event.code)
        if fault == "expired":
            self._expired = True
            return call_faults.expired(request)
        if fault == "stale":
            earlier = self._answers.get(question(request))
            return earlier[-1] if earlier else deliver()
        if fault == "twice":
            deliver()
            return deliver()
        self._before(fault, call_name(request))
        answer = deliver()
        return self._after(fault, request, answer)

    def _before(self, fault: str, action: str) -> None:
        if fault == "killed-before":
            self._process.kill()
        elif fault == "interrupted":
            self._process.interrupt()
        elif fault in ("clock-ahead", "clock-back"):
            self._world.clock_offset += DAY if fault == "clock-ahead" else -DAY
        elif fault.startswith("somebody-"):
            self._process.bystander(fault)
        elif fault in ("task-fails", "task-stuck"):
            kind = {"task-fails": "task-fail", "task-stuck": "task-stuck"}[fault]
            self._world.sandbox.faults.add(f"{action.rstrip('?')}:{kind}:times=1")

    def _after(self, fault: str, request: requests.PreparedRequest, answer: Any) -> Any:
        self._world.sandbox.faults.clear()
        if fault == "killed-after":
            self._process.kill()
        if fault == "lost-after":
            return call_faults.lose(request)
        if fault == "timed-out":
            self._world.timeline.sleep(_CLIENT_PATIENCE)
            raise requests.ReadTimeout("the answer did not come in time")
        if fault == "delayed":
            self._world.timeline.sleep(20.0)
        if fault == "truncated" and _is_success(answer):
            return call_faults.truncated(request, answer)
        if fault in _AFTER and _is_success(answer):
            return _AFTER[fault](request)
        return answer


def _is_success(answer: requests.Response) -> bool:
    """Whether an answer is one of the API, and not a refusal."""
    return answer.status_code == 200 and b'"Error":' not in answer.content


_INSTEAD: dict[str, Callable[[requests.PreparedRequest], requests.Response]] = {
    "lost-before": call_faults.lose,
    "unreachable": call_faults.refuse_connection,
    "5xx-before": call_faults.bad_gateway,
    "throttled": call_faults.throttled,
    "internal-error": call_faults.internal_error,
}
"""The faults by which a request does not reach the cloud."""

_AFTER: dict[str, Callable[[requests.PreparedRequest], requests.Response]] = {
    "5xx-after": call_faults.bad_gateway,
    "internal-error-after": call_faults.internal_error,
    "hollow": call_faults.hollow,
}
"""The faults by which the work is done, but another answer arrives."""
