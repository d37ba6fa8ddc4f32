"""The metadata service of an instance with a role, as far as clients get credentials from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

from cvmimg.sandbox.state import timestamps
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from cvmimg.sandbox.world import regions
from cvmimg.sandbox.world.accounts import OWNER, KeyRing, app_id

PREFIX = "/latest/meta-data/"

_ROLES = f"{PREFIX}cam/security-credentials/"
_SECONDS = 6 * 3600
"""How long credentials are valid."""


def handle(
    keys: KeyRing, role: str, now: Callable[[], float], request: HttpRequest
) -> HttpResponse:
    """Answer a request for the metadata of an instance that has ``role``.

    Args:
        keys: issues the credentials.
        role: name of the role.
        now: the sandbox's time.
        request: for a path below ``PREFIX``.
    """
    if request.method != "GET":
        return HttpResponse.text(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET is allowed.")
    if request.path == f"{_ROLES}{role}":
        return HttpResponse(HTTPStatus.OK, _credentials(keys, role, now()))
    fixed = {
        _ROLES: role,
        _ROLES.rstrip("/"): role,
        f"{PREFIX}placement/region": regions.DEFAULT,
        f"{PREFIX}app-id": str(app_id(OWNER)),
        f"{PREFIX}uin": OWNER,
    }
    if request.path in fixed:
        return HttpResponse.text(HTTPStatus.OK, fixed[request.path])
    return HttpResponse.text(HTTPStatus.NOT_FOUND, "404 page not found")


def _credentials(keys: KeyRing, role: str, now: float) -> bytes:
    expires = int(now) + _SECONDS
    issued = keys.issue(OWNER, role, "metadata", expires)
    answer = {
        "TmpSecretId": issued.secret_id,
        "TmpSecretKey": issued.secret_key,
        "Token": issued.token,
        "ExpiredTime": expires,
        "Expiration": timestamps.iso(expires),
        "Code": "Success",
    }
    return json.dumps(answer).encode()
