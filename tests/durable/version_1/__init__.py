"""Records as version 1 of the journal's format wrote them, each interrupted where its name says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
NAMES = sorted(path.stem for path in _FOLDER.glob("*.json"))


def record(name: str) -> dict[str, Any]:
    """Return the fields of one record."""
    fields: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text())
    return fields


def write(name: str, state_dir: Path, **changes: Any) -> str:
    """Write a record into a journal; return its operation's id."""
    fields = record(name) | changes
    folder = state_dir / "operations" / ("open" if fields["status"] == "open" else "done")
    for part in ("open", "done"):
        (state_dir / "operations" / part).mkdir(parents=True, exist_ok=True)
    (folder / f"{fields['id']}.json").write_text(json.dumps(fields, indent=1))
    return str(fields["id"])
