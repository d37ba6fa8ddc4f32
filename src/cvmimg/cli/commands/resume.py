"""``cvmimg resume``."""

from __future__ import annotations

import click

from cvmimg.cli.options import OPERATION_ID, timeout_option
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command


@click.command("resume", cls=Command)
@click.argument("operation", type=OPERATION_ID, required=False)
@click.option("--undo", is_flag=True, help="Put the instance back as it was, instead of finishing.")
@timeout_option
@click.pass_obj
def command(invocation: Invocation, operation: str | None, undo: bool, timeout: float) -> None:
    """Finish what was cut short, or put it back.

    Without an OPERATION, all that are not finished.
    """
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.operations import resumed
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.resume import resume

    with open_session(invocation, tell_unfinished=False) as session:
        finished = resume(session, operation, roll_back=undo, timeout_seconds=timeout)
    emit(resumed(finished), invocation.settings, after_change=True)
