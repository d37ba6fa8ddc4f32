"""``cvmimg doctor``."""

from __future__ import annotations

import click

from cvmimg.cli.options import COMMAND, flag
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand


@subcommand(
    "doctor",
    uses_profile=False,
    examples=(
        "cvmimg doctor",
        "cvmimg doctor create launch          # only what these two need",
        "cvmimg doctor --report > report.md   # to paste into an issue",
    ),
)
@click.argument("commands", metavar="[COMMAND]...", type=COMMAND, nargs=-1)
@flag("--report", "Print a report without secrets, to paste into an issue.")
@click.pass_obj
def command(invocation: Invocation, commands: tuple[str, ...], report: bool) -> None:
    """Find out why cvmimg does not work here.

    Checks the config file, credentials, region, endpoint, proxy, connection, clock and account, and
    whether the account permits each API action that the COMMANDs need (by default, all commands).
    The calls change nothing: they are reads, dry runs, or name resources that do not exist.
    """
    from cvmimg.cli.diagnosis import diagnose
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.diagnosis import (
        diagnosis_result,
        missing_policy,
        report_text,
        require_healthy,
    )

    diagnosis = diagnose(invocation, commands)
    if report:
        click.echo(report_text(diagnosis, invocation))
        return
    settings = invocation.settings_or_given
    emit(diagnosis_result(diagnosis), settings)
    if settings.output == "table" and (needed := missing_policy(diagnosis)):
        click.echo(needed)
    require_healthy(diagnosis)
