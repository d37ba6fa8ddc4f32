"""Durable steps: the journal holds the intent before a step and the outcome after it.

A step is carried out once. When in doubt (a lost response, a crash), it is checked before it is
done again, and if the check has no answer, it is not done again.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from cvmimg.cloud.client import noted_requests
from cvmimg.cloud.errors import BUSY, is_outage, matches
from cvmimg.cloud.progress import NoListener, Progress
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.log import OperationLog
from cvmimg.durable.progress import Stage
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck, Unknown
from cvmimg.errors import CvmimgError, Interrupted, OutcomeUnknown, Unreachable
from cvmimg.message import Message

Result = TypeVar("Result")

_MAX_ATTEMPTS = 3
"""Attempts at a step whose response is lost each time and which the cloud shows not to happen."""
_MAX_OUTAGES = 10
"""Consecutive outages, about two minutes in all, before a step fails."""
_FIRST_PAUSE, _LONGEST_PAUSE, _PAUSE_GROWTH = 1.0, 15.0, 1.5
_REVERT_SECONDS = 15 * 60.0


@dataclass(frozen=True)
class StageTitle:
    """How a step is shown: the name of a stage, its subject, and parameters of its title."""

    name: str
    subject: str = ""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One change of an operation.

    Attributes:
        name: its name in the journal.
        do: makes the change and returns its outcome; None for an empty one.
        check: finds out, when in doubt, whether the change was made.
        revert: reverts the change however far it came; must look for itself. May return another
            outcome for the journal. None if nothing is to be reverted.
        settle: waits for what ``do`` has started; also after a crash.
        temporary: the change must be reverted before the operation can be closed.
        single_call: ``do`` is one API call, so that its refusal proves that nothing changed.
        conflicts: codes of refusals that an earlier delivery of the same request can cause: the
            network may deliver it twice, and the second delivery is refused.
        stage: shown while the step is done; None where the step is part of another stage.
        revert_stage: shown while it is reverted.
    """

    name: str
    do: Callable[[], Outcome | None]
    check: Callable[[], StepCheck]
    revert: Callable[[Outcome], Outcome | None] | None = None
    settle: Callable[[Outcome, Stage], None] | None = None
    temporary: bool = False
    single_call: bool = False
    conflicts: tuple[str, ...] = ()
    stage: StageTitle | None = None
    revert_stage: StageTitle | None = None


