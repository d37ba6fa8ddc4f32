"""``cvmimg check``."""

from __future__ import annotations

import shlex
from typing import Any

import click

from cvmimg.cli.guest_options import take_access_method
from cvmimg.cli.options import INSTANCE_ID, NAME, refuse
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command
from cvmimg.cli.source import source_options

_SETTLE_SECONDS = 600.0
"""How long to wait for an operation on the instance to end."""


@click.command("check", cls=Command)
@click.option(
    "--instance", "instance_id", type=INSTANCE_ID, metavar="INS", required=True, help="The source."
)
@click.option("--name", type=NAME, help="The name that the image is to have.")
@source_options
@click.pass_obj
def command(invocation: Invocation, /, **options: Any) -> None:
    """Look for what would make the image fail or not boot.

    These are the checks that create runs first. Nothing is changed.
    """
    from cvmimg.checks.facts import CheckRequest, Power
    from cvmimg.checks.fstab import FstabCheck
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.checks import check_list, require_passed
    from cvmimg.cli.session import open_session
    from cvmimg.durable.deadline import Deadline
    from cvmimg.guest.access import open_access
    from cvmimg.workflows.check import check

    stop, online = options.pop("stop"), options.pop("online")
    if stop and online:
        refuse("--stop", "cannot go with --online")
    method = take_access_method(options)
    skip = options.pop("skip_checks")
    power: Power = "stop" if stop else "online" if online else "auto"
    with open_session(invocation) as session:
        request = CheckRequest(
            power=power, program=shlex.join(session.command_line.program), **options
        )
        fstab = FstabCheck(open_access(method, session.cloud, request.instance_id), method)
        deadline = Deadline(session.clock, _SETTLE_SECONDS)
        _, checks = check(session, request, fstab_check=fstab.check, skip=skip, deadline=deadline)
    emit(check_list(request.instance_id, checks), invocation.settings)
    require_passed(checks)
