"""The formats for programs: json, jsonl, csv and id."""

from __future__ import annotations

import csv
import io
import json
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cvmimg.cli.render import Result
from cvmimg.cli.text import printable

_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for the start of a formula: ASCII, and the same in full width."""


def as_json(result: Result) -> Iterator[str]:
    """One document."""
    yield f"{_json(result.document, indent=2)}\n"


def as_jsonl(result: Result) -> Iterator[str]:
    """One JSON object per line."""
    for part in result.document if isinstance(result.document, list) else result.rows:
        yield f"{_json(part)}\n"


def as_csv(result: Result) -> Iterator[str]:
    """A header and a line for each row; every record is one line, and no cell a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    if result.header:
        writer.writerow(map(_cell, result.keys))
    writer.writerows([_cell(row.get(key)) for key in result.keys] for row in result.rows)
    yield buffer.getvalue()


def _cell(value: Any) -> str:
    """Return a value as one cell; an apostrophe before what a spreadsheet takes for a formula."""
    text = flat(value)
    is_formula = text.startswith(_FORMULA_STARTS) and not isinstance(value, (int, float))
    return f"'{text}" if is_formula else text


def as_id(result: Result) -> Iterator[str]:
    """One id per line, for the rows that have one: a query may have removed the key."""
    for row in result.rows if result.has_ids else ():
        if identifier := flat(row["id"] if "id" in row else next(iter(row.values()))):
            yield f"{printable(identifier)}\n"


FORMATS: Mapping[str, Callable[[Result], Iterator[str]]] = {
    "json": as_json,
    "jsonl": as_jsonl,
    "csv": as_csv,
    "id": as_id,
}


def _json(value: Any, indent: int | None = None) -> str:
    """Readable JSON without terminal escape sequences."""
    # An encoding that lacks a character gets it as JSON's own escape.
    is_unicode = (sys.stdout.encoding or "utf").lower().startswith("utf")
    text = json.dumps(value, ensure_ascii=not is_unicode, indent=indent)
    if text.replace("\n", " ").isprintable():
        return text
    return "".join(_escape(each) if _is_invisible(each) else each for each in text)


def _is_invisible(character: str) -> bool:
    return (character != "\n" and unicodedata.category(character)[0] == "C") or (
        character in "\u2028\u2029"
    )


def _escape(character: str) -> str:
    return json.dumps(character)[1:-1] if ord(character) > 0x9F else f"\\u{ord(character):04x}"


def flat(value: Any) -> str:
    """Return a value as one cell: lists and tags joined by semicolons."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ";".join(f"{flat(key)}={flat(each)}" for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return ";".join(
            flat(each["id"] if isinstance(each, Mapping) and "id" in each else each)
            for each in value
        )
    return printable("; ".join(str(value).splitlines()))
