"""The sandbox answers only error codes that the service lists."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import cvmimg.sandbox
from cvmimg.sandbox.wire.refusals import REFUSALS
from tests.contract.answers import COMMON, LISTED, OF_SERVICE

FOLDER = Path(cvmimg.sandbox.__file__).parent
EVERY = COMMON.union(*LISTED.values(), *OF_SERVICE.values())


def codes(path: Path) -> Iterator[tuple[int, str]]:
    """Return the literal codes that a module refuses with."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("ApiError", "refusal"):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda p: p.name)
def test_every_code_in_the_sandbox_is_listed_by_its_service(
    path: Path, covered: Counter[str]
) -> None:
    written = list(codes(path))
    covered["error codes"] += len({code for _, code in written})
    assert [(line, code) for line, code in written if code not in EVERY] == []


def refusals(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Yield the name of the text and the parameters of each refusal with literal names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "refusal":
            name = node.args[-1]
            if isinstance(name, ast.Constant):
                yield str(name.value), {keyword.arg or "" for keyword in node.keywords}


def placeholders(texts: tuple[str, str]) -> set[str]:
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def test_every_refusal_gives_the_values_of_its_text() -> None:
    given = [each for path in FOLDER.rglob("*.py") for each in refusals(path)]
    wrong = {name for name, values in given if values != placeholders(REFUSALS[name])}
    assert wrong == set()
    assert {name for name, _ in given} == set(REFUSALS)
