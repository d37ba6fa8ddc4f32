"""``cvmimg policy``."""

from __future__ import annotations

import json

import click

from cvmimg.cli.options import COMMAND
from cvmimg.cli.shared import subcommand


@subcommand(
    "policy",
    uses_profile=False,
    examples=("cvmimg policy create launch", "cvmimg policy > policy.json"),
)
@click.argument("commands", metavar="[COMMAND]...", type=COMMAND, nargs=-1)
def command(commands: tuple[str, ...]) -> None:
    """Print the smallest CAM policy that commands need.

    The policy is JSON and covers all options of these commands or, without a COMMAND, all of
    cvmimg. No API is called.
    """
    from cvmimg.workflows.permissions import actions_of, policy

    click.echo(json.dumps(policy(actions_of(commands)), indent=2))
