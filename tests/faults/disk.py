"""What can go wrong at one chosen write of the journal."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from cvmimg.durable.journal import journal
from cvmimg.durable.journal.atomic_file import remove_durably, write_durably
from tests.faults.faulty import Killed

WRITE_FAULTS = ("disk-full", "killed-before", "killed-after")


class FaultyDisk:
    """Counts the journal's writes; one of them meets a fault.

    A full disk stays full for the rest of the run.

    Args:
        number: the write that meets the fault, counted from 1; 0 for none.
        fault: one of ``WRITE_FAULTS``.
    """

    def __init__(self, number: int = 0, fault: str = "") -> None:
        self._number = number
        self._fault = fault
        self.writes = 0
        self.dead = False

    @contextmanager
    def in_use(self) -> Iterator[None]:
        with (
            mock.patch.object(journal, "write_durably", self._write),
            mock.patch.object(journal, "remove_durably", self._remove),
        ):
            yield

    def _write(self, path: Path, text: str) -> None:
        fault = self._next()
        if fault == "disk-full":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_durably(path, text)
        self._kill_after(fault)

    def _remove(self, path: Path) -> None:
        fault = self._next()
        remove_durably(path)  # a full disk does not stand in the way of removing
        self._kill_after(fault)

    def _next(self) -> str:
        self.writes += 1
        if self.dead:
            raise Killed
        if self._fault == "disk-full" and self._number and self.writes >= self._number:
            return "disk-full"
        if self.writes != self._number:
            return ""
        if self._fault == "killed-before":
            self.dead = True
            raise Killed
        return self._fault

    def _kill_after(self, fault: str) -> None:
        if fault == "killed-after":
            self.dead = True
            raise Killed
