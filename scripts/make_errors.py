"""Write docs/errors.md, every error by its code, from the source. ``--check`` only compares."""

from __future__ import annotations

import argparse
import ast
import importlib
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cvmimg.cli.messages.en import TEXTS
from cvmimg.cloud import errors as api
from cvmimg.errors import CvmimgError
from generated import ROOT, write_or_check

Values = Mapping[str, list[ast.expr]]
"""What a function assigns to its names."""

SOURCE = ROOT / "src" / "cvmimg"
TOOL = ("cli", "workflows", "durable", "checks", "guest", "cloud")
HEAD = """\
---
hide:
  - toc
---

<!-- Made by scripts/make_errors.py from the source. -->

# Errors by code

Every error has a code, which `-o json` prints and scripts can compare; the wording may change.
Words in italics stand for what the error names: an id, a region, a reason. The sections are the
[exit codes](output.md#exit-codes). The codes of [checks](checks.md) are on a
[page of their own](how-checks-decide.md).

An error of the API keeps the API's code; see [the last section](#codes-of-the-api).
"""
TITLES = {
    1: "The cloud refused the request, or something unexpected failed",
    2: "Wrong usage",
    3: "A precondition failed",
    4: "Not found",
    5: "Credentials",
    6: "The task failed",
    7: "The wait timed out",
    8: "The cloud could not be reached",
    130: "Interrupted",
}
MORE = {
    2: "What the command line itself refuses (an unknown option, a value of the wrong form) has the"
    " code `InvalidArgument`.",
    3: "Nothing was changed.",
    6: "The task was carried out and failed.",
    7: "The task continues; the command to resume is printed.",
}
API = """\
## Codes of the API

An error that the API answers keeps its code, such as `InvalidImageName.Duplicate`, and its request
id. A code stands for its sub-codes too: `ResourceInUse` for `ResourceInUse.Image`.

| code | exit code | what cvmimg does |
|---|---|---|
"""


@dataclass(frozen=True)
class Raised:
    """An error that the source raises.

    Attributes:
        message: the code of its sentence.
        code: the code that it reports.
        exit_code: the exit code of its type.
    """

    message: str
    code: str
    exit_code: int


def main() -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    return write_or_check({ROOT / "docs" / "errors.md": page()}, check=arguments.check)


def page() -> str:
    """The whole page."""
    by_exit: dict[int, list[Raised]] = defaultdict(list)
    for _, raised in sorted(raised_errors().items()):
        by_exit[raised.exit_code].append(raised)
    parts = [HEAD]
    for exit_code, title in TITLES.items():
        parts += [
            f"## {title}",
            "",
            f"Exit code {exit_code}. {MORE.get(exit_code, '')}".strip(),
            "",
        ]
        parts += [line for raised in by_exit[exit_code] for line in entry(raised)]
    return "\n".join([*parts, API + "\n".join(api_rows()), ""])


def entry(raised: Raised) -> list[str]:
    """One error: what it says, and what to do about it."""
    lines = [f"### {raised.message}", "", sentence(TEXTS[raised.message]), ""]
    hint = TEXTS.get(f"{raised.message}.hint")
    if hint:
        lines += ["What to do: " + "; ".join(map(sentence, hint.splitlines())), ""]
    if raised.code != raised.message:
        lines += [f"Its code in JSON is `{raised.code}`.", ""]
    return lines


def sentence(template: str) -> str:
    """A template as Markdown, its parameters in italics."""
    text = template.replace("{{", "\0").replace("}}", "\1").replace("\n", " ")
    pieces = re.split(r"(\{[^{}]*\})", text)
    shown = [field(each) if each.startswith("{") else escaped(each) for each in pieces]
    return "".join(shown).replace("\0", "{").replace("\1", "}")


def field(place: str) -> str:
    """A parameter of a template, such as ``{count:disk|disks}``."""
    name, _, form = place[1:-1].partition(":")
    word = f"*{name.replace('_', ' ')}*"
    if name == "cvmimg":
        return "cvmimg"
    if form == "quoted":
        return f"'{word}'"
    if "|" not in form:
        return word
    several = form.split("|")[1]
    return several.replace("#", word) if "#" in several else f"{word} {several}"


def escaped(text: str) -> str:
    """Text that Markdown leaves as it is; what is between backticks stays code."""
    parts = text.split("`")
    return "`".join(
        part if n % 2 else re.sub(r"([*_<>|\[\]])", r"\\\1", part) for n, part in enumerate(parts)
    )


