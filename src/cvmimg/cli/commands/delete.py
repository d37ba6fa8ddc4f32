"""``cvmimg delete``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cvmimg.cli.options import IMAGE_OR_SNAPSHOT, flag, timeout_option
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import require_given, subcommand
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.durable.session import Session
    from cvmimg.workflows.delete.operation import DeletionOrder
    from cvmimg.workflows.delete.targets import Targets


@subcommand(
    "delete",
    examples=(
        "cvmimg delete web-v1",
        "cvmimg delete img-1a2b3c4d 'old-*' --dry-run",
        "cvmimg snapshots --orphans -o id | xargs cvmimg delete --yes",
    ),
)
@click.argument("references", metavar="IMAGE|SNAPSHOT...", type=IMAGE_OR_SNAPSHOT, nargs=-1)
@flag("--keep-snapshots", "Keep the snapshots of the images.")
@flag("--unshare", "Stop sharing the images first.")
@flag("--force", "Delete images even if instances or launch templates use them.")
@flag("--ignore-missing", "Ignore images and snapshots that do not exist.")
@flag("--dry-run", "Show what would be deleted and change nothing.")
@timeout_option
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    references: tuple[str, ...],
    ignore_missing: bool,
    dry_run: bool,
    timeout_seconds: float,
    **options: Any,
) -> None:
    """Delete images and the snapshots that only they use.

    An IMAGE can also be a glob of names, such as 'web-*'; a SNAPSHOT is an id (snap-…). Images that
    are shared, or used by an instance, a launch template, a scaling configuration or another image,
    are not deleted. What will be deleted is shown and must be confirmed.
    """
    from cvmimg.cli.ask import confirm
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.keeping import deleted, planned_deletion
    from cvmimg.cli.render.table import write_table
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.delete.operation import DeletionOrder, delete_images
    from cvmimg.workflows.delete.plan import DeleteRequest, plan_delete
    from cvmimg.workflows.delete.targets import find_targets

    settings = invocation.settings
    if not references:
        _require_pipe()
        emit(deleted(DeletionOrder(())), settings)
        return
    with open_session(invocation) as session:
        targets = find_targets(session.cloud, references)
        _note_missing(session, targets, ignore=ignore_missing)
        request = DeleteRequest(**options)
        plans = plan_delete(session.cloud, targets.images, request, snapshots=targets.snapshots)
        order = DeletionOrder.from_plans(plans, targets.snapshots)
        if dry_run or not order.everything:
            emit(planned_deletion(order, plans), settings)
            return
        confirm(
            _question(order),
            settings,
            show=lambda stream: write_table(
                planned_deletion(order, plans), settings, stream=stream
            ),
        )
        order = delete_images(
            session, plans, snapshots=targets.snapshots, timeout_seconds=timeout_seconds
        )
    emit(deleted(order), settings, after_change=True)


def _require_pipe() -> None:
    """Refuse a call without arguments on a terminal; a pipe may be empty."""
    if sys.stdin is not None and sys.stdin.isatty():
        require_given({"IMAGE or SNAPSHOT": ()})


def _note_missing(session: Session, targets: Targets, *, ignore: bool) -> None:
    """Report what does not exist, or refuse it.

    Raises:
        NotFound: something does not exist, and ``--ignore-missing`` was not given.
    """
    from cvmimg.errors import NotFound

    missing = targets.missing
    if not missing:
        return
    if ignore:
        session.progress.notice(Message("TargetsIgnored", references=list(missing)))
    elif len(missing) == 1:
        raise next(iter(missing.values()))
    else:
        reasons = [error.message for error in missing.values()]
        raise NotFound(Message("TargetsNotFound", missing=reasons))


def _question(order: DeletionOrder) -> Message:
    images, snapshots = len(order.images), len(order.snapshots)
    if not snapshots:
        return Message("delete.confirm", count=images)
    if not images:
        return Message("delete.confirm-snapshots", count=snapshots)
    return Message("delete.confirm-both", images=images, snapshots=snapshots)
