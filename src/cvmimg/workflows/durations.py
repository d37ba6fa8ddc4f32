"""How long tasks took here before, so that a wait knows when to look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cvmimg.durable.journal.atomic_file import write_durably

_KEPT = 20
_SETUP_GIB = 10
"""A task takes some time however small it is; as much as these many GiB."""


class Durations:
    """Past durations, a file for all kinds of tasks. Losing it costs nothing but good guesses.

    Args:
        state_dir: the folder for what must survive.
        place: where the tasks ran (the sandbox's are not the cloud's).
    """

    def __init__(self, state_dir: Path, place: str) -> None:
        self._path = state_dir / "durations.json"
        self._place = place

    def expected(self, kind: str, gib: float) -> float | None:
        """Seconds that a task of ``kind`` over ``gib`` GiB may take; None without experience."""
        known = self._read().get(f"{kind} {self._place}", [])
        if not known:
            return None

        from statistics import median

        rates = [seconds / (size + _SETUP_GIB) for size, seconds in known]
        return median(rates) * (gib + _SETUP_GIB)

    def add(self, kind: str, gib: float, seconds: float) -> None:
        """Remember a task's duration; nothing happens if it cannot be written."""
        everything = self._read()
        key = f"{kind} {self._place}"
        everything[key] = [*everything.get(key, []), [gib, round(seconds, 1)]][-_KEPT:]
        try:
            write_durably(self._path, json.dumps(everything))
        except OSError:
            return

    def _read(self) -> dict[str, list[list[float]]]:
        try:
            data = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return (
            {key: value for key, value in data.items() if _is_list_of_pairs(value)}
            if isinstance(data, dict)
            else {}
        )


def _is_list_of_pairs(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(number, int | float) for number in pair)
        for pair in value
    )
