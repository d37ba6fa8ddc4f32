"""HTTP requests and responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class HttpRequest:
    """A request as received.

    Attributes:
        method: "GET", "POST", …
        path: without the query.
        query: encoded as sent, without the "?".
        headers: by name in lower case.
        body: as sent.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str], body: bytes) -> HttpRequest:
        """Make a request to ``target`` (path and query), with header names in any case."""
        path, _, query = target.partition("?")
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(method.upper(), path or "/", query, lowered, body)

    def json_object(self) -> dict[str, Any]:
        """Return the JSON object in the body.

        Raises:
            ValueError: the body is not a JSON object.
            RecursionError: it is nested too deeply.
        """
        found = json.loads(self.body, parse_constant=_refuse_constant)
        if not isinstance(found, dict):
            raise ValueError("the body is not a JSON object")
        return found


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python accepts but JSON does not have."""
    raise ValueError(f"{name} is not JSON")


@dataclass(frozen=True)
class HttpResponse:
    """A response, and how an injected fault affects its delivery.

    Attributes:
        status: the HTTP status.
        body: the content.
        headers: except Content-Length, which is set when sending.
        delay: seconds to wait before it is sent.
        cut: close the connection without sending anything.
        missing: number of bytes at the end of the body that are announced but not sent.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    delay: float = 0.0
    cut: bool = False
    missing: int = 0

    @classmethod
    def text(cls, status: int, text: str) -> HttpResponse:
        """Make a response of plain text."""
        return cls(status, text.encode(), {"Content-Type": "text/plain"})

    @property
    def sent_body(self) -> bytes:
        """Return the part of the body that is sent."""
        return self.body[: len(self.body) - self.missing]
