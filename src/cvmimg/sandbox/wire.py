"""The sandbox's face: bytes of HTTP in, bytes of HTTP out.

A request is opened, its signature checked, its action found, its parameters validated; then the
action's function answers it, inside one transaction of the store.
"""

# ruff: noqa: RUF001 - Chinese messages have Chinese punctuation

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from cvmimg.sandbox import description, envelope, errors, regions, services, signature, validate
from cvmimg.sandbox.accounts import KeyRing
from cvmimg.sandbox.call import ACTIONS, Action, ApiError, Call, TaskFault
from cvmimg.sandbox.envelope import Envelope
from cvmimg.sandbox.faults import NOTHING, Faults, Met
from cvmimg.sandbox.guest import Runtime
from cvmimg.sandbox.http import HttpRequest, HttpResponse
from cvmimg.sandbox.throttle import RateLimits, exceeded

log = logging.getLogger(__name__)

_GLOBAL_SERVICES = frozenset({"sts", "tag", "region"})
"""Services that can be called without a region."""
_GLOBAL_ACTIONS = frozenset({("cvm", "DescribeRegions")})

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_GARBAGE = b"<html><body><h1>It works!</h1></body></html>"


class SandboxTime(Protocol):
    """The sandbox's clock."""

    def now(self) -> float:
        """Seconds since the epoch."""


class Database(Protocol):
    """The sandbox's store, as far as the wire needs it."""

    def transaction(self, *, write: bool) -> AbstractContextManager[Any]:
        """A view of the store that is the same until the context ends."""


@dataclass
class Wire:
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

    wire: Wire
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
        service = _guess_service(self.request, opened)
        self.met = self.wire.faults.meet(service, opened.action)
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
        now = self.wire.clock.now()
        signed = signature.verify(
            self.request,
            opened,
            self.wire.keys,
            real_now=self.wire.real_now() + self.met.seconds("clock-skew"),
            now=now,
        )
        action = _route(signed.scope, opened)
        service = description.load(action.service)
        region = _region(action, opened)
        if opened.fields is None:
            given = envelope.parameters(self.request, opened)
        else:
            given = validate.unflatten(service, action.name, envelope.action_fields(opened))
        params = validate.request(service, action.name, given)
        if self.wire.rate_limits is not None:
            self.wire.rate_limits.check(signed.identity.account, action.service, action.name)

        def work() -> dict[str, Any]:
            with self.wire.database.transaction(write=action.writes) as store:
                return action.handler(
                    Call(
                        service=action.service,
                        action=action.name,
                        account=signed.identity.account,
                        region=region,
                        params=params,
                        now=now,
                        store=store,
                        request_id=self.request_id,
                        task_fault=self._task_fault(),
                        caller=signed.identity.caller,
                        guests=self.wire.guests,
                        keys=self.wire.keys,
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


def _guess_service(request: HttpRequest, opened: Envelope) -> str:
    """The service that a request is for, as far as can be told before its signature is checked."""
    scope = request.headers.get("authorization", "").split("/")[2:3]
    if scope and scope[0] in description.SERVICES:
        return scope[0]
    candidates = _services_of(opened)
    return candidates[0] if candidates else ""


def _services_of(opened: Envelope) -> list[str]:
    """The services that have this action in this version."""
    return [
        name
        for name in description.SERVICES
        if description.load(name).version == opened.version
        and opened.action in description.load(name).actions
    ]


def _route(scope: str, opened: Envelope) -> Action:
    """The action that is asked for.

    Some SDKs put the endpoint's first host label in the credential scope; where that names no
    service, the action and the version tell which one it is.

    Raises:
        ApiError: NoSuchProduct, NoSuchVersion, or InvalidAction.
    """
    if scope in description.SERVICES:
        service = scope
        if description.load(service).version != opened.version:
            raise _no_such_version(service, opened.version)
    else:
        service = _only_service(opened)
    action = ACTIONS.get((service, opened.action))
    if action is None or opened.action not in description.load(service).actions:
        raise _invalid_action(service, opened.action)
    return action


def _only_service(opened: Envelope) -> str:
    found = _services_of(opened)
    if found:
        return found[0]
    if any(description.load(name).version == opened.version for name in description.SERVICES):
        raise _invalid_action("any service", opened.action)
    raise ApiError(
        "NoSuchProduct",
        "The product does not exist, or the sandbox does not simulate it.",
        "产品不存在，或沙箱未模拟该产品。",
    )


def _no_such_version(service: str, version: str) -> ApiError:
    known = description.load(service).version
    return ApiError(
        "NoSuchVersion",
        f"The API version `{version}` of {service} does not exist; the sandbox has {known}.",
        f"{service} 的接口版本 `{version}` 不存在，沙箱支持 {known}。",
    )


def _invalid_action(service: str, action: str) -> ApiError:
    return ApiError(
        "InvalidAction",
        f"The action `{action}` does not exist, or the sandbox does not simulate it in {service}.",
        f"接口 `{action}` 不存在，或沙箱未模拟。",
    )


def _region(action: Action, opened: Envelope) -> str:
    if opened.region:
        if opened.region not in regions.NAMES:
            raise ApiError(
                "UnsupportedRegion",
                f"The region `{opened.region}` is not supported by {action.name}.",
                f"接口 {action.name} 不支持地域 `{opened.region}`。",
            )
        return opened.region
    if action.service in _GLOBAL_SERVICES or (action.service, action.name) in _GLOBAL_ACTIONS:
        return regions.DEFAULT
    raise errors.missing_parameter("Region")
