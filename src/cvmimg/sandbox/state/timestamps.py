"""The two formats of times in the API."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache

from cvmimg.sandbox.wire.errors import ApiError

_CHINA = timezone(timedelta(hours=8))


@lru_cache(maxsize=4096)
def iso(seconds: float) -> str:
    """Format a time in ISO 8601 and UTC, as cvm and as do: "2026-11-23T02:00:00Z"."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=4096)
def china(seconds: float) -> str:
    """Format a time in China time without a zone, as cbs does: "2026-11-23 10:00:00"."""
    return datetime.fromtimestamp(seconds, _CHINA).strftime("%Y-%m-%d %H:%M:%S")


def seconds(text: str) -> float:
    """Parse a time of either format to seconds since the epoch.

    Raises:
        ValueError: it has another format.
    """
    parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=_CHINA)).timestamp()


def parsed(text: str, malformed: ApiError) -> float:
    """Parse a time as ``seconds`` does.

    Raises:
        ApiError: ``malformed``, if it has another format.
    """
    try:
        return seconds(text)
    except ValueError as error:
        raise malformed from error
