"""Write the man pages, one for each command, from the commands themselves.

``--check`` writes nothing, and fails if a page is not as it would be written.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator

import click

from cvmimg import __version__
from cvmimg.cli.app import cli
from cvmimg.cli.commands import ALIASES, SECTIONS
from cvmimg.cli.messages.en import TEXTS
from cvmimg.cli.shared import SHARED_TITLE, Command
from generated import ROOT, write_or_check
from make_docs import subcommands

FOLDER = ROOT / "man"
NOTE = '.\\" Made by scripts/make_man.py from the commands themselves.'
EXIT_CODES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 130)


def main() -> int:
    """Write or check all pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    root = click.Context(cli, info_name="cvmimg", **cli.context_settings)
    files = {
        FOLDER / f"{page_name(context)}.1": "\n".join(page(context)) + "\n"
        for context in (root, *subcommands(root))
    }
    return write_or_check(files, check=arguments.check)


def page_name(context: click.Context) -> str:
    """The name of a command's page, such as "cvmimg-create"."""
    return context.command_path.replace(" ", "-")


def page(context: click.Context) -> Iterator[str]:
    """A whole page."""
    name, command = page_name(context), context.command
    yield NOTE
    yield f'.TH "{name.upper()}" "1" "" "cvmimg {__version__}" "cvmimg manual"'
    yield from (".SH NAME", f"{roff(name)} \\- {roff(command.get_short_help_str(limit=200))}")
    yield from (".SH SYNOPSIS", synopsis(context))
    yield ".SH DESCRIPTION"
    yield from paragraphs(command.help or "")
    if context.parent is None:
        yield from command_list(context)
    yield from options(context)
    for below in subcommands(context) if context.parent is not None else ():
        yield from subcommand(below)
    yield from examples(command)
    yield from exit_status()
    yield from see_also(context)


def synopsis(context: click.Context) -> str:
    """How a command is called."""
    pieces = " ".join(context.command.collect_usage_pieces(context))
    return f"\\fB{roff(context.command_path)}\\fR {roff(pieces)}"


def paragraphs(text: str) -> Iterator[str]:
    """A help text; what Click must not wrap stays as it is."""
    for number, paragraph in enumerate(re.sub(r"\n +", "\n", text.strip()).split("\n\n")):
        lines = paragraph.strip("\n").splitlines()
        if lines and lines[0] == "\b":
            yield from (".nf", *map(roff_line, lines[1:]), ".fi")
        else:
            yield from (*([".PP"] if number else []), *map(roff_line, lines))


def command_list(root: click.Context) -> Iterator[str]:
    """The commands in their sections, and the short names of some."""
    for title, commands in SECTIONS.items():
        yield f'.SH "{title.upper()}"'
        for name, line in commands.items():
            yield from entry(f"cvmimg-{name}(1)", line)
    yield ".SH ALIASES"
    for alias, name in ALIASES.items():
        yield from entry(f"{root.info_name} {alias}", f"{root.info_name} {name}")


def options(context: click.Context) -> Iterator[str]:
    """The options in the sections of the help; those of every command only on the first page."""
    by_section: dict[str, list[tuple[str, str]]] = {}
    command = context.command
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and isinstance(parameter, click.Option) and isinstance(command, Command):
            by_section.setdefault(command.section_of(parameter), []).append(record)
    for title, records in by_section.items():
        if title == SHARED_TITLE and context.parent is not None:
            continue
        yield f'.SH "{title.upper()}"'
        for flags, meaning in records:
            yield from entry(flags, meaning)


def subcommand(context: click.Context) -> Iterator[str]:
    """A command of a command, as a section."""
    yield f'.SH "{context.command_path.upper()}"'
    yield from (synopsis(context), ".PP")
    yield from paragraphs(context.command.help or "")
    command = context.command
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if not record or not isinstance(command, Command):
            continue
        if isinstance(parameter, click.Option) and command.section_of(parameter) != SHARED_TITLE:
            yield from entry(*record)


def examples(command: click.Command) -> Iterator[str]:
    """The examples of the help."""
    if isinstance(command, Command) and command.examples:
        yield from (".SH EXAMPLES", ".nf", *map(roff_line, command.examples), ".fi")


def exit_status() -> Iterator[str]:
    """The exit codes of every command."""
    yield '.SH "EXIT STATUS"'
    for code in EXIT_CODES:
        yield from entry(str(code), TEXTS.get(f"exit-code.{code}", "Done."))


def see_also(context: click.Context) -> Iterator[str]:
    """Other pages."""
    yield '.SH "SEE ALSO"'
    if context.parent is None:
        yield "docs/index.md"
    else:
        yield "\\fBcvmimg\\fR(1), for the options of every command"
        yield f".br\ndocs/reference/{context.info_name}.md"


def entry(term: str, meaning: str) -> Iterator[str]:
    """An entry of a list."""
    yield from (".TP", f"\\fB{roff(term)}\\fR", roff_line(meaning))


def roff(text: str) -> str:
    """Text without a meaning to roff; a hyphen can be copied as one."""
    one_line = " ".join(text.split())
    return one_line.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")


def roff_line(text: str) -> str:
    """A line of text, which must not begin as a request does."""
    shown = text.rstrip().replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return f"\\&{shown}" if shown.startswith((".", "'")) else shown


if __name__ == "__main__":
    sys.exit(main())
