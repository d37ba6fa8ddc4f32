"""The options of every command, which may stand before or after the command's name."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from cvmimg.cli.commands import HELP, SECTIONS
from cvmimg.cli.options import REGION
from cvmimg.cli.settings import FORMATS, Invocation, Rank

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SHARED_TITLE = "Options of every command"
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
        option("--region", metavar="R", type=REGION, help="The region, such as ap-guangzhou."),
        option("--profile", metavar="P", help="The profile of settings and credentials."),
        option("--endpoint", metavar="URL", help="One endpoint for all services."),
        flag("--sandbox", text="Use the simulated cloud: no account, no network."),
        option(
            "-o",
            "--output",
            type=click.Choice(FORMATS),
            metavar="FORMAT",
            help=f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}.",
        ),
        flag("-q", "--quiet", text="No progress and no notices."),
        option("-v", "--verbose", count=True, help="Log API calls; -vv adds tracebacks."),
        flag("--no-color", text="No colours."),
        flag("--no-progress", text="Plain lines instead of a live bar."),
        flag("-y", "--yes", text="Ask nothing."),
    ]


class _Switch(click.Option):
    """A flag whose environment variable may say no, too, in all versions of Click."""

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """Yes, no, or None where the variable is not set."""
        text = ctx.ensure_object(Invocation).environment.get(str(self.envvar))
        if not text:
            return None
        if text.lower() not in _YES + _NO:
            raise click.BadParameter(f"{self.envvar}={text} is neither 1 nor 0", ctx, self)
        return text.lower() in _YES


def _note(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep a value that was given; one after the command's name beats one before it."""
    source = context.get_parameter_source(str(parameter.name))
    if source in _RANKS and not context.resilient_parsing:
        context.ensure_object(Invocation).note(str(parameter.name), value, _RANKS[source])


class Context(click.Context):
    """A context that takes what is not given from the profile's table of the command."""

    def lookup_default(self, name: str, call: bool = True) -> Any:  # noqa: ARG002
        """The profile's value of an option of this command, or None."""
        if self.resilient_parsing or self.parent is None:
            return None
        keys = {each.name: _key(each) for each in self.command.params if each.expose_value}
        if name not in keys:
            return None
        invocation = self.ensure_object(Invocation)
        return invocation.command_defaults(self._names(), list(keys.values())).get(keys[name])

    def _names(self) -> tuple[str, ...]:
        """The words of the command, without the program's."""
        names: list[str] = []
        context: click.Context | None = self
        while context is not None and context.parent is not None:
            names.insert(0, context.info_name or "")
            context = context.parent
        return tuple(names)


def _key(parameter: click.Parameter) -> str:
    """What a profile calls an option: its flag, without dashes at the front."""
    return parameter.opts[0].lstrip("-").replace("-", "_")


class Shared(click.Command):
    """A command with the options of every command, in a section of their own in its help."""

    context_class = Context

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.params = [*self.params, *shared_options(environment=False)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then those of every command."""
        records: dict[str, list[tuple[str, str]]] = {"Options": [], SHARED_TITLE: []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and not isinstance(parameter, click.Argument):
                shared = not parameter.expose_value and parameter.name not in ("help", "version")
                records[SHARED_TITLE if shared else "Options"].append(record)
        for title, rows in records.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


class Command(Shared):
    """A command."""


class Group(Shared, click.Group):
    """A command of commands."""

    command_class = Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands first: whoever asks a group for help looks for one of them."""
        self.format_commands(ctx, formatter)
        Shared.format_options(self, ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; a mistyped one is answered with those that are like it."""
        name = args[0]
        if ctx.resilient_parsing or name.startswith("-") or self.get_command(ctx, name):
            return super().resolve_command(ctx, args)

        import difflib

        close = difflib.get_close_matches(name, self.list_commands(ctx), n=3, cutoff=0.5)
        like = f"; did you mean {' or '.join(close)}?" if close else ""
        raise click.UsageError(f"there is no command {name!r}{like}", ctx)


class Root(Group):
    """``cvmimg`` itself: commands are imported when they run."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        own = [parameter for parameter in self.params if parameter.name == "version"]
        self.params = [*own, *shared_options(environment=True)]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order of the sections."""
        return list(HELP)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command."""
        if cmd_name not in HELP:
            return None
        module = importlib.import_module(f"cvmimg.cli.commands.{cmd_name}")
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
