"""Points in time as the values of tags: ISO 8601 in UTC, such as "2026-11-23T08:00:00Z"."""

from __future__ import annotations

from datetime import datetime, timezone

from cvmimg.cloud.client import Cloud


def now(cloud: Cloud) -> datetime:
    """Return the time by the cloud's own clock, as times of creation are, in UTC."""
    return datetime.fromtimestamp(cloud.now(), timezone.utc)


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
