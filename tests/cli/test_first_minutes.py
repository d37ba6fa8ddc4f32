"""The first minutes: no arguments, aliases, arguments without options, missing credentials."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from cvmimg import __version__
from cvmimg.cli.app import cli
from cvmimg.cli.commands import ALIASES, HELP
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
CONTEXT = click.Context(cli, info_name="cvmimg")


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command and every command of a command."""
    for name in HELP:
        command = cli.get_command(CONTEXT, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for below, found in command.commands.items():
                yield f"{name} {below}", found


COMMANDS = dict(commands())


def test_without_arguments_it_says_what_it_is_and_what_to_try(cvmimg: Run) -> None:
    outcome = cvmimg()

    assert outcome.code == 0
    assert outcome.err == ""
    assert sum("cvmimg --sandbox" in line for line in outcome.out.splitlines()) == 3


@pytest.mark.usefixtures("sandbox")
def test_the_commands_to_try_work(cvmimg: Run) -> None:
    tried = [line.split() for line in cvmimg().out.splitlines() if "cvmimg --sandbox" in line]

    codes = [cvmimg(*words[1:], "--yes").code for words in tried]

    assert codes == [0, 0, 0]


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(("alias", "line"), [("ls", "--name web*"), ("rm", "web-v1 --dry-run")])
def test_an_alias_is_its_command(cvmimg: Run, alias: str, line: str) -> None:
    short = cvmimg(alias, *line.split(), "-o", "json")
    whole = cvmimg(ALIASES[alias], *line.split(), "-o", "json")

    assert short.code == 0
    assert short.json == whole.json


@pytest.mark.usefixtures("sandbox")
def test_an_alias_takes_the_profiles_options_of_its_command(cvmimg: Run, config: Any) -> None:
    config('[profiles.default.list]\nname = "base*"')

    assert [image["name"] for image in cvmimg("ls", "-o", "json").json] == ["base-v1"]


@pytest.mark.parametrize("words", ["create", "operations list", "rm"])
def test_help_as_a_command(cvmimg: Run, words: str) -> None:
    named, asked = cvmimg("help", *words.split()), cvmimg(*words.split(), "--help")

    assert named.code == 0
    assert named.out == asked.out


def test_help_of_an_unknown_command_suggests_one(cvmimg: Run) -> None:
    outcome = cvmimg("help", "creat", "-o", "json")

    assert (outcome.code, outcome.error["code"]) == (2, "InvalidArgument")
    assert "create" in outcome.error["hint"]


def test_the_version_as_a_command_and_with_all_versions(cvmimg: Run) -> None:
    assert cvmimg("version").out == cvmimg("--version").out == f"cvmimg {__version__}\n"
    assert cvmimg("version", "-v").out == cvmimg("--version", "-v").out
    assert cvmimg("version", "-o", "json").json["cvmimg"] == __version__
    names = {line.split()[0] for line in cvmimg("-v", "--version").out.splitlines()}
    assert {"cvmimg", "python", "click", "tencentcloud-sdk-python-common"} <= names


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_examples_and_a_page(words: str) -> None:
    command = COMMANDS[words]

    assert isinstance(command, Command)
    assert command.examples
    if " " not in words:
        assert 2 <= len(command.examples) <= 4
        assert (ROOT / "docs" / "reference" / f"{words}.md").exists()


@pytest.mark.parametrize("words", [w for w in COMMANDS if " " not in w])
def test_the_help_names_the_page(cvmimg: Run, words: str) -> None:
    assert f"docs/reference/{words}.md" in cvmimg(words, "--help").out


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("short", "whole"),
    [
        ("launch web-v1 --dry-run", "launch --image web-v1 --dry-run"),
        ("create ins-web00001 --name x --dry-run", "create --instance web-1 --name x --dry-run"),
        ("check web-1", "check --instance ins-web00001"),
    ],
)
def test_an_argument_may_stand_for_the_option(cvmimg: Run, short: str, whole: str) -> None:
    without, with_option = (cvmimg(*each.split(), "-o", "json") for each in (short, whole))

    assert without.code == with_option.code == 0
    assert without.json.keys() == with_option.json.keys()


