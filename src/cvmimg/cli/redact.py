"""Remove secrets and personal data from texts that a user may post publicly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_HIDDEN = "***"
_SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSW|CREDENTIAL|_KEY|_PAT\b", re.IGNORECASE)
_SHORTEST_SECRET = 6
_PATTERNS = (
    (re.compile(r"\bAKID[A-Za-z0-9]{6,}"), f"AKID{_HIDDEN}"),
    (re.compile(r"(?<=//)[^/@\s]+@"), f"{_HIDDEN}@"),
    (re.compile(r"(?i)(?<=bearer )\S+"), _HIDDEN),
    (re.compile(r"(?i)(?<=signature=)[0-9a-f]{16,}"), _HIDDEN),
    (re.compile(r"(?<![\w-])1\d{8,14}(?!\w)"), "<account>"),
)


def redacted(text: str, environment: Mapping[str, str], home: Path) -> str:
    """Return ``text`` without secrets, account ids, logins in URLs and the user's folder.

    Args:
        text: such as a traceback.
        environment: the values of its variables that look like secrets are hidden.
        home: the user's folder, shown as "~".
    """
    for secret in _secrets(environment):
        text = text.replace(secret, _HIDDEN)
    for pattern, shown in _PATTERNS:
        text = pattern.sub(shown, text)
    folder = str(home)
    return text.replace(folder, "~") if len(folder) > 1 else text


def _secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """Return the values to hide, the longest first, so that none is hidden in part."""
    values = {
        value
        for name, value in environment.items()
        if _SECRET_NAME.search(name) and len(value) >= _SHORTEST_SECRET and "/" not in value[:1]
    }
    yield from sorted(values, key=len, reverse=True)
