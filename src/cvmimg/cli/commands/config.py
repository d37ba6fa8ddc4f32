"""``cvmimg config``."""

from __future__ import annotations

import click

from cvmimg.cli.list_options import LIST_SECTION, ListView, list_options
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Group

KEYS = ("key", "value", "source")


@click.group(
    "config",
    cls=Group,
    examples=(
        "cvmimg config show",
        "cvmimg --profile prod config show -o json",
    ),
)
def command() -> None:
    """Show the effective settings, and where each comes from."""


@command.command(
    "show",
    sections=LIST_SECTION,
    examples=("cvmimg config show", "cvmimg config show --profile prod --columns key,source"),
)
@list_options(KEYS)
@click.pass_obj
def show_command(invocation: Invocation, view: ListView) -> None:
    """Show the effective settings, and where each comes from.

    A flag beats an environment variable, which beats a profile of the config file. Secrets are not
    shown.
    """
    from cvmimg.cli.effective import effective_settings
    from cvmimg.cli.render.configured import setting_list

    view.emit(setting_list(effective_settings(invocation)), invocation.settings)
