"""``cvmimg resume``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from cvmimg.cli.guest_options import REACH_OPTION_NAMES, GuestOptions, reach_options
from cvmimg.cli.options import (
    INSTANCE,
    OPERATION,
    exclusive,
    flag,
    refuse,
    repeatable,
    timeout_option,
)
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.guest.access import AccessMethod

_FROM_CLOUD = {
    "take_over": "--take-over",
    "instances": "--instance",
    "all_regions": "--all-regions",
    "dry_run": "--dry-run",
    "ssh": "--guest ssh",
}
"""The options that require --from-cloud."""


@subcommand(
    "resume",
    sections={"Guest access": REACH_OPTION_NAMES},
    examples=(
        "cvmimg resume",
        "cvmimg resume op-20261123-1a2b3c --undo",
        "cvmimg resume --from-cloud --all-regions --dry-run",
        "cvmimg resume op-20261123-1a2b3c --from-cloud --take-over",
    ),
)
@click.argument("operation", type=OPERATION, required=False)
@flag("--undo", "Roll back instead of finishing.")
@flag("--from-cloud", "Also find operations of other machines, by what they left in the cloud.")
@flag("--take-over", "Confirm that the operations of other machines are no longer running.")
@repeatable("--instance", "instances", INSTANCE, "Search only this instance, tagged or not")
@flag("--all-regions", "Search all regions.")
@flag("--dry-run", "Show what --from-cloud finds and change nothing.")
@reach_options
@timeout_option
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    operation: str | None,
    undo: bool,
    from_cloud: bool,
    timeout_seconds: float,
    guest: GuestOptions,
    **options: Any,
) -> None:
    """Finish or roll back an interrupted operation.

    OPERATION is an id or an unambiguous part of one. Without it, all unfinished operations in this
    cloud are finished.

    --from-cloud also finds operations of other machines in the region, or with --all-regions in all
    of them, by the tags of instances and images and by what is left in guests. It waits for their
    images, unless --undo is given, and restores the instances. An operation that may still be
    running is only taken over if you confirm that it is not.
    """
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.operations import resumed
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.operations import find_operation
    from cvmimg.workflows.resume import resume

    method = guest.access_method()
    if from_cloud:
        _resume_from_cloud(invocation, operation, undo, timeout_seconds, method, options)
        return
    options["ssh"] = method.ssh
    for name, option in _FROM_CLOUD.items():
        if options[name]:
            refuse(Message("OptionNeeds", option=option, other="--from-cloud"))
    with open_session(invocation, note_unfinished=False) as session:
        if operation is not None:
            operation = find_operation(session.journal, operation)
        finished = resume(session, operation, roll_back=undo, timeout_seconds=timeout_seconds)
    emit(resumed(finished), invocation.settings, after_change=True)


def _resume_from_cloud(
    invocation: Invocation,
    operation: str | None,
    undo: bool,
    timeout_seconds: float,
    method: AccessMethod,
    options: Mapping[str, Any],
) -> None:
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.operations import found_in_cloud, resumed
    from cvmimg.cli.session import open_session
    from cvmimg.cli.take_over import approve_take_over
    from cvmimg.workflows.find_instance import find_instance_id
    from cvmimg.workflows.recovery.find import find_unfinished
    from cvmimg.workflows.resume import resume_from_cloud

    all_regions = options["all_regions"]
    if all_regions and options["instances"]:
        exclusive("--all-regions", "--instance")
    with open_session(invocation, note_unfinished=False) as session:
        instance_ids = [find_instance_id(session.cloud, one) for one in options["instances"]]
        if options["dry_run"]:
            found = find_unfinished(session, method, instance_ids, all_regions=all_regions)
            is_open = session.journal.is_open
            emit(found_in_cloud(found, is_open, all_regions=all_regions), invocation.settings)
            return
        finished = resume_from_cloud(
            session,
            operation,
            method,
            instance_ids=instance_ids,
            all_regions=all_regions,
            approve=partial(approve_take_over, invocation, session, take_over=options["take_over"]),
            roll_back=undo,
            timeout_seconds=timeout_seconds,
        )
    emit(resumed(finished), invocation.settings, after_change=True)
