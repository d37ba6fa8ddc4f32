"""TODO."""

from typing import Any


def check(service: str, action: str, params: dict[str, Any]) -> None:
    """TODO."""