@pytest.mark.usefixtures("sandbox")
def test_several_instances_may_be_arguments_and_options(cvmimg: Run) -> None:
    line = "create ins-web00001 --instance ins-stop0001 --name x-{instance_id} --dry-run -o json"

    outcome = cvmimg(*line.split())

    assert [each["instance_id"] for each in outcome.json] == ["ins-web00001", "ins-stop0001"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("launch web-v1 --image base-v1", "GivenTwice"),
        ("check web-1 --instance ins-web00001", "GivenTwice"),
    ],
)
def test_the_same_thing_twice_is_refused(cvmimg: Run, line: str, code: str) -> None:
    outcome = cvmimg(*line.split())

    assert outcome.code == 2
    assert "as an argument" in outcome.err


@pytest.mark.parametrize(
    ("line", "missing"),
    [("launch", "--image"), ("check", "--instance"), ("create --name x", "--instance")],
)
def test_neither_is_refused_with_the_option(cvmimg: Run, line: str, missing: str) -> None:
    outcome = cvmimg(*line.split())

    assert outcome.code == 2
    assert missing in outcome.err


ASKING = {
    "create": "ins-web00001 --name x",
    "check": "ins-web00001",
    "launch": "web-v1",
    "wait": "web-v1",
    "list": "",
    "show": "web-v1",
    "lineage": "web-v1",
    "instances": "",
    "update": "web-v1 --name x",
    "delete": "web-v1",
    "prune": "--keep 3",
    "family": "list",
    "copy": "web-v1 --to ap-shanghai",
    "share": "web-v1 --with 100000000002",
    "unshare": "web-v1 --all",
    "quota": "",
    "snapshot": "--instance ins-data0001",
    "snapshots": "",
    "resume": "",
    "verify": "web-v1",
}
"""Commands that ask the cloud, with what they need."""
OFFLINE = {
    "operations",
    "configure",
    "doctor",
    "policy",
    "config",
    "explain",
    "sandbox",
    "completion",
    "help",
    "version",
}


def test_every_command_is_tested_without_credentials() -> None:
    assert set(HELP) <= set(ASKING) | OFFLINE


@pytest.mark.parametrize("name", [name for name in ASKING if name in HELP])
def test_without_credentials_it_says_where_they_are_looked_for_and_offers_the_sandbox(
    cvmimg: Run, name: str, tmp_path: Path
) -> None:
    outcome = cvmimg(name, *ASKING[name].split(), "-o", "json")

    assert (outcome.code, outcome.error["code"]) == (5, "CredentialsMissing")
    for place in (
        "cvmimg configure",
        "TENCENTCLOUD_SECRET_ID",
        "TENCENTCLOUD_CAM_ROLE_NAME",
        str(tmp_path / ".tccli" / "default.credential"),
        str(tmp_path / ".tencentcloud" / "credentials"),
        "--sandbox",
    ):
        assert place in outcome.error["hint"]
    assert json.loads(outcome.err.splitlines()[-1])


EXAMPLES = sorted(
    {
        segment.strip()
        for command in (cli, *COMMANDS.values())
        if isinstance(command, Command)
        for example in command.examples
        for segment in re.split(r"&&|\||#|>(?!=| `)", example)
        if segment.strip().startswith("cvmimg ") and "sandbox import" not in segment
    }
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_can_be_parsed(example: str) -> None:
    words = shlex.split(example)[1:]
    context: click.Context = cli.make_context("cvmimg", words, obj=Invocation(environment={}))
    while isinstance(context.command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, found, rest = context.command.resolve_command(context, rest)
        assert found is not None
        context = found.make_context(name, rest, parent=context)
