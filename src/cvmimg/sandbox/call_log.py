"""The log of API calls: a line of JSON for each, in a file that all processes append to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_SECRETS = frozenset({"Password", "UserData", "WebIdentityToken", "Token", "PrivateKey"})
"""Parameters whose values are not logged, at any depth."""
_MAX_BYTES = 8 * 1024 * 1024
"""Size at which the file is moved aside; the one before is deleted then."""


class CallLog:
    """The log in the file ``path``, readable only by its owner."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._old = path.with_suffix(".old")

    def append(self, call: Mapping[str, Any]) -> None:
        """Add a call; its parameters are logged without secrets."""
        line = json.dumps({**call, "params": _redacted(call["params"])}, ensure_ascii=True)
        # One write to a file opened for appending is one line, whoever else appends.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.encode() + b"\n")
            full = os.fstat(descriptor).st_size > _MAX_BYTES
        finally:
            os.close(descriptor)
        if full:
            self._path.replace(self._old)

    def read(self) -> list[dict[str, Any]]:
        """Return the calls, oldest first."""
        return [*_lines(self._old), *_lines(self._path)]

    def clear(self) -> None:
        """Remove all calls."""
        for path in (self._old, self._path):
            path.unlink(missing_ok=True)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue  # a process was killed while it wrote


def _redacted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: "***" if k in _SECRETS else _redacted(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    return value
