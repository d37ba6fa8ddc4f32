"""``cvmimg resume``."""

from __future__ import annotations

import click

from cvmimg.cli.options import OPERATION, timeout_option
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command


@click.command(
    "resume",
    cls=Command,
    examples=("cvmimg resume", "cvmimg resume op-20261123-1a2b3c --undo"),
)
@click.argument("operation", type=OPERATION, required=False)
@click.option("--undo", is_flag=True, help="Roll back instead of finishing.")
@timeout_option
@click.pass_obj
def command(
    invocation: Invocation, operation: str | None, undo: bool, timeout_seconds: float
) -> None:
    """Finish or roll back an interrupted operation.

    OPERATION is an id or an unambiguous part of one. Without it, all unfinished operations of this
    cloud are finished.
    """
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.operations import resumed
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.operations import find_operation
    from cvmimg.workflows.resume import resume

    with open_session(invocation, note_unfinished=False) as session:
        if operation is not None:
            operation = find_operation(session.journal, operation)
        finished = resume(session, operation, roll_back=undo, timeout_seconds=timeout_seconds)
    emit(resumed(finished), invocation.settings, after_change=True)
