"""Files that a script writes, and whether they are what it would write now."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def write_or_check(files: Mapping[Path, str], *, check: bool, maker: str = "make docs") -> int:
    """Write the files, or only say how they differ from what they should be.

    Args:
        files: what each should hold.
        check: write nothing.
        maker: the command that writes them.

    Returns:
        The exit code: 1 if ``check`` found a difference.
    """
    stale = {path: text for path, text in files.items() if _read(path) != text}
    if not check:
        for path, text in stale.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
        return 0
    for path, text in stale.items():
        sys.stdout.writelines(_difference(path, text))
    if stale:
        print(f"The generated docs are out of date; `{maker}` writes them anew.")
    return 1 if stale else 0


def _difference(path: Path, text: str) -> Iterator[str]:
    """The lines that differ; of a picture only that it does."""
    name = str(path.relative_to(ROOT))
    if path.suffix == ".svg":
        yield f"{name} differs\n"
        return
    yield from difflib.unified_diff(
        _read(path).splitlines(keepends=True),
        text.splitlines(keepends=True),
        f"{name} (as it is)",
        f"{name} (as it should be)",
    )


def fill(text: str, name: str, content: str) -> str:
    """Put ``content`` between the comments ``<!-- name -->`` and ``<!-- /name -->``.

    In YAML the comments are ``# <!-- name -->`` and ``# <!-- /name -->``.

    Raises:
        ValueError: the text has no such place.
    """
    place = re.compile(rf"(<!-- {name} -->\n).*?([ ]*(?:# )?<!-- /{name} -->)", re.DOTALL)
    filled, count = place.subn(lambda match: f"{match[1]}{content}\n{match[2]}", text)
    if count != 1:
        raise ValueError(f"there are {count} places for {name!r}, not one")
    return filled


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
