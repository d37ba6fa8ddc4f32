"""Ask before an instance is restored in place of an operation of another machine."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from cvmimg.cli.ask import confirm
from cvmimg.cli.settings import Invocation
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.durable.session import Session
    from cvmimg.workflows.recovery.find import Unfinished


def approve_take_over(
    invocation: Invocation, session: Session, unfinished: Unfinished, *, take_over: bool
) -> None:
    """Ask whether the operation is still running, then as ``confirm_start``.

    Raises:
        PreconditionFailed: the operation may still be running; or the user declined.
    """
    where = unfinished.tag.place if unfinished.tag else Message("operation-tag.missing")
    about = {"operation": unfinished.holder, "instance": unfinished.instance_id, "place": where}
    if not take_over and not sys.stdin.isatty():
        again = session.command_line.repeat("--take-over")
        raise PreconditionFailed(Message("MayBeRunning", command=again, **about))
    if not take_over:
        # --yes does not answer this: nobody can know it beforehand.
        asking = replace(invocation.settings, yes=False)
        confirm(Message("ConfirmTakeOver", **about), asking)
    confirm_start(invocation, unfinished)


def confirm_start(invocation: Invocation, unfinished: Unfinished) -> None:
    """Ask whether to start the instance, if nothing says that it was running.

    Raises:
        PreconditionFailed: the user declined.
    """
    if unfinished.was_running_is_unknown:
        question = Message("ConfirmStart", instance=unfinished.instance_id)
        confirm(question, invocation.settings)
