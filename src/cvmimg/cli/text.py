"""Text from outside, made safe for a terminal: it is data, whatever it contains."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timezone

_CLOCK_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))
_UNITS = (("year", 365 * 86400), ("month", 30 * 86400), *_CLOCK_UNITS)
_COMMAND = re.compile(r"(?:^|(?<=: ))(?:→ )?(?:cvmimg|tccli) .*")
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def printable(text: str, *, keep: str = "") -> str:
    r"""``text`` with everything that a terminal might obey as an escape, such as ``\x1b``.

    Args:
        text: from anywhere.
        keep: characters to leave as they are, such as a line feed.
    """
    if text.isprintable():
        return text
    return "".join(
        each if each in keep or unicodedata.category(each) not in _INVISIBLE else _escape(each)
        for each in text
    )


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def width(text: str) -> int:
    """How many columns ``text`` takes: East Asian wide characters take two."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )


def shortened(text: str, columns: int) -> str:
    """Return ``text`` in at most ``columns``, with an ellipsis where it was cut."""
    if width(text) <= columns:
        return text
    while text and width(text) >= columns:
        text = text[:-1]
    return f"{text.rstrip()}…"


def wrapped(text: str, columns: int) -> list[str]:
    """Return ``text`` in lines of at most ``columns``, broken at spaces; words stay whole.

    A command to paste, which ends the text or is all of it, stays whole as well.
    """
    lines: list[str] = []
    for word in _words(text):
        if lines and width(lines[-1]) + 1 + width(word) <= columns:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _words(text: str) -> list[str]:
    command = _COMMAND.search(text)
    if command is None:
        return text.split(" ")
    before = text[: command.start()].rstrip()
    return [*before.split(" "), command[0]] if before else [command[0]]


def duration(seconds: float, *, tenths: bool = True) -> str:
    """Seconds for people, such as "0.4s", "12s", "3m05s" or "2h07m"; ``tenths`` below 10 s."""
    if seconds < 10 and tenths:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}m{rest:02}s"
    return f"{minutes // 60}h{minutes % 60:02}m"


def age(seconds: float) -> str:
    """Return how old something is in its largest whole unit, such as "92 days" or "1 hour"."""
    for unit, size in _CLOCK_UNITS:
        if seconds >= size:
            return _counted(seconds, unit, size)
    return "less than a minute"


def ago(moment: str | None, now: float) -> str:
    """Return how long ago an ISO 8601 moment was, such as "3 days ago"; empty for the future.

    Args:
        moment: in UTC.
        now: in seconds since the epoch.
    """
    if not moment:
        return ""
    seconds = now - datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()
    if seconds < 0:
        return ""
    for unit, size in _UNITS:
        if seconds >= (size if (unit, size) in _CLOCK_UNITS else 2 * size):
            return f"{_counted(seconds, unit, size)} ago"
    return "just now"


def _counted(seconds: float, unit: str, size: int) -> str:
    count = int(seconds // size)
    return f"{count} {unit}{'' if count == 1 else 's'}"


def minute(moment: str | None) -> str:
    """Return an ISO 8601 moment to the minute, such as "2026-11-23 08:00"."""
    return (moment or "")[:16].replace("T", " ")


def iso(moment: datetime | None) -> str | None:
    """A moment as ISO 8601 in UTC, such as "2026-11-23T08:00:00Z"."""
    if moment is None:
        return None
    utc = moment.astimezone(timezone.utc)
    return utc.isoformat(timespec="seconds").replace("+00:00", "Z")
