"""Every message in the code has its sentence, and every sentence its parameters."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import cvmimg
from cvmimg.cli.messages import en, text
from cvmimg.message import Message

SOURCES = sorted(Path(cvmimg.__file__).parent.rglob("*.py"))


class Use(NamedTuple):
    """A message as the code makes it."""

    where: str
    code: str
    params: frozenset[str]
    whole: bool


def uses() -> Iterator[Use]:
    """All calls of ``Message`` with a literal code."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message":
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant):
                    names = [keyword.arg for keyword in node.keywords]
                    params = frozenset(name for name in names if name is not None)
                    where = f"{path.name}:{node.lineno}"
                    yield Use(where, str(first.value), params, None not in names)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


USES = list(uses())


def test_every_message_has_a_sentence() -> None:
    assert len(USES) > 50
    assert [use for use in USES if use.code not in en.TEXTS] == []


def test_no_sentence_replaces_another() -> None:
    tree = ast.parse(Path(en.__file__).read_text(encoding="utf-8"))
    keys = [
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    ]
    assert [key for key in set(keys) if keys.count(key) > 1] == []


def test_every_sentence_gets_its_parameters() -> None:
    hints = {code: fields(en.TEXTS.get(f"{code}.hint", "")) for code in en.TEXTS}
    missing = [
        (use.where, use.code, wanted)
        for use in USES
        if use.whole and (wanted := (fields(en.TEXTS[use.code]) | hints[use.code]) - use.params)
    ]
    assert missing == []


@pytest.mark.parametrize("value", ["a\nb", "a\x1b[31mb", "a\u202eb"])
def test_text_of_the_cloud_stays_on_its_line_and_has_no_effect(value: str) -> None:
    shown = text(Message("ApiRefused", action="CreateImage", text=value))
    assert value not in shown
    assert shown.isprintable()
