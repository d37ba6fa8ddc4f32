"""The GitHub Action's inputs, from the options of its commands; and the examples in the guide."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cvmimg.cli.commands.create import command as create
from cvmimg.cli.commands.launch import command as launch
from generated import ROOT, fill

COMMANDS = {"create": create, "launch": launch}
ACTION = ROOT / "action.yml"
OPTIONS = ROOT / "action" / "options.json"
GUIDE = ROOT / "docs" / "ci.md"
EXAMPLES = {
    "github": "github.yml",
    "github-restore": "github-restore.yml",
    "gitlab": "gitlab.yml",
    "cnb": "cnb.yml",
    "jenkins": "Jenkinsfile",
}
"""Which example stands in which place of the guide."""


def files() -> dict[Path, str]:
    """The files that follow from the options, with their text."""
    kinds = {
        name: {_name(option): _kind(option) for option in _options(command)}
        for name, command in COMMANDS.items()
    }
    action = fill(ACTION.read_text(encoding="utf-8"), "options", _inputs())
    return {ACTION: action, OPTIONS: json.dumps(kinds, indent=2) + "\n", GUIDE: _guide()}


def _guide() -> str:
    """The guide with the examples, which the tests run."""
    text = GUIDE.read_text(encoding="utf-8")
    for place, name in EXAMPLES.items():
        content = (ROOT / "examples" / "ci" / name).read_text(encoding="utf-8").rstrip()
        language = "yaml" if name.endswith(".yml") else "groovy"
        text = fill(text, place, f"```{language}\n{content}\n```")
    return text


def _options(command: click.Command) -> list[click.Option]:
    """The options of a command's own."""
    return [
        option
        for option in command.params
        if isinstance(option, click.Option) and option.expose_value and not option.hidden
    ]


def _inputs() -> str:
    """An input for each option, with the help of each command that has it."""
    helps: dict[str, dict[str, str]] = {}
    for command, each in COMMANDS.items():
        for option in _options(each):
            helps.setdefault(_name(option), {})[command] = _help(option)
    return "\n".join(
        f"  {name}:\n    description: {json.dumps(_description(texts), ensure_ascii=False)}"
        for name, texts in helps.items()
    )


def _description(texts: dict[str, str]) -> str:
    if len(texts) == len(COMMANDS) and len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return " ".join(f"{command}: {text}" for command, text in texts.items())


def _help(option: click.Option) -> str:
    text = (option.help or "").replace("; repeatable, all must match", "; all must match")
    text = text.replace("; repeatable", "").rstrip(".")
    if _kind(option) == "flag":
        return f"{text} (true or false)."
    return f"{text}; one per line." if _kind(option) == "list" else f"{text}."


def _name(option: click.Option) -> str:
    return option.opts[0].removeprefix("--")


def _kind(option: click.Option) -> str:
    if option.is_flag:
        return "flag"
    return "list" if option.multiple else "value"
