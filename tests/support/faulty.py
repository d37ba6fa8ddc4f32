"""What can go wrong on the way to the cloud and back, at one chosen call."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests
from requests.adapters import BaseAdapter

from tests.support import call_faults
from tests.support.call_faults import Killed, call_name, question

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
_LASTING, _TIMES = ("throttled", "stale"), 5


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
            return call_faults.expired(request)
        forward = partial(self._forward, request, *args, **kwargs)
        return self._go_wrong(request, forward) if meets else forward()

    def close(self) -> None:
        self._inner.close()

    def _forward(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        answer = self._inner.send(request, *args, **kwargs)
        if call_name(request).startswith("Describe"):
            self._before[question(request)] = answer
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
            return self._before.get(question(request)) or forward()
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
            return call_faults.truncated(request, done)
        if self._fault == "hollow":
            return call_faults.hollow(request)
        return call_faults.lose(request)


_INSTEAD: dict[str, Callable[[requests.PreparedRequest], requests.Response]] = {
    "refused": call_faults.refuse_connection,
    "request-lost": call_faults.lose,
    "http-502": call_faults.bad_gateway,
    "throttled": call_faults.throttled,
    "internal-error": call_faults.internal_error,
}
"""The faults by which a request does not reach the cloud."""
