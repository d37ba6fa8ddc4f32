"""Write the command reference and the lists of commands and API actions, from the program itself.

``--check`` writes nothing, and fails if anything is not as it would be written.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from cvmimg.checks.registry import CHECKS, GROUPS, Check
from cvmimg.cli.app import cli
from cvmimg.cli.messages import text
from cvmimg.cli.messages.en import TEXTS
from cvmimg.cli.shared import Command
from cvmimg.cloud.client import VERSIONS
from generated import ROOT, fill, write_or_check
from make_action import files as action_files
from make_errors import sentence

REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- Made by scripts/make_docs.py from the commands themselves. -->\n\n"


def main() -> int:
    """Write or check all files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()

    root = click.Context(cli, info_name="cvmimg", **cli.context_settings)
    files = {
        REFERENCE / f"{context.info_name}.md": NOTE + command_page(context)
        for context in subcommands(root)
    }
    files[REFERENCE / "index.md"] = NOTE + index_page(root)
    site = ROOT / "mkdocs.yml"
    files[site] = fill(site.read_text(encoding="utf-8"), "commands", navigation(root))
    readme, permissions = ROOT / "README.md", ROOT / "docs" / "permissions.md"
    files[readme] = fill(
        readme.read_text(encoding="utf-8"), "commands", command_table(root, "docs/reference/")
    )
    files[permissions] = fill(
        permissions.read_text(encoding="utf-8"), "actions", "\n".join(action_list())
    )
    checks = ROOT / "docs" / "checks.md"
    files[checks] = fill(checks.read_text(encoding="utf-8"), "checks", "\n".join(check_table()))
    for group in GROUPS:
        page = ROOT / "docs" / f"checks-{group}.md"
        filled = fill(page.read_text(encoding="utf-8"), "group", "\n".join(group_checks(group)))
        files[page] = filled
    decisions = ROOT / "docs" / "how-checks-decide.md"
    files[decisions] = fill(
        decisions.read_text(encoding="utf-8"), "results", "\n".join(check_results())
    )
    files |= action_files()
    return write_or_check(files, check=arguments.check)


def subcommands(context: click.Context) -> Iterator[click.Context]:
    """The contexts of a group's commands, hidden ones left out, in the group's own order."""
    group = context.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield click.Context(command, info_name=name, parent=context)


def index_page(root: click.Context) -> str:
    """The page that lists the commands and the options that all of them take."""
    return "\n".join(
        [
            "# Commands",
            "",
            command_table(root, ""),
            "",
            "## Options of every command",
            "",
            "They may stand before or after the command's name. Each has an environment variable,",
            "such as `CVMIMG_OUTPUT` for `--output`. A flag beats an environment variable, which",
            "beats a [profile](../configuration.md).",
            "",
            *option_table(root, root.command.params),
            "",
        ]
    )


def navigation(root: click.Context) -> str:
    """The commands' pages in the navigation of the site."""
    names = [context.info_name for context in subcommands(root)]
    return "\n".join(f"          - {name}: reference/{name}.md" for name in names)


def command_table(root: click.Context, folder: str) -> str:
    """A table of the commands, each linked to its page under ``folder``."""
    rows = [
        f"| [`{context.info_name}`]({folder}{context.info_name}.md) "
        f"| {cell(context.command.get_short_help_str(limit=200))} |"
        for context in subcommands(root)
    ]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


def command_page(context: click.Context, level: int = 1) -> str:
    """What ``--help`` says of a command and of its subcommands, as Markdown."""
    command = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"{'#' * level} {context.command_path}", "", "```text", usage, "```", ""]
    parts += [*paragraphs(command.help or ""), ""]
    shared = {parameter.name for parameter in context.find_root().command.params}
    own = [each for each in command.params if each.name not in shared]
    parts += option_sections(context, own, level)
    parts += examples(command, level)
    if level == 1:
        parts += ["It takes the [options of every command](index.md) too.", ""]
    parts += [command_page(child, level + 1) for child in subcommands(context)]
    return "\n".join(parts)


