"""``cvmimg check``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from cvmimg.cli.guest_options import GuestOptions
from cvmimg.cli.options import INSTANCE, NAME, flag, one_or_other
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand
from cvmimg.cli.source import SECTIONS, image_options, source_options

_SETTLE_SECONDS = 600.0
"""How long to wait for an operation on the instance to finish."""


@subcommand(
    "check",
    sections=SECTIONS,
    examples=(
        "cvmimg check ins-1a2b3c4d",
        "cvmimg check ins-1a2b3c4d --name web-v2 --stop -o json",
        "cvmimg check --list",
    ),
)
@click.argument("reference", metavar="[INSTANCE]", type=INSTANCE, required=False)
@click.option("--instance", "instance_id", type=INSTANCE, help="Instance to image.")
@click.option("--name", type=NAME, help="Intended name of the image.")
@image_options
@source_options
@flag("--list", "List all checks and exit.", field="list_checks")
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    reference: str | None,
    instance_id: str | None,
    name: str | None,
    list_checks: bool,
    guest: GuestOptions,
    **options: Any,
) -> None:
    """Check whether an instance can be imaged and its image will boot.

    These are the checks that create runs first. Nothing is changed. The INSTANCE can also be given
    with --instance.
    """
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.checks import all_checks, check_list, require_passed

    if list_checks:
        emit(all_checks(), invocation.settings)
        return
    instance_id = one_or_other(reference, instance_id, "--instance")

    from cvmimg.cli.session import open_session
    from cvmimg.durable.deadline import Deadline
    from cvmimg.workflows.check import check
    from cvmimg.workflows.create.request import CreateRequest
    from cvmimg.workflows.find_instance import find_instance_id

    access = guest.access_method()
    wanted = CreateRequest(name=name or "NAME", instance_id=instance_id, **options)
    wanted.require_valid()
    with open_session(invocation, show_checks=False) as session:
        instance_id = find_instance_id(session.cloud, wanted.instance_id)
        wanted = replace(wanted, instance_id=instance_id)
        request = wanted.check_request("check", access, session.command_line)
        request = replace(request, name=name)
        deadline = Deadline(session.clock, _SETTLE_SECONDS)
        _, checks = check(
            session, request, skip=wanted.skip_checks, deadline=deadline, fail_on=wanted.fail_on
        )
        session.progress.checks(checks)
    emit(check_list(request.instance_id, checks), invocation.settings)
    require_passed(checks)
