"""What can go wrong on the way to the cloud and back, at one chosen call."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError

Send = Callable[[], requests.Response]

CALL_FAULTS = (
    "refused",
    "request-lost",
    "answer-lost",
    "http-502",
    "truncated",
    "hollow",
    "stale",
    "throttled",
    "internal-error",
    "expired",
    "killed-before",
    "killed-after",
    "interrupted",
)
"""The faults of a call. ``throttled`` and ``stale`` meet five in a row, ``expired`` meets all that
follow, the others one."""
_EXPIRED = "AuthFailure.TokenFailure"
_LASTING, _TIMES = ("throttled", "stale"), 5


class Killed(BaseException):
    """What SIGKILL does to a process, as near as an exception comes: nothing catches it."""


@dataclass(frozen=True)
class CallSite:
    """The ``number``-th call of an action in a run, counted from 1; dry runs apart."""

    action: str
    number: int

    def __str__(self) -> str:
        return f"{self.action}#{self.number}"


class FaultyAdapter(BaseAdapter):
    """Carries requests on to ``inner`` and records them; one call meets a fault.

    Args:
        inner: reaches the cloud.
        site: the call that meets the fault; None for none.
        fault: one of ``CALL_FAULTS``.

    Attributes:
        sites: the calls so far.
        dead: whether the process has been "killed": no further call goes through.
        interrupt: what Ctrl-C does.
    """

    def __init__(self, inner: BaseAdapter, site: CallSite | None = None, fault: str = "") -> None:
        super().__init__()
        self._inner = inner
        self._site = site
        self._fault = fault
        self._left = _TIMES if fault in _LASTING else 1
        self._expired = False
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._before: dict[str, requests.Response] = {}
        self.sites: list[CallSite] = []
        self.dead = False
        self.interrupt: Callable[[], None] = lambda: None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        if self.dead:
            raise Killed
        with self._lock:
            action = call_name(request)
            self._counts[action] += 1
            site = CallSite(action, self._counts[action])
            self.sites.append(site)
            meets = self._meets(site)
            self._expired = self._expired or (meets and self._fault == "expired")
        if self._expired:
            return _refusal(request, _EXPIRED)
        forward = partial(self._forward, request, *args, **kwargs)
        return self._go_wrong(request, forward) if meets else forward()

    def close(self) -> None:
        self._inner.close()

    def _forward(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        answer = self._inner.send(request, *args, **kwargs)
        if call_name(request).startswith("Describe"):
            self._before[_question(request)] = answer
        return answer

    def _meets(self, site: CallSite) -> bool:
        if self._site is None or site.action != self._site.action or not self._left:
            return False
        if site.number < self._site.number:
            return False
        self._left -= 1
        return True

    def _go_wrong(self, request: requests.PreparedRequest, forward: Send) -> requests.Response:
        if self._fault in _INSTEAD:
            return _INSTEAD[self._fault](request)
        if self._fault == "stale":
            return self._before.get(_question(request)) or forward()
        if self._fault == "killed-before":
            self.dead = True
            raise Killed
        done = forward()
        if self._fault == "killed-after":
            self.dead = True
            raise Killed
        if self._fault == "interrupted":
            self.interrupt()
            return done
        if self._fault == "truncated":
            return _answer(request, 200, done.content[: len(done.content) // 2])
        if self._fault == "hollow":
            return _answer(request, 200, b'{"Response": {"RequestId": "fault"}}')
        raise requests.ConnectionError("the connection was closed")


def _refuse(request: requests.PreparedRequest) -> requests.Response:
    reason = NewConnectionError(None, "Connection refused")  # type: ignore[arg-type]
    raise requests.ConnectionError(MaxRetryError(None, request.url or "", reason))  # type: ignore[arg-type]


def _lose(request: requests.PreparedRequest) -> requests.Response:
    raise requests.ConnectionError("the connection was closed")


def _question(request: requests.PreparedRequest) -> str:
    return f"{request.headers['X-TC-Action']} {request.body!r}"


def call_name(request: requests.PreparedRequest) -> str:
    """The action of a request; with a question mark if it is a dry run."""
    action = str(request.headers["X-TC-Action"])
    body = json.loads(request.body or "{}")
    return f"{action}?" if body.get("DryRun") else action


def _refusal(request: requests.PreparedRequest, code: str) -> requests.Response:
    error = {"Error": {"Code": code, "Message": "a fault of the test"}, "RequestId": "fault"}
    return _answer(request, 200, json.dumps({"Response": error}).encode())


def _answer(request: requests.PreparedRequest, status: int, body: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers["Content-Type"] = "application/json" if status == 200 else "text/html"
    response._content = body
    response.request = request
    response.url = request.url or ""
    return response


_INSTEAD: dict[str, Callable[[requests.PreparedRequest], requests.Response]] = {
    "refused": _refuse,
    "request-lost": _lose,
    "http-502": lambda request: _answer(request, 502, b"<html><body>Bad Gateway</body></html>"),
    "throttled": lambda request: _refusal(request, "RequestLimitExceeded"),
    "internal-error": lambda request: _refusal(request, "InternalError"),
}
"""The faults by which a request does not reach the cloud."""
