"""The two ways in which the services write times."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache

_CHINA = timezone(timedelta(hours=8))


@lru_cache(maxsize=4096)
def iso(seconds: float) -> str:
    """ISO 8601 in UTC, as cvm and as write it: "2026-11-23T02:00:00Z"."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=4096)
def china(seconds: float) -> str:
    """China's time without saying so, as cbs writes it: "2026-11-23 10:00:00"."""
    return datetime.fromtimestamp(seconds, _CHINA).strftime("%Y-%m-%d %H:%M:%S")


def seconds(text: str) -> float:
    """Seconds since the epoch of a time in either way of writing.

    Raises:
        ValueError: it is written in another way.
    """
    parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=_CHINA)).timestamp()
