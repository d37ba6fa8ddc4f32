"""``cvmimg help``."""

from __future__ import annotations

import click

from cvmimg.cli.shared import subcommand
from cvmimg.cli.usage import unknown_command


@subcommand(
    "help",
    uses_profile=False,
    examples=("cvmimg help create", "cvmimg help operations list"),
)
@click.argument("words", metavar="[COMMAND]...", nargs=-1)
@click.pass_context
def command(context: click.Context, words: tuple[str, ...]) -> None:
    """Show the help of a command."""
    shown = context.find_root()
    for word in words:
        if not isinstance(shown.command, click.Group):
            raise unknown_command(word, (), shown)
        name, found, _ = shown.command.resolve_command(shown, [word])
        assert found is not None  # noqa: S101  an unknown command is refused
        shown = click.Context(found, info_name=name, parent=shown)
    click.echo(shown.get_help())
