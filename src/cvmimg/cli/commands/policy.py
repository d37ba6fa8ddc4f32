"""``cvmimg policy``."""

from __future__ import annotations

import json

import click

from cvmimg.cli.options import COMMAND
from cvmimg.cli.shared import Command


@click.command(
    "policy",
    cls=Command,
    uses_profile=False,
    examples=("cvmimg policy create launch", "cvmimg policy > policy.json"),
)
@click.argument("commands", metavar="[COMMAND]...", type=COMMAND, nargs=-1)
def command(commands: tuple[str, ...]) -> None:
    """Print the smallest policy that commands need.

    It is a CAM policy in JSON, for these commands with all their options; without a COMMAND, for
    all of cvmimg. Nothing is asked and nothing is changed.
    """
    from cvmimg.workflows.permissions import actions_of, policy

    click.echo(json.dumps(policy(actions_of(commands)), indent=2))
