"""The sandbox answers only error codes that the service lists."""

from __future__ import annotations

import ast
import fnmatch
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import cvmimg.sandbox
import error_codes
from cvmimg.sandbox import services
from cvmimg.sandbox.wire.call import ACTIONS
from cvmimg.sandbox.wire.errors import REFUSALS
from tests.contract.answers import COMMON, LISTED, OF_SERVICE, allowed_codes

services.register()

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


CHECKED_BEFORE = {
    "InvalidParameter.ParameterNameDuplicated",
    "InvalidParameterValue.InvalidCommandName",
    "InvalidParameterValue.InvalidContent",
    "InvalidParameterValue.TooLong",
}
"""What CreateCommand and ModifyCommand refuse, so that no command has it."""

UNREACHABLE: dict[str, set[str]] = {
    # Templates have no template themselves.
    "cvm.CreateLaunchTemplate": {
        "InvalidParameterValue.LaunchTemplateIdMalformed",
        "InvalidParameterValue.LaunchTemplateIdNotExisted",
        "InvalidParameterValue.LaunchTemplateVersion",
    },
    "tat.InvokeCommand": CHECKED_BEFORE,
    # The instances were found in the group just before.
    "as.RemoveInstances": {"InvalidInstanceId.NotFound"},
}
"""Codes that are found in the source of an action, but that it never answers."""


@pytest.mark.parametrize(("service", "action"), sorted(ACTIONS))
def test_every_code_of_an_action_is_listed_for_it_or_common(service: str, action: str) -> None:
    name = f"{service}.{action}"
    allowed = allowed_codes(service, action) | UNREACHABLE.get(name, set())
    found = error_codes.of_action(service, action)
    assert [code for code in found if not fnmatch.filter(allowed, code)] == []


def test_the_codes_that_are_never_answered_are_in_the_source() -> None:
    for name, codes in UNREACHABLE.items():
        assert codes <= set(error_codes.of_action(*name.split(".")))
        assert not codes & allowed_codes(*name.split("."))
