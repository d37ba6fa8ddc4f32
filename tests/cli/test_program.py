"""The program itself: help, version, completion, the table of commands."""

from __future__ import annotations

import click
import pytest

from cvmimg import __version__
from cvmimg.cli.app import cli
from cvmimg.cli.commands import HELP, SECTIONS
from tests.cli.conftest import Run

ROOT = click.Context(cli, info_name="cvmimg")


@pytest.mark.parametrize("name", HELP)
def test_the_table_of_commands_says_what_the_commands_say(name: str) -> None:
    command = cli.get_command(ROOT, name)

    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(limit=200) == HELP[name]


def test_help_shows_the_commands_in_sections(cvmimg: Run) -> None:
    outcome = cvmimg("--help")

    assert outcome.code == 0
    for title, commands in SECTIONS.items():
        assert f"{title}:\n" in outcome.out
        for name, line in commands.items():
            assert f"{name} {line}" in " ".join(outcome.out.split())


@pytest.mark.parametrize("name", HELP)
def test_every_command_shows_the_options_of_every_command(cvmimg: Run, name: str) -> None:
    outcome = cvmimg(name, "--help")

    own, shared = outcome.out.split("Options of every command:")
    assert outcome.code == 0
    assert "-o, --output" in shared
    assert "-o, --output" not in own


def test_version(cvmimg: Run) -> None:
    assert cvmimg("--version").out == f"cvmimg {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_call_the_program(cvmimg: Run, shell: str) -> None:
    outcome = cvmimg("completion", shell)

    assert outcome.code == 0
    assert f"_CVMIMG_COMPLETE={shell}_complete" in outcome.out


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("cvmimg cre", "create"),
        ("cvmimg create --dry", "--dry-run"),
        ("cvmimg create --reg", "--region"),
        ("cvmimg sandbox s", "serve"),
        ("cvmimg list --type pu", "public"),
    ],
)
def test_words_are_completed(
    cvmimg: Run,
    environment: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    words: str,
    completed: str,
) -> None:
    environment.setenv("_CVMIMG_COMPLETE", "bash_complete")
    environment.setenv("COMP_WORDS", words)
    environment.setenv("COMP_CWORD", str(len(words.split()) - 1))

    with pytest.raises(SystemExit):
        cvmimg()

    assert f"plain,{completed}" in capfd.readouterr().out.splitlines()
