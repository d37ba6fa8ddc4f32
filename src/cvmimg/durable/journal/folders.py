"""The journal's folders and the names of its files."""

from __future__ import annotations

import os
import re
from pathlib import Path

from cvmimg.cloud.ids import OPERATION_ID

FILE_NAME = re.compile(rf"({OPERATION_ID})\.json")
OPEN, DONE = "open", "done"


def journal_folder(state_dir: Path) -> Path:
    """Return the folder of the journal, in the folder for what must survive."""
    return state_dir / "operations"


def has_unfinished(state_dir: Path) -> bool:
    """Return whether an operation may be unfinished; reads no file.

    Every command asks, so it costs no import of the journal.
    """
    try:
        names = os.listdir(journal_folder(state_dir) / OPEN)
    except OSError:
        return False
    return any(FILE_NAME.fullmatch(name) for name in names)
