"""Locks between processes of this machine; they end with the process that holds them."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from pathlib import Path

from cvmimg.file_lock import file_lock


class Locks:
    """Named locks in a folder.

    Args:
        folder: where the lock files are; made when something is locked.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def acquire(self, name: str, held: ExitStack) -> bool:
        """Hold the lock ``name`` until ``held`` is closed.

        Returns:
            Whether it was free.

        Raises:
            OSError: the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            held.enter_context(file_lock(self._path(name), timeout=0))
        except TimeoutError:
            return False
        return True

    def is_held(self, name: str) -> bool:
        """Return whether a process holds the lock ``name``; False where that is unknown."""
        if not self._path(name).exists():
            return False
        with ExitStack() as briefly:
            try:
                return not self.acquire(name, briefly)
            except OSError:
                return False

    def remove(self, name: str) -> None:
        """Remove the file of a lock that nobody will want again."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"


def instance_lock(cloud: str, instance_id: str) -> str:
    """Return the name of the lock of an instance: clouds may have instances of the same id."""
    return f"{instance_id}.{hashlib.sha256(cloud.encode()).hexdigest()[:8]}"
