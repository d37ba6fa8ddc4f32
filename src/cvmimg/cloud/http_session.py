"""The HTTP session of all calls: no redirects, no endless answers, nothing from ~/.netrc."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

_CONNECTIONS = 32
_CHUNK_BYTES = 64 * 1024
ANSWER_BYTES = 64 * 1024 * 1024
"""An answer larger than this is not read."""
ANSWER_SECONDS = 300.0
"""An answer that takes longer than this is not waited for."""
_LATEST_DATE = 7258118400.0
"""The year 2200: a later date is not believed, and could not be calculated with."""


class RedirectRefused(requests.RequestException):
    """The host answered with a redirect, which would carry the session token elsewhere."""


class AnswerTooLarge(requests.RequestException):
    """The answer does not end, or not in time."""


class HttpSession(requests.Session):
    """A session for signed requests to one API.

    Args:
        adapter: carries the requests; the network by default.

    Attributes:
        server_time: the latest time that an answer was dated with (seconds since the epoch); 0
            before the first.
    """

    def __init__(self, adapter: BaseAdapter | None = None) -> None:
        super().__init__()
        # An entry of ~/.netrc for the host would replace the signature in Authorization. Proxies
        # from the environment are read by the SDK itself.
        self.trust_env = False
        self.server_time = 0.0
        carrier = adapter or HTTPAdapter(pool_maxsize=_CONNECTIONS)
        self.mount("https://", carrier)
        self.mount("http://", carrier)

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Prepare a request of the SDK, which is whole but for the session's own headers.

        Merging it with the session's cookies, parameters and hooks, which it does not have, takes
        as long as everything else that is done to prepare it.
        """
        prepared = requests.PreparedRequest()
        prepared.prepare(
            method=request.method,
            url=request.url,
            headers={**self.headers, **request.headers},
            data=request.data,
        )
        return prepared

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Refuse every redirect.

        Raises:
            RedirectRefused: the answer is one.
        """
        if super().get_redirect_target(resp) is not None:
            raise RedirectRefused(f"HTTP {resp.status_code}")
        return None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request and read the whole answer, within limits of size and time."""
        response = super().send(request, **{**kwargs, "stream": True})
        self.server_time = max(self.server_time, _date_of(response))
        if isinstance(response._content, bytes):
            return response  # an adapter that is not the network has it whole
        try:
            # What ``Response.content`` would keep; there is no public way to limit its reading.
            response._content = _read_limited(response)
        except BaseException:
            response.close()
            raise
        return response


def _date_of(response: requests.Response) -> float:
    """Return the time in the header Date; 0 where it has none that can be."""
    try:
        date = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return date if date < _LATEST_DATE else 0.0


def _read_limited(response: requests.Response) -> bytes:
    deadline = time.monotonic() + ANSWER_SECONDS
    body = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > ANSWER_BYTES or time.monotonic() > deadline:
            raise AnswerTooLarge(f"{len(body)} bytes and no end")
    return bytes(body)
