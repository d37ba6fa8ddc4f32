"""A toy for steps: a lamp in the cloud, which a step switches on and its revert switches off."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck, Unknown
from cvmimg.durable.steps import Step
from cvmimg.errors import CloudRefused, CredentialsError, CvmimgError, OutcomeUnknown, Unreachable
from cvmimg.message import Message

BUSY = CloudRefused(Message("busy"), code="OperationDenied.InstanceOperationInProgress")
TAKEN = CloudRefused(Message("taken"), code="InvalidImageName.Duplicate")
REFUSED = CloudRefused(Message("not for you"), code="UnsupportedOperation")
EXPIRED = CredentialsError(Message("expired"), code="AuthFailure.TokenFailure")
LOST = OutcomeUnknown(Message("AnswerLost"), code="RequestTimeout")
OFFLINE = Unreachable(Message("no network"), code="ConnectionError")


class Killed(BaseException):
    """What SIGKILL does: nothing catches it."""


def fresh(trouble: BaseException) -> BaseException:
    """Return the same error without what its way up through the engine has added to it."""
    error = copy.copy(trouble)
    if isinstance(error, CvmimgError):
        error.notes = []
    return error


@dataclass
class Lamp:
    """Switching it on, checking it and switching it off each fail in turn as given; None works.

    Attributes:
        trouble: of switching it on.
        works_unseen: an attempt that fails switches it on anyway, unless it is refused.
        check_trouble: of checking; a StepCheck is returned in place of the true answer.
        revert_trouble: of switching it off.
        on: how many times it is switched on: more than once is a duplicate.
        attempts: how many times switching it on was asked for.
    """

    trouble: list[BaseException | None] = field(default_factory=list)
    works_unseen: bool = False
    check_trouble: list[BaseException | StepCheck | None] = field(default_factory=list)
    revert_trouble: list[BaseException | None] = field(default_factory=list)
    on: int = 0
    attempts: int = 0
    checks: int = 0
    reverts: int = 0

    def do(self) -> Outcome:
        self.attempts += 1
        trouble = self.trouble.pop(0) if self.trouble else None
        refused = isinstance(trouble, CvmimgError) and not isinstance(trouble, OutcomeUnknown)
        if trouble is None or (self.works_unseen and not refused):
            self.on += 1
        if trouble is not None:
            raise fresh(trouble)
        return {"lamp": self.on}

    def check(self) -> StepCheck:
        self.checks += 1
        trouble = self.check_trouble.pop(0) if self.check_trouble else None
        if isinstance(trouble, BaseException):
            raise fresh(trouble)
        if trouble is not None:
            return trouble
        return Happened({"lamp": self.on}) if self.on else DidNotHappen()

    def revert(self, _: Outcome) -> None:
        trouble = self.revert_trouble.pop(0) if self.revert_trouble else None
        if trouble is not None:
            raise fresh(trouble)
        self.on = 0
        self.reverts += 1

    def step(self, **options: Any) -> Step:
        """A single call that can be reverted, unless the options say otherwise."""
        defaults: dict[str, Any] = {"single_call": True, "revert": self.revert}
        return Step("lamp", self.do, self.check, **(defaults | options))


UNKNOWN = Unknown(OFFLINE)