class StepRunner:
    """Carries out the steps of one operation.

    Args:
        session: the clock, the progress, and whether to stop.
        log: the operation's record in the journal.
        deadline: until when to retry what fails for a passing reason.
    """

    def __init__(self, session: Session, log: OperationLog, deadline: Deadline) -> None:
        self._session = session
        self._log = log
        self._deadline = deadline

    def run(self, step: Step, stage: Stage | None = None) -> Outcome:
        """Carry out a step unless the journal says that it is done; return its outcome.

        Args:
            step: what to do.
            stage: the stage that the step is part of; by default it is shown as its own.

        Raises:
            Interrupted: before the step, or in a pause of it.
            CvmimgError: it failed. The journal says "reverted" where it is certain that nothing
                was changed, else "pending".
        """
        if step.settle is None and self._log.status(step.name) == "done":
            return self._log.outcome(step.name)
        if stage is not None:
            return self._run(step, stage)
        with self._stage(step.stage) as own_stage:
            return self._run(step, own_stage)

    def run_all(self, steps: Sequence[Step], title: StageTitle) -> None:
        """Carry out steps as one stage, which is not shown if there are none; as ``run``."""
        if steps:
            with self._stage(title) as stage:
                for step in steps:
                    self.run(step, stage)

    def _run(self, step: Step, stage: Stage) -> Outcome:
        outcome = self.known_outcome(step)
        if outcome is None:
            outcome = self._do(step, stage)
        if step.settle is not None:
            step.settle(outcome, stage)
        return outcome

    def known_outcome(self, step: Step) -> Outcome | None:
        """Return the outcome of a step that was started earlier; None if it did not happen.

        Raises:
            CvmimgError: whether it happened is unknown.
        """
        status = self._log.status(step.name)
        if status == "done":
            return self._log.outcome(step.name)
        if status != "pending":
            return None
        self._session.interrupt.check()
        return self._resolve(step)

    def verify_temporary(self, steps: list[Step]) -> None:
        """Check whether temporary changes that an earlier process made are still in force.

        It may have reverted them without being able to record that, and they are reverted in
        reverse order: if the last one is in force, all are.

        Raises:
            CvmimgError: whether the last one is in force is unknown.
        """
        begun = [step for step in steps if self.is_in_force(step)]
        checked = self._check(begun[-1]) if begun else Happened()
        if isinstance(checked, Unknown):
            raise checked.error
        if isinstance(checked, Happened):
            return
        for step in begun:
            self._log.note_outcome(step.name, "pending", {})

    def revert(self, step: Step) -> None:
        """Revert a started step; a request to stop waits until it is done.

        A step that has nothing to revert is only resolved: it happened, or it did not.

        Raises:
            CvmimgError: it could not be reverted in time, or what happened is unknown.
        """
        if not self.is_in_force(step):
            return
        with self._session.interrupt.held():
            if step.revert is None:
                self._clear_up(step)
                return
            deadline = Deadline(self._session.clock, max(_REVERT_SECONDS, self._deadline.left))
            outcome = self._log.outcome(step.name)
            with self._stage(step.revert_stage) as stage:
                work = partial(self._noting_requests, step, partial(step.revert, outcome))
                reverted = self._retry(work, deadline, stage)
            self._log.note_outcome(step.name, "reverted", reverted or outcome)

    def resolve_pending(self, steps: Iterable[Step]) -> None:
        """Find out which steps of an interrupted run happened; the others count as not started.

        For an operation that decides again, before it continues, whether they are to be done.

        Raises:
            CvmimgError: whether a step happened is unknown.
        """
        for step in steps:
            if self._log.status(step.name) == "pending" and self.known_outcome(step) is None:
                self.revert(step)

    def are_done(self, steps: Iterable[Step]) -> bool:
        """Return whether all of these steps were carried out."""
        return all(self._log.status(step.name) == "done" for step in steps)

    def are_begun(self, steps: Iterable[Step]) -> bool:
        """Return whether one of these steps was started and not reverted."""
        return any(map(self.is_in_force, steps))

    def is_in_force(self, step: Step) -> bool:
        """Return whether a change was started and not reverted."""
        return self._log.status(step.name) in ("pending", "done")

    def _clear_up(self, step: Step) -> None:
        if self._log.status(step.name) == "pending" and self._resolve(step) is None:
            self._log.note_outcome(step.name, "reverted", {})

    @contextmanager
    def _stage(self, title: StageTitle | None) -> Iterator[Stage]:
        if title is None:
            yield _NoStage()
            return
        progress = self._session.progress
        with progress.stage(title.name, subject=title.subject, **title.params) as stage:
            yield stage

    def _resolve(self, step: Step) -> Outcome | None:
        """Find out the result of a pending step; raises if that is unknown."""
        checked = self._check(step)
        if isinstance(checked, Unknown):
            raise checked.error
        if isinstance(checked, DidNotHappen):
            return None
        self._log.note_outcome(step.name, "done", checked.outcome)
        return checked.outcome

    def _check(self, step: Step) -> StepCheck:
        try:
            return self._retry(step.check, self._deadline, _NoStage(), max_outages=_MAX_OUTAGES)
        except Interrupted:
            raise
        except CvmimgError as error:
            return Unknown(error)

    def _do(self, step: Step, stage: Stage) -> Outcome:
        doubt = _Doubt(exists=self._log.status(step.name) == "pending")
        lost: CvmimgError | None = None
        for _ in range(_MAX_ATTEMPTS):
            self._session.interrupt.check()
            try:
                outcome = self._retry(
                    partial(self._record_intent_and_do, step),
                    self._deadline,
                    stage,
                    max_outages=_MAX_OUTAGES,
                    is_transient=doubt.passes,
                )
            except OutcomeUnknown as error:
                lost = error
                stage.notice(Message("AnswerLost", step=step.name))
            except CvmimgError as error:
                return self._failed(step, error, in_doubt=doubt.exists)
            else:
                self._log.note_outcome(step.name, "done", outcome)
                return outcome
            if (found := self._resolve(step)) is not None:
                return found
        if step.single_call:  # else a part of the change may be in force
            self._log.note_outcome(step.name, "reverted", {})
        raise Unreachable(
            Message("StepNotCarriedOut", step=step.name, attempts=_MAX_ATTEMPTS),
            code=lost.code if lost else "",
        )

    def _record_intent_and_do(self, step: Step) -> Outcome:
        # At each attempt: a disk that has become full must stop it.
        self._log.note_intent(step.name, temporary=step.temporary)
        try:
            return self._noting_requests(step, step.do) or {}
        except CvmimgError as error:
            if not matches(error.code, step.conflicts):
                raise
            try:
                outcome = self._resolve(step)
            except CvmimgError as unknown:  # a request to stop, too: the step may have happened
                raise OutcomeUnknown(
                    error.message, code=error.code, request_id=error.request_id
                ) from unknown
            if outcome is None:
                raise
            return outcome

    def _noting_requests(self, step: Step, work: Callable[[], Result]) -> Result:
        with noted_requests() as request_ids:
            try:
                return work()
            finally:
                self._log.note_requests(step.name, request_ids)

    def _failed(self, step: Step, error: CvmimgError, *, in_doubt: bool) -> Outcome:
        """Raise the failure of a step, unless it was carried out anyway."""
        if self._log.status(step.name) != "pending":
            raise error  # the intent could not be recorded, so nothing was sent
        refused = step.single_call and not in_doubt
        if not refused:
            checked = self._check(step)
            if isinstance(checked, Happened):
                self._log.note_outcome(step.name, "done", checked.outcome)
                return checked.outcome
            refused = step.single_call and isinstance(checked, DidNotHappen)
        if refused:
            self._log.note_outcome(step.name, "reverted", {})
        raise error

    def _retry(
        self,
        work: Callable[[], Result],
        deadline: Deadline,
        stage: Stage,
        *,
        max_outages: float = math.inf,
        is_transient: Callable[[CvmimgError], bool] | None = None,
    ) -> Result:
        """Do ``work`` again while it fails for a passing reason, until the deadline."""
        is_transient = is_transient or _is_transient
        pause, told, outages = _FIRST_PAUSE, False, 0
        while True:
            try:
                return work()
            except CvmimgError as error:
                outages = outages + 1 if is_outage(error) else 0
                if not is_transient(error) or not deadline.left or outages > max_outages:
                    raise
                if not told:
                    self._session.progress.notice(Message("Retrying", error=error.message))
                    told = True
                stage.advance(Progress(detail=error.code))
            self._session.clock.sleep(
                min(deadline.left, pause * random.uniform(0.8, 1.2))  # noqa: S311
            )
            self._session.interrupt.check()
            pause = min(_LONGEST_PAUSE, pause * _PAUSE_GROWTH)


def _is_transient(error: CvmimgError) -> bool:
    return matches(error.code, BUSY) or is_outage(error)


class _Doubt:
    """Whether a step may have happened, so that a refusal of it proves nothing.

    It may have after a lost answer, or when something was busy: a request that the network
    delivers twice may itself have made its resource busy.
    """

    def __init__(self, *, exists: bool) -> None:
        self.exists = exists

    def passes(self, error: CvmimgError) -> bool:
        """Return whether to retry after an error of the step; note whether it leaves doubt."""
        is_lost = isinstance(error, OutcomeUnknown)
        self.exists = self.exists or is_lost or matches(error.code, BUSY)
        return _is_transient(error) and not is_lost


class _NoStage(NoListener):
    """Discards the progress of a step that is part of another stage."""

    detail = ""
