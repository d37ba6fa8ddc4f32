"""``cvmimg prune``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cvmimg.cli.options import (
    DURATION,
    FAMILY,
    TAG_FILTER,
    all_regions_option,
    flag,
    repeatable,
    timeout_option,
    whole_number,
)
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.workflows.prune.plan import PrunePlan, PruneRequest


@subcommand(
    "prune",
    examples=(
        "cvmimg prune --keep 4",
        "cvmimg prune --name 'web-*' --keep 4 --older-than 30d --apply",
        "cvmimg prune --all-regions --keep 4 --grace 7d --apply --yes",
    ),
)
@repeatable("--family", "families", FAMILY, "Only this family")
@click.option(
    "--name",
    "names",
    metavar="GLOB",
    multiple=True,
    help="Only images whose name matches, such as 'web-*'; repeatable.",
)
@click.option(
    "--tag",
    "tags",
    type=TAG_FILTER,
    multiple=True,
    help="Only images with this tag; repeatable, all must match.",
)
@click.option(
    "--keep",
    type=whole_number(1),
    help="Keep the N newest images of each family, or of all other selected images.",
)
@click.option(
    "--older-than", type=DURATION, help="Delete only images older than this, such as 30d."
)
@click.option(
    "--grace",
    type=DURATION,
    help="Deprecate images first, and delete those that have been deprecated for this long.",
)
@flag("--snapshots", "Also prune snapshots that no image uses.")
@all_regions_option("Prune in all regions.")
@flag("--apply", "Carry out the plan.", field="apply_plan")
@timeout_option
@click.pass_obj
def command(invocation: Invocation, /, **options: Any) -> None:
    """Delete old images that nothing uses.

    Without --apply, only the plan is shown: the decision for each image, with the reason. An image
    is always kept if an instance, a launch template or a launch configuration uses it or may use
    it; if it is shared, tagged cvmimg-keep, not ready or less than a day old; and if it is the
    newest usable image of its family. With both --keep and --older-than, an image is only deleted
    if both allow it. With --snapshots, snapshots that cvmimg created and that no image uses are
    pruned by the same rules, per disk; other snapshots are only shown.
    """
    from cvmimg.cli.ask import confirm
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.pruned import prune_plan, prune_result
    from cvmimg.cli.render.table import write_table
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.prune.operation import PruneResult, prune, unfinished_operations
    from cvmimg.workflows.prune.plan import plan_prune

    settings = invocation.settings
    request = _request(options)
    with open_session(invocation) as session:
        unfinished = unfinished_operations(session)
        plan = plan_prune(session.cloud, request, unfinished=unfinished)
        if not options["apply_plan"]:
            command_line = invocation.command_line.repeat("--apply")
            emit(prune_plan(plan, command_line, settings), settings)
            return
        if not plan.changes_anything:
            emit(prune_result(plan, PruneResult({}), settings), settings)
            return
        shown = prune_plan(plan, "", settings)
        confirm(_question(plan), settings, show=lambda to: write_table(shown, settings, stream=to))
        result = prune(session, request, plan, timeout_seconds=options["timeout_seconds"])
    emit(prune_result(plan, result, settings), settings, after_change=True)
    if result.errors:
        raise result.worst_error


def _request(options: dict[str, Any]) -> PruneRequest:
    from cvmimg.workflows.prune.facts import Selection
    from cvmimg.workflows.prune.plan import PruneRequest
    from cvmimg.workflows.prune.rules import Retention

    request = PruneRequest(
        Retention(options["keep"], options["older_than"], options["grace"]),
        Selection(options["families"], options["names"], options["tags"]),
        snapshots=options["snapshots"],
        all_regions=options["all_regions"],
    )
    request.require_valid()
    return request


def _question(plan: PrunePlan) -> Message:
    from cvmimg.workflows.prune.rules import Action

    deleted, deprecated = plan.count(Action.DELETE), plan.count(Action.DEPRECATE)
    kind = "both" if deleted and deprecated else "delete" if deleted else "deprecate"
    return Message(f"prune.confirm-{kind}", deleted=deleted, deprecated=deprecated)
