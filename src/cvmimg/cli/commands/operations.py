"""``cvmimg operations``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from cvmimg.cli.list_options import LIST_SECTION, ListView, list_options
from cvmimg.cli.options import DURATION, OPERATION, flag
from cvmimg.cli.render.operations import KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Group
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.durable.journal.journal import Journal


@click.group(
    "operations",
    cls=Group,
    examples=(
        "cvmimg operations list --unfinished",
        "cvmimg operations show 1a2b3c",
        "cvmimg operations export --since 7d >> audit.jsonl",
        "cvmimg operations prune --older-than 90d",
    ),
)
def command() -> None:
    """Show or remove cvmimg's local operation history.

    An OPERATION is an id, such as op-20261123-1a2b3c, or an unambiguous part, such as 1a2b.
    """


@command.command(
    "list",
    sections=LIST_SECTION,
    examples=("cvmimg operations list --unfinished", "cvmimg operations list --limit 5 -o json"),
)
@flag("--unfinished", "Only unfinished operations.")
@list_options(KEYS)
@click.pass_obj
def list_command(invocation: Invocation, unfinished: bool, view: ListView) -> None:
    """List operations, newest first.

    \b
    open         unfinished: resume finishes it or rolls it back
    running      a cvmimg process is working on it
    done         finished
    detached     nothing is left to restore; a task in the cloud continues
    failed       failed, and its temporary changes were reverted
    interrupted  stopped by the user, and its temporary changes were reverted
    rolled-back  rolled back by resume --undo
    """  # noqa: D301 - Click takes \b as its mark for lines to leave alone
    from cvmimg.cli.render.operations import operation_list
    from cvmimg.workflows.operations import list_operations

    journal = _journal(invocation)
    scan = list_operations(journal, unfinished=unfinished)
    view.emit(operation_list(scan, journal.is_running), invocation.settings)


@command.command(
    "show",
    examples=("cvmimg operations show 1a2b3c", "cvmimg operations show op-20261123-1a2b3c -o json"),
)
@click.argument("operation", type=OPERATION)
@click.pass_obj
def show_command(invocation: Invocation, operation: str) -> None:
    """Show an operation, its steps and its result."""
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.operations import one_operation
    from cvmimg.workflows.operations import find_operation, show_operation

    journal = _journal(invocation)
    record = show_operation(journal, find_operation(journal, operation))
    emit(one_operation(record, journal.is_running), invocation.settings)


@command.command(
    "export",
    examples=(
        "cvmimg operations export --since 30d",
        "cvmimg operations export -o csv > operations.csv",
    ),
)
@click.option(
    "--since",
    type=DURATION,
    help="Only operations started within this time. [default: all]",
)
@click.pass_obj
def export_command(invocation: Invocation, since: float | None) -> None:
    """Print operations for an audit log, oldest first, one JSON object per line.

    Each object shows who started the operation (account, host, user, run_url), where (endpoint or
    sandbox, region) and when, what it changed, with the API's request ids, and the outcome (status,
    result, error).
    """
    from cvmimg.cli.messages import text
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.operations import exported
    from cvmimg.workflows.operations import started_within

    journal, settings = _journal(invocation), invocation.settings
    scan = started_within(journal, since)
    for file in scan.unreadable:
        note = text(Message("JournalFileSkipped", error=file.error.message))
        click.echo(f"note: {note}", err=True)
    if settings.output == "table":
        settings = replace(settings, output="jsonl")
    emit(exported(scan.records, journal.is_running), settings)


@command.command(
    "forget",
    examples=("cvmimg operations forget 1a2b3c", "cvmimg operations forget 1a2b3c --yes"),
)
@click.argument("operation", type=OPERATION)
@click.pass_obj
def forget_command(invocation: Invocation, operation: str) -> None:
    """Remove an operation from the history; the cloud is not changed.

    An unfinished operation is only removed with --yes.
    """
    from cvmimg.cli.render import say
    from cvmimg.workflows.operations import find_operation, forget_operation

    journal = _journal(invocation)
    operation_id = find_operation(journal, operation)
    forget_operation(journal, operation_id, force=invocation.settings.yes)
    say(Message("OperationForgotten", operation=operation_id), invocation.settings)


@command.command(
    "prune",
    examples=(
        "cvmimg operations prune --dry-run",
        "cvmimg operations prune --older-than 90d --yes",
    ),
)
@click.option(
    "--older-than",
    type=DURATION,
    default="30d",
    show_default=True,
    help="Remove operations that ended longer ago than this.",
)
@flag("--dry-run", "Show what would be removed and change nothing.")
@click.pass_obj
def prune_command(invocation: Invocation, older_than: float, dry_run: bool) -> None:
    """Remove finished operations from the history; the cloud is not changed."""
    from cvmimg.cli.ask import confirm
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.operations import removed_operations
    from cvmimg.workflows.operations import old_operations, prune_operations

    journal = _journal(invocation)
    old = old_operations(journal, older_than)
    if old and not dry_run:
        confirm(Message("prune.confirm", count=len(old)), invocation.settings)
        old = prune_operations(journal, old)
    emit(removed_operations(old), invocation.settings)


def _journal(invocation: Invocation) -> Journal:
    from cvmimg.config import state_dir
    from cvmimg.durable.journal.journal import Journal

    return Journal(state_dir(invocation.environment), invocation.clock)