def option_sections(
    context: click.Context, parameters: list[click.Parameter], level: int
) -> list[str]:
    """The options of a command, in the sections of its help."""
    parts: list[str] = []
    by_section: dict[str, list[click.Parameter]] = {}
    for parameter in parameters:
        if isinstance(parameter, click.Option) and isinstance(context.command, Command):
            by_section.setdefault(context.command.section_of(parameter), []).append(parameter)
    for title, options in by_section.items():
        heading = [f"{'#' * (level + 1)} {title}", ""] if len(by_section) > 1 else []
        parts += [*heading, *option_table(context, options), ""]
    return parts


def examples(command: click.Command, level: int) -> list[str]:
    """The examples of a command's help."""
    lines = command.examples if isinstance(command, Command) else ()
    if not lines:
        return []
    note = "<!-- not run: the ids stand for yours -->"
    return [f"{'#' * (level + 1)} Examples", "", note, "```shell", *lines, "```", ""]


def option_table(context: click.Context, parameters: list[click.Parameter]) -> list[str]:
    """A table of options; empty without any option to show."""
    records = [parameter.get_help_record(context) for parameter in parameters]
    rows = [f"| `{cell(record[0])}` | {cell(record[1])} |" for record in records if record]
    return ["| option | meaning |", "|---|---|", *rows] if rows else []


def paragraphs(text: str) -> list[str]:
    """A command's help text as Markdown: what Click must not wrap becomes a block of text."""
    result: list[str] = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        lines = paragraph.strip("\n").splitlines()
        if lines and lines[0].strip() == "\b":
            result += ["```text", *lines[1:], "```", ""]
        else:
            result += [*(line.strip() for line in lines), ""]
    return result[:-1]


def cell(text: str) -> str:
    """Text that does not break a table."""
    return " ".join(text.split()).replace("|", "\\|")


def check_table() -> list[str]:
    """The registry of checks as a table."""
    rows = [
        f"| `{check.id}` | {check.group} | {cell(text(check.why))} |"
        f" {'yes' if check.needs_guest else ''} |"
        for check in CHECKS
    ]
    return ["| check | group | what it is for | reads the guest |", "|---|---|---|---|", *rows]


FIXES = {
    "create": "`cvmimg create --fix {}` fixes it while the image is created, and restores it.",
    "launch": "`cvmimg launch --fix {}` fixes it when a new instance boots first.",
    "advice": "By hand.",
}


def group_checks(group: str) -> Iterator[str]:
    """Every check of a group: why, what is found, and how it is fixed."""
    for check in CHECKS:
        if check.group != group:
            continue
        yield from (f"## `{check.id}`", "", f"{text(check.why)} {text(check.details)}", "")
        yield from ("| found | what to do |", "|---|---|")
        for code in check.codes:
            hint = TEXTS.get(f"{code}.hint", "")
            yield f"| {sentence(TEXTS[code])} (`{code}`) | {sentence(hint)} |"
        yield from ("", f"Fix: {FIXES[check.fix].format(check.id)}", "")


def check_results() -> Iterator[str]:
    """Every result that a check can have: its code, its sentence, and what to do about it."""
    for check in CHECKS:
        yield from (f"### `{check.id}`", "", text(check.why), "")
        yield from ("| code | says | what to do |", "|---|---|---|")
        for code in result_codes(check):
            hint = TEXTS.get(f"{code}.hint", "")
            yield f"| `{code}` | {sentence(TEXTS[code])} | {sentence(hint)} |"
        yield ""


def result_codes(check: Check) -> list[str]:
    """The codes of a check: those of the registry, or those that its own module names."""
    if check.group:
        return list(check.codes)
    name = check.id.replace("-", "_")
    source = (ROOT / "src" / "cvmimg" / "checks" / f"{name}.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    words = [each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)]
    codes = [word for word in words if isinstance(word, str) and word in TEXTS]
    return [code for code in dict.fromkeys(codes) if code[0].isupper() and ".hint" not in code]


def action_list() -> list[str]:
    """Every API action that the source names in a call, as a Markdown list."""
    found: set[str] = set()
    for path in (ROOT / "src" / "cvmimg" / "cloud").glob("*.py"):
        found |= set(actions_in(path))
    return [f"- `{action}`" for action in sorted(found)]


def actions_in(path: Path) -> Iterator[str]:
    """The actions that a file's calls name: a service, followed by an action, as arguments."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            words = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
            for service, action in itertools.pairwise(words):
                if service in VERSIONS and isinstance(action, str) and action:
                    yield f"{service}:{action}"


if __name__ == "__main__":
    sys.exit(main())
