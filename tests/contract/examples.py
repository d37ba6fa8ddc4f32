"""The official examples of each action, from the official CLI's package."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from cvmimg.sandbox.wire import description, validation
from tests.support import tccli

_COMMON = ("Action", "Version", "Region", "Timestamp", "Nonce", "SecretId", "Signature", "Token")


@dataclass(frozen=True)
class Example:
    """One example.

    Attributes:
        params: of the request.
        response: the object "Response" of the answer; None where the example's text is no JSON.
    """

    service: str
    action: str
    title: str
    params: dict[str, Any]
    response: dict[str, Any] | None


def of_action(service: str, action: str) -> Iterator[Example]:
    """Return the examples of ``action``."""
    for raw in tccli.official(service, "examples")["actions"].get(action, ()):
        yield Example(
            service,
            action,
            raw["title"],
            _params(service, action, raw["input"]),
            _response(raw["output"]),
        )


def _params(service: str, action: str, text: str) -> dict[str, Any]:
    if text.startswith("POST"):
        body = text.partition("<公共请求参数>")[2].strip()
        params: dict[str, Any] = json.loads(body) if body else {}
        return params
    query = text.partition("?")[2].replace("\n", "").replace("<公共请求参数>", "")
    fields = {k: v for k, v in parse_qsl(query) if k not in _COMMON}
    return validation.unflatten(description.load(service), action, fields)


def _response(text: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(text)["Response"]
    except ValueError:
        return None
    return found
