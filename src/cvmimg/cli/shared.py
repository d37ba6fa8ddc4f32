"""The options of every command, accepted before or after the command's name."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from cvmimg import __version__
from cvmimg.cli.commands import ALIASES, HELP, SECTIONS
from cvmimg.cli.options import PROFILE, REGION, Invalid, refuse
from cvmimg.cli.settings import FORMATS, Invocation, Rank, Settings
from cvmimg.message import Message

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SHARED_TITLE = "Options of every command"
SHARED_NAMES = tuple(each.name for each in fields(Settings))
_WHOLE = 1000
_HELD_SPACE = "\N{NO-BREAK SPACE}"
_YES, _NO = ("1", "true", "t", "yes", "y", "on"), ("0", "false", "f", "no", "n", "off")
_RANKS = {
    click.core.ParameterSource.COMMANDLINE: Rank.FLAG,
    click.core.ParameterSource.ENVIRONMENT: Rank.ENVIRONMENT,
}


def shared_options(*, environment: bool) -> list[click.Parameter]:
    """New options of every command.

    Args:
        environment: also read them from CVMIMG_…; once is enough, so only the root does.
    """

    def option(*names: str, cls: type[click.Option] = click.Option, **more: Any) -> click.Parameter:
        made = cls(names, expose_value=False, is_eager=True, callback=_note, default=None, **more)
        if environment:
            made.envvar = f"CVMIMG_{str(made.name).upper()}"
        return made

    def flag(*names: str, text: str) -> click.Parameter:
        return option(*names, cls=_Switch, is_flag=True, help=text)

    return [
        option("--region", metavar="R", type=REGION, help="Region, such as ap-guangzhou."),
        option("--profile", type=PROFILE, help="Profile with settings and credentials."),
        option("--endpoint", metavar="URL", help="One endpoint for all services."),
        flag("--sandbox", text="Use the simulated cloud: no account, no network."),
        option(
            "-o",
            "--output",
            type=click.Choice(FORMATS),
            metavar="FORMAT",
            help=f"Output format: {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.",
        ),
        flag("-q", "--quiet", text="Hide progress and notices."),
        option("-v", "--verbose", count=True, help="Log API calls; -vv adds tracebacks."),
        flag("--no-color", text="Disable colors."),
        flag("--no-progress", text="Show plain lines instead of live bars."),
        flag("-y", "--yes", text="Assume yes; never prompt."),
    ]


class _Switch(click.Option):
    """A flag that its environment variable can also turn off, in all versions of Click."""

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """Return yes, no, or None if the variable is not set."""
        text = ctx.ensure_object(Invocation).environment.get(str(self.envvar))
        if not text:
            return None
        if text.lower() not in _YES + _NO:
            from cvmimg.cli.usage import invalid_value

            raise invalid_value(Invalid("switch", variable=self.envvar, value=text), self, ctx)
        return text.lower() in _YES


def _note(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep a value that was given; one after the command's name beats one before it."""
    source = context.get_parameter_source(str(parameter.name))
    if source in _RANKS:
        context.ensure_object(Invocation).note(str(parameter.name), value, _RANKS[source])


class Context(click.Context):
    """A context that takes options that were not given from the profile."""

    def lookup_default(self, name: str, call: bool = True) -> Any:  # noqa: ARG002
        """Return the profile's value of an option of this command, or None."""
        uses_profile = getattr(self.command, "uses_profile", False)
        if self.resilient_parsing or self.parent is None or not uses_profile:
            return None
        keys = {
            each.name: _key(each)
            for each in self.command.params
            if each.name not in SHARED_NAMES and each.name != "help"
        }
        if name not in keys:
            return None
        invocation = self.ensure_object(Invocation)
        words = command_words(self)
        return invocation.command_defaults(words, list(keys.values())).get(keys[name])


def command_words(context: click.Context) -> tuple[str, ...]:
    """Return the words of a command, without the program's."""
    return tuple(context.command_path.split()[1:])


def _bracketed(line: str) -> str:
    """Return the help of an option with its default, in brackets, as one word."""
    text, bracket, rest = line.rpartition("[")
    if not (bracket and rest.endswith("]")):
        return line
    return f"{text.rstrip()}  {bracket}{rest.replace(' ', _HELD_SPACE)}"


def _key(parameter: click.Parameter) -> str:
    """Return the name of an option in a profile: its flag without leading dashes."""
    return parameter.opts[0].lstrip("-").replace("-", "_")


def require_given(values: Mapping[str, Any]) -> None:
    """Require options that Click itself cannot require; name all that are missing.

    Args:
        values: by flag; an empty one is missing.
    """
    missing = [name for name, value in values.items() if not value]
    if missing:
        refuse(Message("OptionsMissing", names=missing))


