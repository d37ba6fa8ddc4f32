"""Durable steps: before one its intent is on the disk, after it its outcome.

A step is done exactly once: after any doubt (a lost answer, a crash) its ``look`` asks the cloud
before it is done again. What a step has changed for a while, its ``undo`` puts back.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from cvmimg.cloud.errors import BUSY, matches
from cvmimg.cloud.progress import NoListener, Progress, ProgressListener
from cvmimg.cloud.waiter import passes_by_itself
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.journal import OperationLog
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, OutcomeUnknown, Unreachable

Outcome = dict[str, Any]
Result = TypeVar("Result")

_MOST_ATTEMPTS = 3
"""Times that a step is done whose answer is lost and of which the cloud shows nothing."""
_MOST_OUTAGES = 10
"""Times in a row, some two minutes, that the cloud may be out of reach before a step fails."""
_FIRST_PAUSE, _LONGEST_PAUSE, _PAUSES_GROW = 1.0, 15.0, 1.5
_UNDO_SECONDS = 15 * 60.0


def _goes_by(error: CvmimgError) -> bool:
    return matches(error.code, BUSY) or passes_by_itself(error)


@dataclass(frozen=True)
class Step:
    """One change.

    Attributes:
        name: its name in the journal.
        do: make the change; JSON of what came of it.
        look: after doubt: what came of it, or None if the cloud shows that it was not made.
        undo: put back what it changed, however far it came; has to look for itself. None if
            nothing has to be put back.
        settle: wait for what ``do`` has set going; also after a crash. None if it sets nothing
            going that the next step needs.
        one_call: ``do`` is a single call, so that its refusal means that nothing was changed.
    """

    name: str
    do: Callable[[], Outcome]
    look: Callable[[], Outcome | None]
    undo: Callable[[Outcome], None] | None = None
    settle: Callable[[Outcome], None] | None = None
    one_call: bool = False


class Runner:
    """Does the steps of one operation.

    Args:
        session: the clock, and whether to stop.
        log: the operation's page in the journal.
        deadline: until when to wait for a busy instance.
    """

    def __init__(self, session: Session, log: OperationLog, deadline: Deadline) -> None:
        self._session = session
        self._log = log
        self._deadline = deadline

    def run(self, step: Step, listener: ProgressListener | None = None) -> Outcome:
        """Do a step unless the journal says that it is done; what came of it.

        Args:
            step: what to do.
            listener: told while the step has to be tried again.

        Raises:
            Interrupted: before the step, or in a pause of it.
            CvmimgError: it could not be done. The journal says "undone" where it is certain that
                nothing was changed, else "started".
        """
        in_doubt = self._status(step) == "started"
        outcome = self.found(step)
        if outcome is None:
            self._session.interrupt.check()
            outcome = self._do(step, listener or NoListener(), in_doubt=in_doubt)
            self._log.note_outcome(step.name, "done", outcome)
        if step.settle is not None:
            step.settle(outcome)
        return outcome

    def found(self, step: Step) -> Outcome | None:
        """What came of a step that a process before this one began; None if nothing did.

        Raises:
            CvmimgError: the cloud could not be asked.
        """
        known = self._log.record.step(step.name)
        if known is None or known.status == "undone":
            return None
        if known.status == "done":
            return known.outcome
        self._session.interrupt.check()
        outcome = self._look(step)
        if outcome is not None:
            self._log.note_outcome(step.name, "done", outcome)
        return outcome

    def doubt(self, steps: Sequence[Step]) -> None:
        """Look whether steps that a process before this one did for a while are still in force.

        It may have put them back without being able to write that down. Steps are put back in
        reverse, so if the last one is in force, all are; else each is looked at and done anew.
        """
        begun = [step for step in steps if self._status(step) in ("started", "done")]
        if begun and self._look(begun[-1]) is None:
            for step in begun:
                self._log.note_outcome(step.name, "started", {})

    def put_back(self, step: Step, listener: ProgressListener | None = None) -> None:
        """Put back what a step has changed, if it was begun; a request to stop is held off.

        Args:
            step: what to put back.
            listener: told while it has to be tried again.

        Raises:
            CvmimgError: it could not be put back in good time.
        """
        known = self._log.record.step(step.name)
        if known is None or known.status == "undone" or step.undo is None:
            return
        deadline = Deadline(self._session.clock, max(_UNDO_SECONDS, self._deadline.left))
        with self._session.interrupt.held():
            self._patiently(partial(step.undo, known.outcome), deadline, listener or NoListener())
        self._log.note_outcome(step.name, "undone", known.outcome)

    def _status(self, step: Step) -> str:
        known = self._log.record.step(step.name)
        return known.status if known else ""

    def _look(self, step: Step) -> Outcome | None:
        return self._patiently(step.look, self._deadline, NoListener(), most_outages=_MOST_OUTAGES)

    def _do(self, step: Step, listener: ProgressListener, *, in_doubt: bool) -> Outcome:
        lost: OutcomeUnknown | None = None
        intend_and_do = partial(self._intend_and_do, step)
        for _ in range(_MOST_ATTEMPTS):
            try:
                return self._patiently(
                    intend_and_do,
                    self._deadline,
                    listener,
                    most_outages=_MOST_OUTAGES,
                    goes_by=lambda error: _goes_by(error) and not isinstance(error, OutcomeUnknown),
                )
            except OutcomeUnknown as error:
                lost, in_doubt = error, True
                listener.notice(f"{error.message}; looking whether it was carried out")
            except CvmimgError as error:
                return self._refused(step, error, in_doubt=in_doubt)
            if (outcome := self._look(step)) is not None:
                return outcome
        self._log.note_outcome(step.name, "undone", {})
        raise Unreachable(
            f"`{step.name}` was tried {_MOST_ATTEMPTS} times and not carried out: {lost}",
            code=lost.code if lost else "",
            hint="try again later",
        )

    def _intend_and_do(self, step: Step) -> Outcome:
        # Noted anew after each pause: a look after a crash goes by the time of the last try.
        self._log.note_intent(step.name)
        return step.do()

    def _refused(self, step: Step, error: CvmimgError, *, in_doubt: bool) -> Outcome:
        """Believe a refusal and raise it, unless it is of our own making.

        A lost first request may be the reason for which the second is refused.
        """
        if in_doubt and (outcome := self._look(step)) is not None:
            return outcome
        if step.one_call and self._log.record.step(step.name) is not None:
            self._log.note_outcome(step.name, "undone", {})
        raise error

    def _patiently(
        self,
        work: Callable[[], Result],
        deadline: Deadline,
        listener: ProgressListener,
        *,
        most_outages: float = math.inf,
        goes_by: Callable[[CvmimgError], bool] = _goes_by,
    ) -> Result:
        """Do ``work`` again while it fails for a reason that goes by, until the deadline."""
        pause, told, outages = _FIRST_PAUSE, False, 0
        while True:
            try:
                return work()
            except CvmimgError as error:
                outages = outages + 1 if passes_by_itself(error) else 0
                if not goes_by(error) or not deadline.left or outages > most_outages:
                    raise
                if not told:
                    self._session.observer.notice(f"{error.message}; trying on")
                    told = True
                listener.advance(Progress(detail=error.code))
            self._session.clock.sleep(
                min(deadline.left, pause * random.uniform(0.8, 1.2))  # noqa: S311
            )
            self._session.interrupt.check()
            pause = min(_LONGEST_PAUSE, pause * _PAUSES_GROW)
