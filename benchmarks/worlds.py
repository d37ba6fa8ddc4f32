"""Worlds of a chosen size for the sandbox."""

from __future__ import annotations

from typing import Any


def images(count: int) -> dict[str, Any]:
    """A region with so many custom images."""
    raise NotImplementedError


def instances(count: int) -> dict[str, Any]:
    """A region with so many instances, each of which can be imaged while it runs."""
    raise NotImplementedError


def instance_ids(count: int) -> list[str]:
    """The ids of these instances."""
    return [f"ins-{number:08d}" for number in range(count)]
