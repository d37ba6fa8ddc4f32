"""The command line, and the one place that turns errors into text or JSON and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from cvmimg import __version__
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Root
from cvmimg.cli.streams import ReaderGone, discard

PROGRAM = "cvmimg"
COMPLETION_VARIABLE = "_CVMIMG_COMPLETE"


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    if context.ensure_object(Invocation).known("verbose", 0):
        from cvmimg.cli.versions import all_versions

        click.echo(all_versions())
    else:
        click.echo(f"{PROGRAM} {__version__}")
    context.exit()


@click.command(
    cls=Root,
    name=PROGRAM,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="An IMAGE is an id (img-…), an exact name, or family:NAME for the newest of a family;"
    " an INSTANCE is an id (ins-…) or an exact name.",
    examples=(
        "cvmimg --sandbox list                    # try cvmimg without an account",
        "cvmimg create ins-1a2b3c4d --name web-v2",
        "cvmimg launch web-v2 --count 3",
    ),
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit; with -v, also those of its dependencies.",
)
def cli() -> None:
    """Create, manage and launch custom images on Tencent Cloud CVM."""


def run(arguments: Sequence[str], invocation: Invocation | None = None) -> int:
    """Run the command line.

    Args:
        arguments: the words after the program's name.
        invocation: the environment and the clock; the process's own by default.

    Returns:
        The exit code, as the contract defines it. Errors have been reported on stderr.
    """
    invocation = invocation or Invocation()
    invocation.arguments = tuple(arguments)
    Invocation.current = invocation
    if COMPLETION_VARIABLE in invocation.environment:
        from cvmimg.cli.shell_completion import complete_words

        complete_words(cli, PROGRAM, COMPLETION_VARIABLE, invocation)  # exits
    exit_code = _exit_code(arguments, invocation)
    if invocation.notify_at_end:
        from cvmimg.cli.notify import notify

        command, began = invocation.notify_at_end
        seconds = invocation.clock.monotonic() - began
        notify(command, exit_code, seconds, invocation.environment)
    return exit_code


def _exit_code(arguments: Sequence[str], invocation: Invocation) -> int:
    """Run the command, report its error, and return its exit code."""
    try:
        _invoke(arguments, invocation)
        sys.stdout.flush()
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except ReaderGone:
        discard(sys.stdout)
        return 0
    except (Exception, KeyboardInterrupt) as error:
        from cvmimg.cli.failure import report

        return report(error, invocation, arguments)
    return 0


def _invoke(arguments: Sequence[str], invocation: Invocation) -> None:
    # Not Click's main, which exits the process itself if a pipe is closed.
    with cli.make_context(PROGRAM, list(arguments), obj=invocation) as context:
        cli.invoke(context)
