"""The error for a journal record that cannot be read or lacks a part."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from cvmimg.durable.journal.folders import FILE_NAME
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message


class RecordDamaged(PreconditionFailed):
    """A file of the journal cannot be used. An operation stays open until somebody has looked."""


def damaged(path: Path) -> RecordDamaged:
    """Return the error for a file that is not a record."""
    if FILE_NAME.fullmatch(path.name):
        message = Message("JournalDamaged", path=str(path), operation=path.stem)
    else:
        message = Message("JournalFileForeign", path=str(path))
    return RecordDamaged(message, code="JournalUnusable")


class RecordedOutcome(dict[str, Any]):
    """The result of a step, as it is in a file that may have been damaged.

    Attributes:
        path: the file; None for a copy, which a dataclass makes to be written.
    """

    def __init__(self, outcome: Any = (), path: Path | None = None) -> None:
        super().__init__(outcome)
        self.path = path

    def __missing__(self, key: str) -> NoReturn:
        raise damaged(self.path) if self.path else KeyError(key)
