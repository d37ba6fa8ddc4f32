"""Patterns in the names of instances that are launched together."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\{R:(\d+)(?:,F:([0-8]))?\}")


def numbered(pattern: str, count: int, addresses: list[str]) -> list[str]:
    """Return the names of ``count`` instances.

    "{R:3}" becomes 3, 4, …; "{R:3,F:3}" becomes 003, 004, …; "{IP}" becomes the private
    address. Without a number, several instances get a suffix: 1, 2, …

    Args:
        pattern: as in RunInstances.
        count: number of names.
        addresses: the instances' private addresses; empty if "{IP}" is plain text.
    """
    if not pattern:
        return [""] * count
    if count > 1 and not _NUMBER.search(pattern):
        pattern += "{R:1}"
    return [_name(pattern, index, addresses) for index in range(count)]


def _name(pattern: str, index: int, addresses: list[str]) -> str:
    text = _NUMBER.sub(lambda match: f"{int(match[1]) + index:0{int(match[2] or 0)}d}", pattern)
    return text.replace("{IP}", addresses[index]) if addresses else text
