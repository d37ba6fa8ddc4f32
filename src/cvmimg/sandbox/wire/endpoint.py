"""The sandbox's face: bytes of HTTP in, bytes of HTTP out.

A request is opened, its signature checked, its action found, its parameters validated; then the
action's function answers it, inside one transaction of the store.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from cvmimg.sandbox import services
from cvmimg.sandbox.faults import NOTHING, Faults, Met
from cvmimg.sandbox.guest.runtime import Runtime
from cvmimg.sandbox.wire import description, envelope, errors, routing, signature, validation
from cvmimg.sandbox.wire.call import Call, TaskFault
from cvmimg.sandbox.wire.envelope import Envelope
from cvmimg.sandbox.wire.errors import ApiError
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from cvmimg.sandbox.wire.throttling import RateLimits, exceeded
from cvmimg.sandbox.world.accounts import KeyRing

log = logging.getLogger(__name__)

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_GARBAGE = b"<html><body><h1>It works!</h1></body></html>"


class SandboxTime(Protocol):
    """The sandbox's clock."""

    def now(self) -> float:
        """Seconds since the epoch."""


class Database(Protocol):
    """The sandbox's store, as far as the endpoint needs it."""

    def transaction(self, *, write: bool) -> AbstractContextManager[Any]:
        """A view of the store that is the same until the context ends."""


@dataclass
class Endpoint:
    """Answers requests.

    Attributes:
        keys: the credentials that exist.
        database: the state.
        clock: the sandbox's time.
        faults: what goes wrong on demand.
        rate_limits: requests per second and action; None for no limit.
        guests: the insides of instances; None where there are none.
        real_now: the clock that clients sign by, in seconds since the epoch.
    """

    keys: KeyRing
    database: Database
    clock: SandboxTime
    faults: Faults = field(default_factory=Faults)
    rate_limits: RateLimits | None = None
    guests: Runtime | None = None
    real_now: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        services.register()

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request``. Never raises: what fails here is told as InternalError and logged."""
        exchange = _Exchange(self, request)
        try:
            return exchange.answer()
        except ApiError as error:
            return exchange.refuse(error)
        except Exception:
            log.exception("the sandbox failed at %r", exchange.title)
            return exchange.refuse(errors.internal_error())


@dataclass
class _Exchange:
    """One request on its way to its answer."""

    endpoint: Endpoint
    request: HttpRequest
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    title: str = "a request"
    language: str = ""
    met: Met = NOTHING

    def answer(self) -> HttpResponse:
        self.language = envelope.language(self.request)
        opened = envelope.read(self.request)
        self.title = opened.action
        self.language = opened.language
        service = routing.guess_service(self.request, opened)
        self.met = self.endpoint.faults.meet(service, opened.action)
        early = self._fault_before(opened.action)
        if early is not None:
            return early
        call = self._call(opened)
        return self._fault_after(self._respond(call))

    def refuse(self, error: ApiError) -> HttpResponse:
        message = error.message_zh if self.language.lower() == "zh-cn" else error.message
        log.info("%r refused: %s: %r", self.title, error.code, error.message)
        response = self._body({"Error": {"Code": error.code, "Message": message}})
        return HttpResponse(200, response, delay=self.met.seconds("latency"))

    def _call(self, opened: Envelope) -> Callable[[], dict[str, Any]]:
        """What does the work, once everything about the request is found in order."""
        signed = signature.verify(
            self.request,
            opened,
            self.endpoint.keys,
            real_now=self.endpoint.real_now() + self.met.seconds("clock-skew"),
            now=self.endpoint.clock.now(),
        )
        action = routing.route(signed.scope, opened)
        service = description.load(action.service)
        region = routing.region(action, opened)
        if opened.fields is None:
            given = envelope.parameters(self.request, opened)
        else:
            given = validation.unflatten(service, action.name, envelope.action_fields(opened))
        params = validation.request(service, action.name, given)
        if self.endpoint.rate_limits is not None:
            self.endpoint.rate_limits.check(signed.identity.account, action.service, action.name)

        def work() -> dict[str, Any]:
            with self.endpoint.database.transaction(write=action.writes) as store:
                return action.handler(
                    Call(
                        service=action.service,
                        action=action.name,
                        account=signed.identity.account,
                        region=region,
                        params=params,
                        # Told once the lock is held: what was written before it is past.
                        now=self.endpoint.clock.now(),
                        store=store,
                        request_id=self.request_id,
                        task_fault=self._task_fault(),
                        caller=signed.identity.caller,
                        guests=self.endpoint.guests,
                        keys=self.endpoint.keys,
                    )
                )

        return work

    def _respond(self, work: Callable[[], dict[str, Any]]) -> HttpResponse:
        body = self._body(work())
        log.info("%r answered", self.title)
        return HttpResponse(200, body, delay=self.met.seconds("latency"))

    def _body(self, response: dict[str, Any]) -> bytes:
        told = {"Response": {**response, "RequestId": self.request_id}}
        # A refusal may name what the client sent, which need not be text that UTF-8 can write.
        return _ENCODER.encode(told).encode("utf-8", "replace")

    def _task_fault(self) -> TaskFault | None:
        if self.met.has("task-fail"):
            return "fail"
        return "stuck" if self.met.has("task-stuck") else None

    def _fault_before(self, action: str) -> HttpResponse | None:
        """The answer of a fault that keeps the work from being done."""
        if self.met.has("cut-before"):
            return self._cut()
        if self.met.has("throttle"):
            raise exceeded(action)
        code = self.met.value("error")
        if code is not None:
            raise _injected(code)
        status = self.met.value("status")
        return None if status is None else self._page(status)

    def _fault_after(self, response: HttpResponse) -> HttpResponse:
        """The answer as the faults after the work leave it."""
        if self.met.has("cut-after"):
            return self._cut()
        if self.met.has("garbage"):
            return self._page(200)
        if self.met.has("truncate"):
            half = len(response.body) // 2
            return HttpResponse(200, response.body, delay=response.delay, missing=half)
        code = self.met.value("error", after=True)
        if code is not None:
            raise _injected(code)
        status = self.met.value("status", after=True)
        return response if status is None else self._page(status)

    def _cut(self) -> HttpResponse:
        return HttpResponse(0, b"", delay=self.met.seconds("latency"), cut=True)

    def _page(self, status: int) -> HttpResponse:
        return HttpResponse(
            status, _GARBAGE, {"Content-Type": "text/html"}, delay=self.met.seconds("latency")
        )


def _injected(code: str) -> ApiError:
    return ApiError(code, "A fault injected into the sandbox.", "沙箱注入的故障。")
