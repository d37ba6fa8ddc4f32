"""The API endpoint: bytes of HTTP in, bytes of HTTP out.

A request is parsed, its signature checked, its action looked up and its parameters validated; then
the action's function answers it, inside one transaction of the store.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any

from cvmimg.sandbox import services
from cvmimg.sandbox.call_log import CallLog
from cvmimg.sandbox.faults import NOTHING, Faults, Injected
from cvmimg.sandbox.guest.runtime import Runtime
from cvmimg.sandbox.state.clock import SandboxClock
from cvmimg.sandbox.state.kinds import Boot, TaskFault
from cvmimg.sandbox.state.store import Store
from cvmimg.sandbox.wire import description, envelope, errors, routing, signature, validation
from cvmimg.sandbox.wire.call import Call, Deferred
from cvmimg.sandbox.wire.envelope import Envelope
from cvmimg.sandbox.wire.errors import ApiError, refusal
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from cvmimg.sandbox.wire.throttling import RateLimits, exceeded
from cvmimg.sandbox.world.accounts import KeyRing

log = logging.getLogger(__name__)

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_GARBAGE = b"<html><body><h1>It works!</h1></body></html>"
_CUT = HttpResponse(0, b"", cut=True)
_THREADS = 8

Work = Callable[[str], dict[str, Any]]
"""Performs a validated request under a request id, and returns the body of its answer."""


def _new_request_id() -> str:
    return str(uuid.uuid4())


@dataclass
class Endpoint:
    """Answers API requests.

    Attributes:
        keys: the credentials that exist.
        database: the state.
        clock: the sandbox's time.
        faults: the injected faults.
        rate_limits: of requests per second and action; None for no limits.
        guests: the simulated guests of instances; None if there are none.
        real_now: the real clock, used in signatures, in seconds since the epoch.
        call_log: where calls are logged; None for nowhere.
        catch_up: does what the service does by itself until now, such as automatic snapshots.
    """

    keys: KeyRing
    database: Store
    clock: SandboxClock
    faults: Faults = field(default_factory=Faults)
    rate_limits: RateLimits | None = None
    guests: Runtime | None = None
    real_now: Callable[[], float] = time.time
    call_log: CallLog | None = None
    catch_up: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        services.register()
        self._delayed: list[tuple[float, Work]] = []
        self._lock = threading.Lock()

    def delay(self, work: Work, seconds: float) -> None:
        """Process a request ``seconds`` of simulated time later, before the next request then."""
        with self._lock:
            self._delayed.append((self.clock.now() + seconds, work))

    def process_delayed(self, until: float) -> None:
        """Process the delayed requests that are due at ``until``, by the sandbox's clock."""
        with self._lock:
            due = [work for moment, work in self._delayed if moment <= until]
            self._delayed = [each for each in self._delayed if each[0] > until]
        for work in due:
            try:
                work(_new_request_id())
            except ApiError as error:
                log.info("a delayed request was refused: %s", error.code)
            except Exception:
                log.exception("the sandbox failed to process a delayed request")

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request``; log unexpected exceptions and answer InternalError."""
        exchange = _Exchange(self, request)
        response = self._answer(exchange)
        now = self.clock.now() + exchange.injected.seconds("clock-skew")
        headers = {**response.headers, "Date": formatdate(now, usegmt=True)}
        return replace(response, headers=headers, delay=exchange.injected.seconds("latency"))

    def _answer(self, exchange: _Exchange) -> HttpResponse:
        started = time.perf_counter()
        try:
            if self._delayed:
                self.process_delayed(self.clock.now())
            self.catch_up()
            return exchange.answer()
        except ApiError as error:
            return exchange.refuse(error)
        except OSError as error:
            log.error("%r failed: %s", exchange.title, error)
            return exchange.refuse(refusal("InternalError"))
        except Exception:
            log.exception("the sandbox failed to answer %r", exchange.title)
            return exchange.refuse(refusal("InternalError"))
        finally:
            self._log_call(exchange, time.perf_counter() - started)

    def _log_call(self, exchange: _Exchange, seconds: float) -> None:
        if self.call_log is None:
            return
        timed = {"now": self.clock.now(), **exchange.logged}
        try:
            self.call_log.append({**timed, "milliseconds": round(seconds * 1000, 1)})
        except OSError as error:
            log.error("%r is not in the log of calls: %s", exchange.title, error)


@dataclass
class _Exchange:
    """The processing of one request."""

    endpoint: Endpoint
    request: HttpRequest
    request_id: str = field(default_factory=_new_request_id)
    title: str = "a request"
    language: str = ""
    injected: Injected = NOTHING
    logged: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.logged = {
            "service": "",
            "action": "",
            "region": "",
            "account": "",
            "request_id": self.request_id,
            "code": "",
            "dry_run": False,
            "faults": [],
            "params": {},
        }

    def answer(self) -> HttpResponse:
        self.language = envelope.language(self.request)
        opened = envelope.read(self.request)
        self.title = opened.action
        self.language = opened.language
        service = routing.guess_service(self.request, opened)
        dry_run = envelope.is_dry_run(self.request, opened)
        self.injected = self.endpoint.faults.inject(service, opened.action, dry_run=dry_run)
        self.logged |= {
            "service": service,
            "action": opened.action,
            "dry_run": dry_run,
            "faults": self.injected.kinds,
        }
        if self.injected.has("cut-before"):
            return _CUT
        if self.injected.has("throttle"):
            raise exceeded(opened.action)
        if early := self._substitute(after=False):
            return early
        work = self._work(opened)
        if self.injected.has("delayed"):
            self.endpoint.delay(work, self.injected.seconds("delayed"))
            return _CUT
        if self.injected.has("twice"):
            with suppress(ApiError):
                work(_new_request_id())
        body = self._body(work(self.request_id))
        log.info("%r answered", self.title)
        return self._delivered(body)

    def refuse(self, error: ApiError) -> HttpResponse:
        self.logged["code"] = error.code
        message = error.message_zh if self.language.lower() == "zh-cn" else error.message
        log.info("%r refused: %s: %r", self.title, error.code, error.message)
        return HttpResponse(200, self._body({"Error": {"Code": error.code, "Message": message}}))

    def _work(self, opened: Envelope) -> Work:
        """Validate the request, and return the function that performs it."""
        signed = signature.verify(
            self.request,
            opened,
            self.endpoint.keys,
            real_now=self.endpoint.real_now() + self.injected.seconds("clock-skew"),
            now=self.endpoint.clock.now(),
        )
        action = routing.route(signed.scope, opened)
        service = description.load(action.service)
        region = routing.region(action, opened)
        if opened.fields is None:
            given = envelope.parameters(self.request)
        else:
            given = validation.unflatten(service, action.name, envelope.action_fields(opened))
        self.logged |= {
            "service": action.service,
            "region": region,
            "account": signed.identity.account,
            "params": given,
        }
        with errors.codes_of(action.name):
            params = validation.request(service, action.name, given)
        if self.endpoint.rate_limits is not None:
            self.endpoint.rate_limits.check(signed.identity.account, action.service, action.name)

        def work(request_id: str) -> dict[str, Any]:
            with self.endpoint.database.transaction(write=action.writes) as store:
                call = Call(
                    service=action.service,
                    action=action.name,
                    account=signed.identity.account,
                    region=region,
                    params=params,
                    # Read when the lock is held: everything written before is in the past.
                    now=self.endpoint.clock.now(),
                    store=store,
                    request_id=request_id,
                    real_now=self.endpoint.real_now(),
                    task_fault=self._task_fault(),
                    boot=self._boot_faults(),
                    caller=signed.identity.caller,
                    guests=self.endpoint.guests,
                    keys=self.endpoint.keys,
                    failed_resources=self.injected.value("failed-resources") or "",
                )
                with errors.codes_of(action.name):
                    answer = action.handler(call) or {}
            for (_, save), result in zip(call.deferred, _results(call.deferred), strict=True):
                with self.endpoint.database.transaction(write=True) as store:
                    save(store, result)
            return answer

        return work

    def _body(self, response: dict[str, Any]) -> bytes:
        answer = {"Response": {**response, "RequestId": self.request_id}}
        # An error may quote what the client sent, which need not be valid Unicode.
        return _ENCODER.encode(answer).encode("utf-8", "replace")

    def _task_fault(self) -> TaskFault | None:
        if self.injected.has("task-fail"):
            return "fail"
        return "stuck" if self.injected.has("task-stuck") else None

    def _boot_faults(self) -> Boot:
        faults: Boot = {}
        if self.injected.has("boot-fail"):
            faults["Fails"] = True
        if self.injected.has("boot-slow"):
            faults["Seconds"] = self.injected.seconds("boot-slow")
        return faults

    def _substitute(self, *, after: bool) -> HttpResponse | None:
        """Return what a fault answers instead, before or ``after`` processing, or None."""
        code = self.injected.value("error", after=after)
        if code is not None:
            raise refusal(code, "endpoint.injected")
        status = self.injected.value("status", after=after)
        return None if status is None else _page(status)

    def _delivered(self, body: bytes) -> HttpResponse:
        """Return the answer with the faults that affect its delivery."""
        if self.injected.has("cut-after"):
            return _CUT
        if self.injected.has("garbage"):
            return _page(200)
        if self.injected.has("truncate"):
            return HttpResponse(200, body, missing=len(body) // 2)
        return self._substitute(after=True) or HttpResponse(200, body)


def _page(status: int) -> HttpResponse:
    return HttpResponse(status, _GARBAGE, {"Content-Type": "text/html"})


def _results(deferred: Sequence[Deferred]) -> list[Any]:
    """Do what a call has deferred, in parallel; return the results in order."""
    if len(deferred) <= 1:
        return [run() for run, _ in deferred]

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        return list(pool.map(lambda one: one[0](), deferred))
