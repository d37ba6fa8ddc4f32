"""The files of the journal, one for each operation."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from cvmimg.clock import Clock
from cvmimg.durable.journal.atomic_file import remove_durably, write_durably
from cvmimg.durable.journal.folders import DONE, FILE_NAME, OPEN, journal_folder
from cvmimg.durable.locks import Locks

if TYPE_CHECKING:
    from cvmimg.durable.journal.record import OperationRecord


class JournalFiles:
    """Writes, finds and removes records.

    Args:
        state_dir: the folder for what must survive; made when something is written.
        clock: for the times in the records.
    """

    def __init__(self, state_dir: Path, clock: Clock) -> None:
        self.state_dir = state_dir
        self.clock = clock
        self._folder = journal_folder(state_dir)
        self._locks = Locks(self._folder / "locks")

    def write(self, record: OperationRecord) -> None:
        """Write ``record`` to the disk, in the folder that fits its status.

        Raises:
            OSError: it could not be written; the old record is whole.
        """
        write_durably(self.file_of(record), record.to_json())
        if record.status != "open":
            remove_durably(self._folder / OPEN / f"{record.id}.json")
            self._locks.remove(record.id)

    def file_of(self, record: OperationRecord) -> Path:
        """Return the file of a record, in the folder that fits its status."""
        part = OPEN if record.status == "open" else DONE
        return self._folder / part / f"{record.id}.json"

    def path_of(self, operation_id: str) -> Path | None:
        """Return the file of an operation, or None."""
        name = f"{operation_id}.json"
        if not FILE_NAME.fullmatch(name):
            return None
        paths = [self._folder / part / name for part in (DONE, OPEN)]
        return next((path for path in paths if os.path.lexists(path)), None)

    def discard(self, operation_id: str) -> None:
        """Remove the files of an operation.

        Raises:
            OSError: they could not be removed.
        """
        for part in (OPEN, DONE):
            remove_durably(self._folder / part / f"{operation_id}.json")

    def now(self) -> datetime:
        """Return the time for a record, UTC."""
        return datetime.fromtimestamp(self.clock.now(), timezone.utc)
