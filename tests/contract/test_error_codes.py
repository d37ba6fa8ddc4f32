"""The sandbox answers only error codes that the service lists."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import cvmimg.sandbox
from tests.contract.answers import COMMON, LISTED, OF_SERVICE

FOLDER = Path(cvmimg.sandbox.__file__).parent
EVERY = COMMON.union(*LISTED.values(), *OF_SERVICE.values())


def codes(path: Path) -> Iterator[tuple[int, str]]:
    """Return the literal codes that a module raises ApiError with."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ApiError":
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