class Command(click.Command):
    """A command with the options of every command, in a section of their own in its help.

    Args:
        arguments: as Click takes them.
        examples: command lines to show in the help.
        sections: further sections of the help: a title, and the names of its options.
        uses_profile: whether a profile may hold its options; if not, a broken config file does not
            prevent it.
        more: as Click takes them.
    """

    context_class = Context

    def __init__(
        self,
        *arguments: Any,
        examples: Sequence[str] = (),
        sections: Mapping[str, Sequence[str]] | None = None,
        uses_profile: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(*arguments, **more)
        self.uses_profile = uses_profile
        self.examples = tuple(examples)
        self._sections = sections or {}
        self.params = [*self.params, *shared_options(environment=False)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line; name all missing options at once, and refuse repeated ones."""
        given = list(args)
        try:
            rest = super().parse_args(ctx, args)
        except click.MissingParameter as error:
            if ctx.resilient_parsing or error.param is None:
                raise
            self._refuse_missing(ctx, given)
            raise
        if not ctx.resilient_parsing:
            self._refuse_repeated(ctx, given)
        return rest

    def _refuse_missing(self, ctx: click.Context, given: list[str]) -> None:
        from cvmimg.cli.usage import shown_name

        values, _, _ = self.make_parser(ctx).parse_args(list(given))
        missing = [
            parameter
            for parameter in self.get_params(ctx)
            if parameter.required
            and parameter.value_is_missing(parameter.consume_value(ctx, values)[0])
        ]
        refuse(Message("OptionsMissing", names=[shown_name(each, ctx) for each in missing]))

    def _refuse_repeated(self, ctx: click.Context, given: list[str]) -> None:
        """Refuse an option of the command's own that takes one value and was given several."""
        _, _, order = self.make_parser(ctx).parse_args(list(given))
        for parameter in self.params:
            takes_one = isinstance(parameter, click.Option) and not (
                parameter.multiple or parameter.is_flag or parameter.count
            )
            if takes_one and parameter.expose_value and order.count(parameter) > 1:
                refuse(Message("OptionRepeated", option=parameter.opts[0]))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options in their sections, then those of every command."""
        titles = ("Options", *self._sections, SHARED_TITLE)
        records: dict[str, list[tuple[str, str]]] = {title: [] for title in titles}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and not isinstance(parameter, click.Argument):
                records[self.section_of(parameter)].append(record)
        for title, rows in records.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl([(name, _bracketed(line)) for name, line in rows])

    def get_help(self, ctx: click.Context) -> str:
        """Return the help, once its lines are broken and no space has to hold together."""
        return super().get_help(ctx).replace(_HELD_SPACE, " ")

    def section_of(self, parameter: click.Parameter) -> str:
        """Return the title of the section of the help that an option is shown in."""
        if parameter.name in SHARED_NAMES:
            return SHARED_TITLE
        found = (title for title, names in self._sections.items() if parameter.name in names)
        return next(found, "Options")

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each on one line so that it can be pasted."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{' ' * formatter.current_indent}{example}\n")
        if words := command_words(ctx):
            with formatter.section("Documentation"):
                page = f"docs/reference/{words[0]}.md, man cvmimg-{words[0]}"
                formatter.write(f"{' ' * formatter.current_indent}{page}\n")
        super().format_epilog(ctx, formatter)


subcommand = partial(click.command, cls=Command)
"""The decorator of a command."""


class Group(Command, click.Group):
    """A command of commands."""

    command_class = Command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the options; without any argument, print the help as a result."""
        if not args and not ctx.resilient_parsing:
            click.echo(self.introduction(ctx))
            ctx.exit()
        return super().parse_args(ctx, args)

    def introduction(self, ctx: click.Context) -> str:
        """Return what to print where no argument is given."""
        return ctx.get_help()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each command with the whole first sentence of its help."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        rows = [(name, each.get_short_help_str(_WHOLE)) for name, each in commands.items() if each]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands first, then the options."""
        self.format_commands(ctx, formatter)
        Command.format_options(self, ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command."""
        name = args[0]
        found = self.get_command(ctx, name)
        if found is not None:
            return found.name, found, args[1:]
        if ctx.resilient_parsing or name.startswith("-"):
            return super().resolve_command(ctx, args)

        from cvmimg.cli.usage import unknown_command

        raise unknown_command(name, self.list_commands(ctx), ctx)


class Root(Group):
    """``cvmimg`` itself: commands are imported when they run."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        own = [parameter for parameter in self.params if parameter.name == "version"]
        self.params = [*own, *shared_options(environment=True)]

    def introduction(self, ctx: click.Context) -> str:  # noqa: ARG002
        """Return what the program is and what to try first."""
        from cvmimg.cli.messages import text

        return text(Message("welcome", version=__version__))

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order of the sections."""
        return list(HELP)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command, which may be named by an alias."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in HELP:
            return None
        module = importlib.import_module(f"cvmimg.cli.commands.{name}")
        command: click.Command = module.command
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the sections; loads no command."""
        for title, commands in _padded(SECTIONS):
            with formatter.section(title):
                formatter.write_dl(commands)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command; loads no command."""
        from click.shell_completion import CompletionItem

        names = [
            CompletionItem(name, help=line)
            for name, line in HELP.items()
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)


def _padded(
    sections: Mapping[str, Mapping[str, str]],
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The sections with names of one width, so that all columns stand below each other."""
    width = max(len(name) for commands in sections.values() for name in commands)
    for title, commands in sections.items():
        yield title, [(name.ljust(width), line) for name, line in commands.items()]
