"""Points in time as the values of tags: ISO 8601 in UTC, such as "2026-11-23T08:00:00Z"."""

from __future__ import annotations

from datetime import datetime, timezone

from cvmimg.clock import Clock


def now(clock: Clock) -> datetime:
    """Return the time by a clock, in UTC."""
    return datetime.fromtimestamp(clock.now(), timezone.utc)


def as_tag(moment: datetime) -> str:
    """Return a point in time as the value of a tag."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> datetime | None:
    """Return the point in time that a tag names; None if it names none."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
