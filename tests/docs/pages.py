"""The pages that people read, and the parts of them that tests look at."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / ".github").rglob("*.md")],
)
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*) *$")
_NOT_RUN = re.compile(r"^\s*<!-- not run: (?P<reason>.+) -->$")
_HEADING = re.compile(r"^#{1,6} +(?P<title>.+?)(?: *\{.*\})?$")
_ANCHOR = re.compile(r'<a id="([^"]+)"|\{ *#([\w-]+)')
_LINK = re.compile(r"(?<!\\)\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^()\s]+)\)")
_SOURCE = re.compile(r'(?:src|href|srcset)="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes:
        page: where it is.
        line: the number of its first line, from 1.
        language: the word after the fence.
        text: what is in it, without the indentation of the fence.
        not_run: why its commands are not run, as the comment above it says; empty if they are.
    """

    page: Path
    line: int
    language: str
    text: str
    not_run: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    lines = page.read_text(encoding="utf-8").splitlines()
    opened: re.Match[str] | None = None
    first = 0
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence and opened is None:
            opened, first = fence, number + 1
        elif fence and opened is not None and not fence["language"]:
            indent = len(opened["indent"])
            text = "".join(f"{each[indent:]}\n" for each in lines[first:number])
            above = _NOT_RUN.match(lines[first - 2]) if first > 1 else None
            reason = above["reason"] if above else ""
            yield Block(page, first + 1, opened["language"], text, reason)
            opened = None
    assert opened is None, f"{page}: the block at line {first} is not closed"


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    kept, inside = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def links(page: Path) -> list[str]:
    """The targets of a page's links and pictures."""
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    return [match["target"] for match in _LINK.finditer(text)] + _SOURCE.findall(text)


def anchors(page: Path) -> set[str]:
    """The places of a page that a link can name."""
    text = prose(page)
    titles = [match["title"] for match in map(_HEADING.match, text.splitlines()) if match]
    named = {a or b for a, b in _ANCHOR.findall(text)}
    return named | {_slug(title) for title in titles}


def _slug(title: str) -> str:
    """The anchor that MkDocs gives to a heading."""
    plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", title)
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip().lower())
