"""``cvmimg completion``."""

from __future__ import annotations

import click

from cvmimg.cli.shared import subcommand


@subcommand(
    "completion",
    uses_profile=False,
    examples=("source <(cvmimg completion bash)", "cvmimg completion zsh > _cvmimg"),
)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")), metavar="SHELL")
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell: bash, zsh or fish.

    \b
    bash:  source <(cvmimg completion bash)        in ~/.bashrc
    zsh:   source <(cvmimg completion zsh)         in ~/.zshrc, after compinit
    fish:  cvmimg completion fish > ~/.config/fish/completions/cvmimg.fish

    Names and ids of images, instances, families and regions are completed too. They are cached for
    30 seconds, or longer if the cloud does not respond within one.
    """  # noqa: D301 - Click takes \b as its mark for lines to leave alone
    from click.shell_completion import get_completion_class

    from cvmimg.cli import shell_completion  # noqa: F401  registers what bash needs
    from cvmimg.cli.app import COMPLETION_VARIABLE, PROGRAM

    root = context.find_root()
    script = get_completion_class(shell)
    assert script is not None  # noqa: S101  the shells are those that Click knows
    click.echo(script(root.command, {}, PROGRAM, COMPLETION_VARIABLE).source())
