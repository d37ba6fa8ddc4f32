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
from urllib3.exceptions import MaxRetryError, NewConnectionError

from tests.simulation.events import AtCall, AtWrite, Event
from tests.simulation.world import ProcessClock, World

DAY = 86400.0
MOST_CALLS = 4000
"""Calls after which a process is taken to run for ever."""
_CLIENT_PATIENCE = 60.0
_EXPIRED = "AuthFailure.TokenFailure"


class Killed(BaseException):
    """What SIGKILL does to a process, as near as an exception comes: nothing catches it."""


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
        self._inner = process.world.sandbox.adapter()
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
            return _refusal(request, _EXPIRED)
        if self._outage and not met:
            self._outage -= 1
            raise _closed()
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
        answer: requests.Response = self._inner.send(request)
        action = call_name(request)
        if action == "CreateSnapshot":
            learned = json.loads(answer.content)["Response"]
            if "SnapshotId" in learned:
                self._world.note_snapshot(
                    learned["SnapshotId"], json.loads(request.body or "{}")["DiskId"]
                )
        elif action.startswith("Describe"):
            self._answers.setdefault(_question(request), []).append(answer)
        return answer

    def _disturb(
        self, event: AtCall, request: requests.PreparedRequest, deliver: Callable[[], Any]
    ) -> Any:
        """Let a call meet a fault: before the work, instead of it, or after it."""
        fault = event.fault
        if fault in _INSTEAD:
            return _INSTEAD[fault](request)
        if fault == "refused":
            return _refusal(request, event.code)
        if fault == "expired":
            self._expired = True
            return _refusal(request, _EXPIRED)
        if fault == "stale":
            earlier = self._answers.get(_question(request))
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
            raise _closed()
        if fault == "timed-out":
            self._world.timeline.sleep(_CLIENT_PATIENCE)
            raise requests.ReadTimeout("the answer did not come in time")
        if fault == "delayed":
            self._world.timeline.sleep(20.0)
        if fault in _MADE_OF_ANSWER and _is_success(answer):
            return _MADE_OF_ANSWER[fault](request, answer)
        return answer


def call_name(request: requests.PreparedRequest) -> str:
    """The action of a request; with a question mark if it is a dry run."""
    action = str(request.headers["X-TC-Action"])
    body = json.loads(request.body or "{}")
    return f"{action}?" if body.get("DryRun") else action


def _is_success(answer: requests.Response) -> bool:
    """Whether an answer is one of the API, and not a refusal."""
    return answer.status_code == 200 and b'"Error":' not in answer.content


def _question(request: requests.PreparedRequest) -> str:
    return f"{request.headers['X-TC-Action']} {request.body!r}"


def _closed() -> requests.ConnectionError:
    return requests.ConnectionError("the connection was closed")


def _lose(request: requests.PreparedRequest) -> requests.Response:
    raise _closed()


def _refuse_connection(request: requests.PreparedRequest) -> requests.Response:
    reason = NewConnectionError(None, "Connection refused")  # type: ignore[arg-type]
    raise requests.ConnectionError(MaxRetryError(None, request.url or "", reason))  # type: ignore[arg-type]


def _refusal(request: requests.PreparedRequest, code: str) -> requests.Response:
    error = {"Error": {"Code": code, "Message": "a fault of the test"}, "RequestId": "fault"}
    return _answer(request, 200, json.dumps({"Response": error}).encode())


def _gateway(request: requests.PreparedRequest, _: object = None) -> requests.Response:
    return _answer(request, 502, b"<html><body>Bad Gateway</body></html>")


def _internal_error(request: requests.PreparedRequest, _: object = None) -> requests.Response:
    return _refusal(request, "InternalError")


def _hollow(request: requests.PreparedRequest, _: object) -> requests.Response:
    return _answer(request, 200, b'{"Response": {"RequestId": "fault"}}')


def _truncated(request: requests.PreparedRequest, answer: requests.Response) -> requests.Response:
    return _answer(request, 200, answer.content[: len(answer.content) // 2])


def _answer(request: requests.PreparedRequest, status: int, body: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers["Content-Type"] = "application/json" if status == 200 else "text/html"
    response._content = body
    response.request = request
    response.url = request.url or ""
    return response


_INSTEAD: dict[str, Callable[[requests.PreparedRequest], requests.Response]] = {
    "lost-before": _lose,
    "unreachable": _refuse_connection,
    "5xx-before": _gateway,
    "throttled": lambda request: _refusal(request, "RequestLimitExceeded"),
    "internal-error": _internal_error,
}
"""The faults by which a request does not reach the cloud."""

_MADE_OF_ANSWER: dict[str, Callable[[requests.PreparedRequest, Any], requests.Response]] = {
    "5xx-after": _gateway,
    "internal-error-after": _internal_error,
    "hollow": _hollow,
    "truncated": _truncated,
}
"""The faults by which the work is done, but another answer arrives."""
