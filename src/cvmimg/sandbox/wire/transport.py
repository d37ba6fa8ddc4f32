"""Connects clients that use the requests library to the sandbox without a socket."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from cvmimg.sandbox.wire.http import HttpRequest
from cvmimg.sandbox.wire.http import HttpResponse as Answer

if TYPE_CHECKING:
    import responses

HOSTS = re.compile(r"https?://([a-z0-9-]+\.)+tencentcloudapi\.com(/|$)")
"""URLs of Tencent Cloud's services."""

Handle = Callable[[HttpRequest], Answer]


class SandboxAdapter(BaseAdapter):
    """Passes every request of a session to the sandbox.

    Mount it for "https://" and "http://". Injected faults appear as the exceptions of requests:
    ConnectionError for a closed connection, ReadTimeout, ChunkedEncodingError.

    Args:
        handle: answers requests.
        sleep: waits for that many seconds, for the faults "latency" and "delayed".
    """

    def __init__(self, handle: Handle, sleep: Callable[[float], None] = time.sleep) -> None:
        super().__init__()
        self._handle = handle
        self._sleep = sleep
        self._builder = HTTPAdapter()

    def send(  # noqa: D102 - documented by BaseAdapter
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        answer = self._handle(to_request(request))
        self._wait(answer.delay, timeout, request)
        if answer.cut:
            raise requests.ConnectionError("the connection was closed", request=request)
        sent = HTTPResponse(
            body=io.BytesIO(answer.sent_body),
            headers={**answer.headers, "Content-Length": str(len(answer.body))},
            status=answer.status,
            preload_content=False,
            enforce_content_length=True,
        )
        response = self._builder.build_response(request, sent)
        if not stream:
            _ = response.content
        return response

    def close(self) -> None:
        """Do nothing: no connection is open."""

    def _wait(self, delay: float, timeout: Any, request: requests.PreparedRequest) -> None:
        limit = timeout[1] if isinstance(timeout, tuple) else timeout
        if limit is not None and delay > limit:
            self._sleep(limit)
            raise requests.ReadTimeout("the read timed out", request=request)
        if delay:
            self._sleep(delay)


def to_request(prepared: requests.PreparedRequest) -> HttpRequest:
    """Convert a prepared request of the requests library."""
    url = urlsplit(prepared.url or "")
    headers = {"host": url.netloc, **{k: _text(v) for k, v in prepared.headers.lower_items()}}
    body = prepared.body or b""
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    return HttpRequest.of(
        prepared.method or "GET",
        target,
        headers,
        body.encode() if isinstance(body, str) else bytes(body),
    )


def route(handle: Handle, mock: responses.RequestsMock) -> None:
    """Route requests for Tencent Cloud's hosts to the sandbox.

    Args:
        handle: answers requests.
        mock: a mock of the responses library.
    """

    def answer(request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], Any]:
        found = handle(to_request(request))
        if found.cut:
            return 0, {}, requests.ConnectionError("the connection was closed", request=request)
        if found.missing:
            return 0, {}, requests.exceptions.ChunkedEncodingError("the answer was truncated")
        return found.status, found.headers, found.body

    for method in ("GET", "POST"):
        mock.add_callback(method, HOSTS, callback=answer, content_type=None)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
