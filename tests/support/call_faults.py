"""What can come of an API call in place of the cloud's answer."""

from __future__ import annotations

import json

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from cvmimg.sandbox.wire.http import HttpResponse


class Killed(BaseException):
    """What SIGKILL does to a process, as near as an exception comes: nothing catches it."""


def call_name(request: requests.PreparedRequest) -> str:
    """The action of a request; with a question mark if it is a dry run."""
    action = str(request.headers["X-TC-Action"])
    body = json.loads(request.body or "{}")
    return f"{action}?" if body.get("DryRun") else action


def question(request: requests.PreparedRequest) -> str:
    """The action and the parameters of a request: equal for requests that ask the same."""
    return f"{request.headers['X-TC-Action']} {request.body!r}"


def lose(request: requests.PreparedRequest) -> requests.Response:
    """Close the connection."""
    raise requests.ConnectionError("the connection was closed")


def refuse_connection(request: requests.PreparedRequest) -> requests.Response:
    """Let nobody listen at the address."""
    reason = NewConnectionError(None, "Connection refused")  # type: ignore[arg-type]
    raise requests.ConnectionError(MaxRetryError(None, request.url or "", reason))  # type: ignore[arg-type]


def expired(request: requests.PreparedRequest) -> requests.Response:
    """Refuse the token of a request."""
    return refusal(request, "AuthFailure.TokenFailure")


def throttled(request: requests.PreparedRequest) -> requests.Response:
    """Refuse a request for now."""
    return refusal(request, "RequestLimitExceeded")


def internal_error(request: requests.PreparedRequest) -> requests.Response:
    """Fail as the API itself does."""
    return refusal(request, "InternalError")


def refusal(request: requests.PreparedRequest, code: str) -> requests.Response:
    """Refuse a request with an error code of the API."""
    error = {"Error": {"Code": code, "Message": "a fault of the test"}, "RequestId": "fault"}
    return _answer(request, 200, json.dumps({"Response": error}).encode())


def bad_gateway(request: requests.PreparedRequest) -> requests.Response:
    """Answer as a proxy before the API does."""
    return _answer(request, 502, b"<html><body>Bad Gateway</body></html>")


def hollow(request: requests.PreparedRequest) -> requests.Response:
    """Answer without any of the fields of the action."""
    return _answer(request, 200, b'{"Response": {"RequestId": "fault"}}')


def truncated(request: requests.PreparedRequest, answer: requests.Response) -> requests.Response:
    """Pass on half of an answer."""
    return _answer(request, 200, answer.content[: len(answer.content) // 2])


def carried(request: requests.PreparedRequest, answer: HttpResponse) -> requests.Response:
    """Pass on what the sandbox has answered."""
    response = _answer(request, answer.status, answer.body)
    response.headers.update(answer.headers)
    return response


def _answer(request: requests.PreparedRequest, status: int, body: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers["Content-Type"] = "application/json" if status == 200 else "text/html"
    response._content = body
    response.request = request
    response.url = request.url or ""
    return response
