"""Control of the sandbox itself over HTTP.

====================== =========================================================================
GET /sandbox/status    the sandbox's time and its contents
POST /sandbox/reset    restore the initial world
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

from cvmimg.sandbox.faults import Faults
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from cvmimg.sandbox.world.accounts import KeyRing

PREFIX = "/sandbox/"


class Controlled(Protocol):
    """The part of ``Sandbox`` that is controlled."""

    keys: KeyRing
    faults: Faults

    def status(self) -> dict[str, Any]:
        """Return the sandbox's time and its contents."""

    def reset(self) -> None:
        """Restore the initial world."""

    def configure(self, **changes: Any) -> None:
        """Change settings of the world."""


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
    except ValueError as error:
        return _answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})


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
    changes = json.loads(body)
    if not isinstance(changes, dict):
        raise ValueError("the settings are not a JSON object")
    sandbox.configure(**changes)
    return sandbox.status()


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
    ("GET", f"{PREFIX}faults"): _faults,
    ("POST", f"{PREFIX}faults"): _add_faults,
    ("DELETE", f"{PREFIX}faults"): _clear_faults,
}
