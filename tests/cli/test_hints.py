"""Every command that is offered to paste can be parsed, and reaches the same cloud."""

from __future__ import annotations

import ast
import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import cvmimg
from cvmimg.cli.app import cli
from cvmimg.cli.messages import text
from cvmimg.cli.messages.en import TEXTS
from cvmimg.cli.settings import Invocation
from cvmimg.command_line import CommandLine
from cvmimg.message import Message
from tests.cli.conftest import Run

CLOUD = ("--region", "ap-guangzhou", "--sandbox")
SAMPLES = defaultdict(
    lambda: "img-1a2b3c4d",
    operation="op-20261123-1a2b3c",
    steps=["stop"],
    count=2,
    length=2,
)
BY_TEMPLATE = sorted(code for code, template in TEXTS.items() if "{cvmimg}" in template)
SCENES = [
    "create --instance ins-old00001 --name old-v1 --tag team=web --family web --no-restart",
    "create --instance ins-data0001 --name x --tag team=web",
    "create --instance ins-save0001 --name x",
    "create --instance ins-noat0001 --name x",
    "create --instance ins-web00001 --name web-v1",
    "create --instance ins-web00001 --name web-v3 --timeout 1s",
    "create --instance ins-web00001 --name web-v4 --no-wait",
    "create --instance ins-web00001 --name web-v5",
    "create --instance ins-old00001 --name old-v2 --stop --no-wait",
    "create --instance ins-old00001 --name old-v3 --stop --no-wait",
    "check --instance ins-data0001 --name x",
    "check --instance ins-nofl0001",
    "delete web-v1 --yes",
    "launch --image web-v1 --yes --timeout 1s",
    "resume op-20200101-000000",
    "operations forget op-20200101-000000",
    "operations list --unfinished",
    "show web-v9",
    "update web-v1 --untag nothing",
    "wait web-v1",
]
PASTED = re.compile(r"(?<!`)cvmimg (?!\S+ --help)[^`\n]*")


def parsed(command: str) -> tuple[str, ...]:
    """The options that choose the cloud, of a command that can be parsed."""
    invocation = Invocation(environment={})
    words = shlex.split(command)[1:]
    context: click.Context = cli.make_context("cvmimg", list(words), obj=invocation)
    group: click.Command = cli
    while isinstance(group, click.Group):
        rest = [*context._protected_args, *context.args]
        name, group, rest = group.resolve_command(context, rest)
        context = group.make_context(name, rest, parent=context)
    return invocation.command_line.program[1:]


@pytest.mark.parametrize("code", BY_TEMPLATE)
def test_a_command_in_a_template_can_be_parsed(code: str) -> None:
    arguments = [*CLOUD, "list"]
    cli.make_context("cvmimg", list(arguments), obj=(invocation := Invocation(environment={})))
    invocation.arguments = arguments
    Invocation.current = invocation
    fields = {name: SAMPLES[name] for name in re.findall(r"\{(\w+)", TEXTS[code])}

    commands = PASTED.findall(text(Message(code, **fields)))

    assert commands
    assert {parsed(command.rstrip(").")) for command in commands} == {CLOUD}


def composed() -> Iterator[tuple[str, list[str]]]:
    """The commands that the source composes of words, with their places."""
    source = Path(cvmimg.__file__).parent
    for path in source.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and is_maker(node.func) and node.args:
                place = f"{path.relative_to(source)}:{node.lineno}"
                if isinstance(node.args[0], ast.Constant):
                    yield place, words_of(node.args)


def is_maker(function: ast.expr) -> bool:
    """Whether a function is ``session.command`` or that of a ``CommandLine``."""
    makers = ("session", "command_line", "commands")
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "command"
        and ast.unparse(function.value).endswith(makers)
    )


def words_of(arguments: list[ast.expr]) -> list[str]:
    """The words of a command; what the program fills in is a region or an id."""
    words: list[str] = []
    for argument in arguments:
        if isinstance(argument, ast.Constant):
            words.append(str(argument.value))
        elif not isinstance(argument, ast.Starred) or len(words) == 1:
            words.append("ap-beijing" if words[-1] == "--region" else "img-1a2b3c4d")
    return words


COMPOSED = list(composed())


@pytest.mark.parametrize(("place", "words"), COMPOSED, ids=[place for place, _ in COMPOSED])
def test_a_command_that_is_composed_of_words_can_be_parsed(place: str, words: list[str]) -> None:
    command = CommandLine(("cvmimg", *CLOUD)).command(*words)
    region = ("--region", "ap-beijing") if "--region" in words else CLOUD[:2]

    assert parsed(command) == (*region, *CLOUD[2:])


def test_the_scan_finds_composed_commands() -> None:
    assert len(COMPOSED) > 10


@pytest.mark.parametrize("place", ["before", "after"])
def test_every_command_that_is_offered_reaches_the_same_cloud(
    cvmimg: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "PATH").touch()  # a placeholder of a file to check
    offered = 0
    for scene in SCENES:
        words = scene.split()
        outcome = cvmimg(*([*CLOUD, *words] if place == "before" else [*words, *CLOUD]))
        for command in PASTED.findall(outcome.err + outcome.out):
            offered += 1
            assert parsed(command.strip()) == CLOUD, f"{scene}: {command}"

    assert offered > 15


def test_the_users_own_options_are_repeated(cvmimg: Run) -> None:
    outcome = cvmimg(*CLOUD, *SCENES[0].split())

    assert outcome.code == 3
    assert f"cvmimg {' '.join(CLOUD)} {SCENES[0]} --stop\n" in outcome.err
