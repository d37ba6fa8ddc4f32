"""``cvmimg operations``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cvmimg.cli.options import OPERATION_ID
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Group

if TYPE_CHECKING:
    from cvmimg.durable.journal.journal import Journal


@click.group("operations", cls=Group)
def command() -> None:
    """List, show and forget what was done on this machine."""


@command.command("list")
@click.option("--unfinished", is_flag=True, help="Only those that are not finished.")
@click.pass_obj
def list_command(invocation: Invocation, unfinished: bool) -> None:
    """List operations, newest first."""
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.operations import operation_list
    from cvmimg.workflows.operations import list_operations

    journal = _journal(invocation)
    scan = list_operations(journal, unfinished=unfinished)
    emit(operation_list(scan, journal.is_running), invocation.settings)


@command.command("show")
@click.argument("operation", type=OPERATION_ID)
@click.pass_obj
def show_command(invocation: Invocation, operation: str) -> None:
    """Show an operation and its steps."""
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.operations import one_operation
    from cvmimg.workflows.operations import show_operation

    emit(one_operation(show_operation(_journal(invocation), operation)), invocation.settings)


@command.command("forget")
@click.argument("operation", type=OPERATION_ID)
@click.pass_obj
def forget_command(invocation: Invocation, operation: str) -> None:
    """Remove an operation from the journal; what it changed stays changed.

    One that is not finished is only forgotten with --yes.
    """
    from cvmimg.workflows.operations import forget_operation

    forget_operation(_journal(invocation), operation, force=invocation.settings.yes)


def _journal(invocation: Invocation) -> Journal:
    from cvmimg.clock import SystemClock
    from cvmimg.config import state_dir
    from cvmimg.durable.journal.journal import Journal

    return Journal(state_dir(invocation.environment), SystemClock())