def raised_errors() -> Mapping[str, Raised]:
    """By code of their sentence, the errors that the source raises."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for folder in TOOL
        for path in sorted((SOURCE / folder).rglob("*.py"))
    ]
    trees.append(ast.parse((SOURCE / "config.py").read_text(encoding="utf-8")))
    exit_codes = error_types()
    return {
        raised.message: raised
        for tree in trees
        for node in ast.walk(tree)
        for raised in errors_of(node, exit_codes)
    }


def error_types() -> Mapping[str, int]:
    """By name, the exit code of every class of errors."""
    for folder in TOOL:
        for module in pkgutil.walk_packages([str(SOURCE / folder)], f"cvmimg.{folder}."):
            importlib.import_module(module.name)
    types: list[type[CvmimgError]] = [CvmimgError, *subclasses(CvmimgError)]
    return {each.__name__: each.exit_code for each in types}


def subclasses(base: type[CvmimgError]) -> Iterator[type[CvmimgError]]:
    """All classes below one, of those that are loaded."""
    for each in base.__subclasses__():
        yield each
        yield from subclasses(each)


def errors_of(node: ast.AST, exit_codes: Mapping[str, int]) -> Iterator[Raised]:
    """The errors that a function makes, or the one that a class of errors stands for."""
    if isinstance(node, ast.FunctionDef):
        yield from errors_in(node, exit_codes)
    if not isinstance(node, ast.ClassDef) or node.name not in exit_codes:
        return
    for call in ast.walk(node):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr == "__init__" and call.args:
            for code in strings_in(call.args[0], {}):
                if code in TEXTS:
                    yield Raised(code, reported_code(call) or code, exit_codes[node.name])


def errors_in(function: ast.FunctionDef, exit_codes: Mapping[str, int]) -> Iterator[Raised]:
    """The errors that a function makes: ``NotFound(Message("ImageNotFound", …))`` and the like."""
    values: dict[str, list[ast.expr]] = defaultdict(list)
    for name, value in assigned(function):
        values[name].append(value)
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        types = [name for name in names_in(node.func, values) if name in exit_codes]
        for code in strings_in(node.args[0], values) if types else ():
            if code in TEXTS and not code[0].islower():
                yield Raised(code, reported_code(node) or code, exit_codes[types[0]])


def assigned(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """The names that a function gives values to, and what the values come from."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            yield from (
                (each.id, node.value) for each in node.targets if isinstance(each, ast.Name)
            )
        elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
            yield node.target.id, node.value
        elif isinstance(node, ast.For):
            yield from ((name, node.iter) for name in names_in(node.target, {}))


def names_in(node: ast.expr, values: Values) -> list[str]:
    """The names in an expression, and in what was assigned to them."""
    names = [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]
    further = [value for name in names for value in values.get(name, ())]
    return names + [name for each in further for name in names_in(each, {})]


def strings_in(node: ast.expr, values: Values) -> list[str]:
    """The texts in an expression, and in what was assigned to its names, however far back.

    Of a message, only its code counts: its parameters may be messages, too.
    """
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        return strings_in(node.args[0], values) if node.func.id == "Message" else []
    strings = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
    found = [each for each in strings if isinstance(each, str)]
    for name in names_in(node, {}):
        rest = {other: value for other, value in values.items() if other != name}
        found += [each for value in values.get(name, ()) for each in strings_in(value, rest)]
    return found


def reported_code(call: ast.Call) -> str:
    """The code that an error reports instead of its sentence's; empty for none."""
    given = [each.value for each in call.keywords if each.arg == "code"]
    return str(given[0].value) if given and isinstance(given[0], ast.Constant) else ""


def api_rows() -> Iterator[str]:
    """What the API's codes mean, as rows of a table."""
    for codes, meaning in (
        (api.THROTTLED, "waits and retries"),
        (api.SERVER_TROUBLE, "retries; after a change, checks first whether it was carried out"),
        (api.BUSY, "waits until the other operation has finished, then retries"),
        (api.ALREADY_STOPPED, "a stop is done"),
        (api.ALREADY_RUNNING, "a start is done"),
        (api.UNKNOWN_TAG, "a filter by this tag matches nothing"),
    ):
        yield from (f"| `{code}` | {exit_code_of(code)} | {meaning} |" for code in codes)
    for code, hint in api._HINTS.items():
        yield f"| `{code}` | {exit_code_of(code)} | says: {sentence(TEXTS[hint.code])} |"


def exit_code_of(code: str) -> int:
    """The exit code of an API error that is not resolved by itself."""
    return api.from_api(code, "", "", action="").exit_code


if __name__ == "__main__":
    sys.exit(main())
