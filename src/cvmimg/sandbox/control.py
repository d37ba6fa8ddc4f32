"""Control of the sandbox itself over HTTP.

====================== =========================================================================
GET /sandbox/status    the sandbox's time and its contents
POST /sandbox/reset    restore the initial world
POST /sandbox/advance  move the time forward: a JSON object, ``{"seconds": 600}``
GET /sandbox/state     export the whole state as a JSON object
PUT /sandbox/state     replace the whole state by an exported one
GET /sandbox/calls     return the log of API calls
DELETE /sandbox/calls  remove all calls from the log
POST /sandbox/settings change settings of the world: a JSON object
GET /sandbox/faults    list the faults
POST /sandbox/faults   add faults, one per line, in the format of ``faults``
DELETE /sandbox/faults remove all faults
====================== =========================================================================

Every request must carry the owner's secret key: ``Authorization: Bearer SECRET_KEY``.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol

from cvmimg.sandbox.call_log import CallLog
from cvmimg.sandbox.faults import Faults
from cvmimg.sandbox.state.clock import SandboxClock
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from cvmimg.sandbox.world.accounts import KeyRing

PREFIX = "/sandbox/"


class Controlled(Protocol):
    """The part of ``Sandbox`` that is controlled."""

    keys: KeyRing
    faults: Faults
    call_log: CallLog
    clock: SandboxClock

    def status(self) -> dict[str, Any]:
        """Return the sandbox's time and its contents."""

    def reset(self) -> None:
        """Restore the initial world."""

    def configure(self, **changes: Any) -> None:
        """Change settings of the world."""

    def export(self) -> dict[str, Any]:
        """Return the whole state."""

    def load(self, state: Any) -> None:
        """Replace the whole state."""


def handle(sandbox: Controlled, request: HttpRequest) -> HttpResponse:
    """Answer a request whose path starts with ``PREFIX``."""
    if not _authorized(sandbox.keys, request):
        return _answer(
            HTTPStatus.UNAUTHORIZED, {"error": "Authorization: Bearer SECRET_KEY is required"}
        )
    route = _ROUTES.get((request.method, request.path))
    if route is None:
        return _answer(HTTPStatus.NOT_FOUND, {"error": "unknown control path"})
    try:
        return _answer(HTTPStatus.OK, route(sandbox, request.body.decode("utf-8")))
    except (ValueError, RecursionError) as error:
        return _answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
    except OSError as error:
        return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": str(error)})


def _authorized(keys: KeyRing, request: HttpRequest) -> bool:
    expected = f"Bearer {keys.control_token}"
    return hmac.compare_digest(request.headers.get("authorization", "").encode(), expected.encode())


def _answer(status: HTTPStatus, body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(status, json.dumps(body, indent=1).encode() + b"\n")


def _status(sandbox: Controlled, _: str) -> dict[str, Any]:
    return sandbox.status()


def _reset(sandbox: Controlled, _: str) -> dict[str, Any]:
    sandbox.reset()
    return sandbox.status()


def _configure(sandbox: Controlled, body: str) -> dict[str, Any]:
    sandbox.configure(**_object(body))
    return sandbox.status()


def _advance(sandbox: Controlled, body: str) -> dict[str, Any]:
    seconds = _object(body).get("seconds")
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise ValueError("`seconds` must be a number")
    sandbox.clock.advance(seconds)
    return sandbox.status()


def _export(sandbox: Controlled, _: str) -> dict[str, Any]:
    return sandbox.export()


def _import(sandbox: Controlled, body: str) -> dict[str, Any]:
    sandbox.load(_object(body))
    return sandbox.status()


def _calls(sandbox: Controlled, _: str) -> dict[str, Any]:
    return {"calls": sandbox.call_log.read()}


def _clear_calls(sandbox: Controlled, body: str) -> dict[str, Any]:
    sandbox.call_log.clear()
    return _calls(sandbox, body)


def _object(body: str) -> dict[str, Any]:
    found = json.loads(body, parse_constant=_no_number)
    if not isinstance(found, dict):
        raise ValueError("the body is not a JSON object")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _faults(sandbox: Controlled, _: str) -> dict[str, Any]:
    return {"faults": sandbox.faults.status()}


def _add_faults(sandbox: Controlled, body: str) -> dict[str, Any]:
    sandbox.faults.add(*(line for line in body.splitlines() if line.strip()))
    return _faults(sandbox, body)


def _clear_faults(sandbox: Controlled, body: str) -> dict[str, Any]:
    sandbox.faults.clear()
    return _faults(sandbox, body)


_ROUTES: dict[tuple[str, str], Callable[[Controlled, str], dict[str, Any]]] = {
    ("GET", f"{PREFIX}status"): _status,
    ("POST", f"{PREFIX}reset"): _reset,
    ("POST", f"{PREFIX}settings"): _configure,
    ("POST", f"{PREFIX}advance"): _advance,
    ("GET", f"{PREFIX}state"): _export,
    ("PUT", f"{PREFIX}state"): _import,
    ("GET", f"{PREFIX}calls"): _calls,
    ("DELETE", f"{PREFIX}calls"): _clear_calls,
    ("GET", f"{PREFIX}faults"): _faults,
    ("POST", f"{PREFIX}faults"): _add_faults,
    ("DELETE", f"{PREFIX}faults"): _clear_faults,
}
