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
from typing import TYPE_CHECKING, Any

from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from cvmimg.sandbox.world.accounts import KeyRing

if TYPE_CHECKING:
    from cvmimg.sandbox.sandbox import Sandbox

PREFIX = "/sandbox/"


def handle(sandbox: Sandbox, request: HttpRequest) -> HttpResponse:
    """Answer a request whose path starts with ``PREFIX``."""
    if not _authorized(sandbox.keys, request):
        return _answer(
            HTTPStatus.UNAUTHORIZED, {"error": "Authorization: Bearer SECRET_KEY is required"}
        )
    route = _ROUTES.get((request.method, request.path.removeprefix(PREFIX)))
    if route is None:
        return _answer(HTTPStatus.NOT_FOUND, {"error": "unknown control path"})
    change, answer = route
    try:
        change(sandbox, request)
        return _answer(HTTPStatus.OK, answer(sandbox))
    except (ValueError, RecursionError) as error:
        return _answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
    except OSError as error:
        return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"error": str(error)})


def _authorized(keys: KeyRing, request: HttpRequest) -> bool:
    expected = f"Bearer {keys.control_token}"
    return hmac.compare_digest(request.headers.get("authorization", "").encode(), expected.encode())


def _answer(status: HTTPStatus, body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(status, json.dumps(body, indent=1).encode() + b"\n")


def _status(sandbox: Sandbox) -> dict[str, Any]:
    return sandbox.status()


def _calls(sandbox: Sandbox) -> dict[str, Any]:
    return {"calls": sandbox.call_log.read()}


def _faults(sandbox: Sandbox) -> dict[str, Any]:
    return {"faults": sandbox.faults.status()}


def _read_only(sandbox: Sandbox, request: HttpRequest) -> None:
    """Change nothing."""


def _configure(sandbox: Sandbox, request: HttpRequest) -> None:
    sandbox.configure(**request.json_object())


def _advance(sandbox: Sandbox, request: HttpRequest) -> None:
    seconds = request.json_object().get("seconds")
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise ValueError("`seconds` must be a number")
    sandbox.clock.advance(seconds)


def _add_faults(sandbox: Sandbox, request: HttpRequest) -> None:
    lines = request.body.decode().splitlines()
    sandbox.faults.add(*(line for line in lines if line.strip()))


_Change = Callable[["Sandbox", HttpRequest], object]
_Answer = Callable[["Sandbox"], dict[str, Any]]
_ROUTES: dict[tuple[str, str], tuple[_Change, _Answer]] = {
    ("GET", "status"): (_read_only, _status),
    ("POST", "reset"): (lambda sandbox, _: sandbox.reset(), _status),
    ("POST", "settings"): (_configure, _status),
    ("POST", "advance"): (_advance, _status),
    ("GET", "state"): (_read_only, lambda sandbox: sandbox.export()),
    ("PUT", "state"): (lambda sandbox, request: sandbox.load(request.json_object()), _status),
    ("GET", "calls"): (_read_only, _calls),
    ("DELETE", "calls"): (lambda sandbox, _: sandbox.call_log.clear(), _calls),
    ("GET", "faults"): (_read_only, _faults),
    ("POST", "faults"): (_add_faults, _faults),
    ("DELETE", "faults"): (lambda sandbox, _: sandbox.faults.clear(), _faults),
}
"""By method and path: what the request changes, and what is answered then."""
