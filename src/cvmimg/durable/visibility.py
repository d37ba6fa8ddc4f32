"""Look for a new resource until it must be listed: it is not for some seconds after its call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cvmimg.durable.deadline import Deadline
from cvmimg.durable.session import Session
from cvmimg.errors import WaitTimeout
from cvmimg.message import Message

Found = TypeVar("Found")

VISIBLE_WITHIN_SECONDS = 60.0
"""How long after its call a resource may be unlisted."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0


def find_when_visible(
    session: Session,
    deadline: Deadline,
    find: Callable[[], Found | None],
    *,
    within_seconds: float = VISIBLE_WITHIN_SECONDS,
    ruled_out: Callable[[], bool] = lambda: False,
) -> Found | None:
    """Look until something is found, or until it must have been listed if it existed.

    When the call was sent is not asked: the clock may have been set since, and a duplicate is
    worse than some seconds.

    Args:
        session: the clock, and whether to stop.
        deadline: of the command.
        find: one look.
        within_seconds: how long to look at the most.
        ruled_out: whether something shows that it will never be listed, so no look is due.

    Raises:
        Interrupted: a stop was requested.
        WaitTimeout: the deadline passed first, so nothing is known.
    """
    window, pause = Deadline(session.clock, within_seconds), _FIRST_PAUSE
    while True:
        found = find()
        if found is not None or not window.left or ruled_out():
            return found
        if not deadline.left:
            raise WaitTimeout(Message("LostAnswerNotResolved"))
        session.interrupt.check()
        session.clock.sleep(min(pause, window.left, deadline.left))
        pause = min(_LONGEST_PAUSE, pause * 2)
