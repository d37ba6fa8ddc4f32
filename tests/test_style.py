"""The words of the project: plain English, without the phrases that the style guide bans."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("src", "docs", "scripts", "benchmarks", "action", "examples")
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "Makefile",
    "action.yml",
    "templates/cvmimg.yml",
)
BANNED = re.compile(
    r"(?i:\b("
    r"mend(s|ed|ing)?|tell(s|ing)?|told|said of|up nor down|at rest|begun"
    r"|put(s|ting)? (it |them |things |that |him )?back|stands? in the way|of no use|whom"
    r"|likewise|goes on|go on|going on|way in|way on|soft way|hard way|softly|cut short"
    r"|trying on|waiting on|for good|all the same"
    r")\b)"
    r"|(?<!there )(?<!if )\b(is|are) none\b"
)
_TEXT = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1)}
_DEFINITION = re.compile(r"\s*(?:def|class) (\w+)")


def texts() -> Iterator[tuple[str, str]]:
    """Every line that a person reads, with its place."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    for path in [*paths, *(ROOT / page for page in PAGES)]:
        place = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py":
            for token in tokens(path):
                if token.type in _TEXT:
                    yield from numbered(place, token.string, token.start[0])
        elif path.suffix == ".md":
            yield from outside_of_examples(place, path.read_text(encoding="utf-8"))
        elif path.suffix in (".sh", ".js", ".yml") or path.name == "Makefile":
            yield from numbered(place, path.read_text(encoding="utf-8"), 1)


def tokens(path: Path) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)


def texts_of_tests() -> Iterator[tuple[str, str]]:
    """The comments, docstrings and names of tests; other strings in them are samples."""
    for path in (ROOT / "tests").rglob("*.py"):
        place = path.relative_to(ROOT).as_posix()
        for token in tokens(path):
            if token.type == tokenize.COMMENT or token.string.startswith('"""'):
                yield from numbered(place, token.string, token.start[0])
            elif token.string in ("def", "class") and (name := _DEFINITION.match(token.line)):
                yield f"{place}:{token.start[0]}", name[1].replace("_", " ")


def outside_of_examples(place: str, page: str) -> Iterator[tuple[str, str]]:
    """The lines of a page that people have written: examples are made by the program."""
    inside = False
    for where, line in numbered(place, page, 1):
        if line.startswith("```"):
            inside = line.startswith("```console")
        elif not inside:
            yield where, line


def numbered(place: str, text: str, first: int) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), first):
        yield f"{place}:{number}", line


def test_nobody_reads_a_banned_phrase() -> None:
    found = [f"{place}: {line.strip()}" for place, line in texts() if BANNED.search(line)]

    assert found == []


def test_the_tests_themselves_have_no_banned_phrase() -> None:
    found = [f"{place}: {line.strip()}" for place, line in texts_of_tests() if BANNED.search(line)]

    assert found == []
