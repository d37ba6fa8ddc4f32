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


@click.command(
    cls=Root,
    name=PROGRAM,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="An IMAGE is an id (img-…), an exact name, or family:NAME for the newest of a family;"
    " an INSTANCE is an id (ins-…) or an exact name.",
    examples=(
        "cvmimg --sandbox list                    # try cvmimg without an account",
        "cvmimg create --instance ins-1a2b3c4d --name web-v2",
        "cvmimg launch --image web-v2 --count 3",
    ),
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Create, manage and launch custom images on Tencent Cloud CVM."""


def run(arguments: Sequence[str], invocation: Invocation | None = None) -> int:
    """Run the command line.

    Args:
        arguments: the words after the program's name.
        invocation: the environment and the clock; the process's own by default.

    Returns:
        The exit code, as the contract has it. Errors have been reported on stderr.
    """
    invocation = invocation or Invocation()
    invocation.arguments = tuple(arguments)
    Invocation.current = invocation
    if COMPLETION_VARIABLE in invocation.environment:
        cli.main(list(arguments), PROGRAM)  # completes, and exits
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
    # Not Click's main: it ends the process by itself where a pipe is closed.
    with cli.make_context(PROGRAM, list(arguments), obj=invocation) as context:
        cli.invoke(context)
