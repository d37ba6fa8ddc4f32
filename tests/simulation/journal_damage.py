"""Damaged files that a process finds in its journal."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

PLANTED = "op-20261101-dead{:02}"
_RECORD = {
    "id": "",
    "kind": "create",
    "region": "ap-guangzhou",
    "created": "2026-11-01T00:00:00+00:00",
    "request": {},
    "version": 1,
}


def plant(folder: Path, fault: str, number: int) -> Path:
    """Put a damaged file into the folder of unfinished operations; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    name = PLANTED.format(number)
    if fault == "damage-copy":
        mine = next(iter(sorted(folder.glob("op-*[0-9a-f].json"))), None)
        text = mine.read_text() if mine else json.dumps({**_RECORD, "id": name})
        path = folder / f"{mine.stem if mine else name} (1).json"
        path.write_text(text)
        return path
    path = folder / f"{name}.json"
    if fault == "damage-fifo":
        os.mkfifo(path)
    else:
        path.write_text(_CONTENTS[fault](name))
    return path


_CONTENTS: dict[str, Callable[[str], str]] = {
    "damage-truncated": lambda name: json.dumps({**_RECORD, "id": name})[:60],
    "damage-nan": lambda name: json.dumps({**_RECORD, "id": name, "version": float("nan")}),
    "damage-deep": lambda name: "[" * 100_000,
    "damage-id": lambda name: json.dumps({**_RECORD, "id": "op-20261101-beef00"}),
    "damage-newer": lambda name: json.dumps({**_RECORD, "id": name, "version": 99}),
}
