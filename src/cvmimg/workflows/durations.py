"""How long tasks took on this machine before, so that a wait knows when to poll."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cvmimg.durable.journal.atomic_file import write_durably
from cvmimg.file_lock import file_lock

_KEPT = 20
_LOCK_SECONDS = 5.0
_TOO_LARGE = 1e9
_SETUP_GIB = 10
"""Even the smallest task takes some time: as much as this many GiB."""


class Durations:
    """Past durations of all kinds of tasks, in one file. Without it, estimates are worse.

    Safe to use from several threads and processes.

    Args:
        state_dir: the folder for what must survive.
        place: where the tasks ran (the sandbox's are not the cloud's).
    """

    def __init__(self, state_dir: Path, place: str) -> None:
        self._path = state_dir / "durations.json"
        self._place = place

    def expected(self, kind: str, gib: float) -> float | None:
        """Estimate the seconds of a task of ``kind`` over ``gib`` GiB; None without experience."""
        known = self._read().get(f"{kind} {self._place}", [])
        if not known:
            return None

        from statistics import median

        rates = [seconds / (size + _SETUP_GIB) for size, seconds in known]
        return median(rates) * (gib + _SETUP_GIB)

    def add(self, kind: str, gib: float, seconds: float) -> None:
        """Record a task's duration, if the file can be written."""
        key, entry = f"{kind} {self._place}", [gib, round(seconds, 1)]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with file_lock(self._path.with_suffix(".lock"), timeout=_LOCK_SECONDS):
                known = self._read()
                known[key] = [*known.get(key, []), entry][-_KEPT:]
                write_durably(self._path, json.dumps(known))
        except OSError:
            return

    def _read(self) -> dict[str, list[list[float]]]:
        try:
            data = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
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
        and all(isinstance(number, int | float) and 0 <= number < _TOO_LARGE for number in pair)
        for pair in value
    )
