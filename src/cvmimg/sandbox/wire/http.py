"""A request and an answer of HTTP, as bytes: all that the two sides of the wire share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class HttpRequest:
    """A request as it came.

    Attributes:
        method: "GET", "POST", …
        path: without the query.
        query: as it was sent, still encoded, without the "?".
        headers: by name in lower case.
        body: as it was sent.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str], body: bytes) -> HttpRequest:
        """A request to ``target`` (path and query), with headers' names in any case."""
        path, _, query = target.partition("?")
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(method.upper(), path or "/", query, lowered, body)


@dataclass(frozen=True)
class HttpResponse:
    """An answer, and what an injected fault makes of its delivery.

    Attributes:
        status: the HTTP status.
        body: what is sent.
        headers: besides Content-Length, which the carrier sets.
        delay: seconds to wait before it is sent.
        cut: close the connection instead of sending anything.
        missing: bytes at the end of the body that are announced but never sent.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    delay: float = 0.0
    cut: bool = False
    missing: int = 0

    @property
    def announced_length(self) -> int:
        """Content-Length."""
        return len(self.body)

    @property
    def sent_body(self) -> bytes:
        """The part of the body that reaches the client."""
        return self.body[: len(self.body) - self.missing]
