"""Every message has a template, every template its parameters, and none is left over."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import cvmimg
from cvmimg.cli.commands import HELP
from cvmimg.cli.messages import text
from cvmimg.cli.messages.en import TEXTS
from cvmimg.cli.settings import Invocation
from cvmimg.message import Message

SOURCE = Path(cvmimg.__file__).parent
MAKERS = {"Message": "", "Invalid": "value.", "stage": "stage."}
"""Calls whose first argument names a message, and what the code begins with."""
ALWAYS_GIVEN = {"cvmimg"}


@dataclass(frozen=True)
class Use:
    """A place in the source where a message is made."""

    code: str
    params: frozenset[str]
    is_open: bool
    place: str


def uses() -> Iterator[Use]:
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (name := called(node.func)) in MAKERS and node.args:
                place = f"{path.relative_to(SOURCE)}:{node.lineno}"
                given = {each.arg for each in node.keywords if each.arg}
                given |= {"subject"} if name == "stage" else set()
                is_open = any(each.arg is None for each in node.keywords)
                for code in literals(node.args[0]):
                    yield Use(MAKERS[name] + code, frozenset(given), is_open, place)


def called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def literals(node: ast.expr) -> list[str]:
    """The texts that an expression may be: a literal, or one of two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    return []


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


USES = list(uses())


def test_the_scan_finds_messages() -> None:
    assert len(USES) > 50


@pytest.mark.parametrize("suffix", ["", ".hint"])
def test_every_message_has_a_template_whose_parameters_are_given(suffix: str) -> None:
    wrong = []
    for use in USES:
        template = TEXTS.get(use.code + suffix)
        if template is None:
            wrong += [] if suffix else [f"{use.place}: no template {use.code}"]
        elif not use.is_open and (missing := fields(template) - use.params - ALWAYS_GIVEN):
            wrong.append(f"{use.place}: {use.code}{suffix} needs {', '.join(sorted(missing))}")

    assert wrong == []


def test_no_template_is_left_over() -> None:
    named = {
        node.value
        for path in SOURCE.rglob("*.py")
        if path.name != "en.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    named |= {f"{prefix}{value}" for value in named for prefix in MAKERS.values()}
    composed = re.compile("|".join(compositions()))

    bases = {code.removesuffix(".hint") for code in TEXTS}
    assert {code for code in bases - named if not composed.fullmatch(code)} == set()


def compositions() -> Iterator[str]:
    """The codes that are composed from values, as patterns."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or called(node.func) != "Message":
                continue
            if node.args and isinstance(node.args[0], ast.JoinedStr):
                parts = node.args[0].values
                yield "".join(
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z0-9_-]+"
                    for part in parts
                )


def test_a_command_in_a_template_reaches_the_same_cloud() -> None:
    """A command to paste begins with {cvmimg}, which repeats --sandbox, --region and the like."""
    commands = "|".join(HELP)
    literal = re.compile(rf"(?<!`)\bcvmimg ({commands})\b(?!.*--help)")

    assert [code for code, template in TEXTS.items() if literal.search(template)] == []


@pytest.mark.parametrize(
    ("template", "params", "shown"),
    [
        ("{count:disk|disks}", {"count": 1}, "1 disk"),
        ("{count:disk|disks}", {"count": 2}, "2 disks"),
        ("{count:this disk|these # disks}", {"count": 1}, "this disk"),
        ("{count:this disk|these # disks}", {"count": 3}, "these 3 disks"),
        ("{ids:list}", {"ids": ["a", "b"]}, "a, b"),
        ("{ids:or}", {"ids": ["a", "b"]}, "a or b"),
        ("{error:clause}; retrying", {"error": "Try again."}, "Try again; retrying"),
        ("{errors:clauses}", {"errors": ["It is full.", "try"]}, "It is full; try"),
        ("{name:quoted}", {"name": "a\x1b["}, "'a\\x1b['"),
        ("{wait:duration}", {"wait": 65.0}, "1m05s"),
        ("{size}", {"size": 50.0}, "50"),
        ("{reason}", {"reason": Message("Declined")}, "declined; nothing was changed"),
        ("{cvmimg} list", {}, "cvmimg list"),
    ],
)
def test_forms(
    monkeypatch: pytest.MonkeyPatch, template: str, params: dict[str, object], shown: str
) -> None:
    monkeypatch.setitem(TEXTS, "demo", template)
    monkeypatch.setattr(Invocation, "current", Invocation())  # not that of an earlier test

    assert text(Message("demo", **params)) == shown


def test_a_message_without_a_template_is_shown_as_it_was_made() -> None:
    assert text(Message("Nothing", id="x")) == "Nothing(id=x)"


@pytest.mark.parametrize("value", ["a\nb", "a\x1b[31mb", "a\u202eb"])
def test_text_of_the_cloud_stays_on_its_line_and_has_no_effect(value: str) -> None:
    shown = text(Message("ApiRefused", action="CreateImage", text=value))

    assert value not in shown
    assert shown.isprintable()


def test_no_sentence_replaces_another() -> None:
    tree = ast.parse((SOURCE / "cli" / "messages" / "en.py").read_text(encoding="utf-8"))
    keys = [
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    ]
    assert [key for key in set(keys) if keys.count(key) > 1] == []
