"""Progress of a workflow: handles with a subject, which may be used from several threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal, Protocol, TypeVar

from cvmimg.checks.result import CheckResult
from cvmimg.cloud.progress import ProgressListener
from cvmimg.errors import CvmimgError, Interrupted, WaitTimeout
from cvmimg.message import Message

StageOutcome = Literal["done", "failed", "interrupted", "timed_out"]


class Stage(ProgressListener, Protocol):
    """A stage in progress.

    Attributes:
        detail: a few words for its end, such as the image's id.
    """

    detail: str


class ProgressReporter(Protocol):
    """Receives progress events from a workflow; safe to use from several threads."""

    def stage(
        self, name: str, /, *, subject: str = "", **params: Any
    ) -> AbstractContextManager[Stage]:
        """Begin a stage; it ends with the context, as done, failed, interrupted or timed out.

        Args:
            name: its id, such as "image"; the message "stage.<name>" is its title.
            subject: the id of what it is about; two stages with other subjects run side by side.
            params: further parameters of its title.
        """

    def checks(self, results: Sequence[CheckResult], *, subject: str = "") -> None:
        """Receive the results of all checks; the subject is one of several instances."""

    def notice(self, message: Message | str) -> None:
        """Receive something the user should know that is not an error."""


class OpenStage(Stage, Protocol):
    """A stage that a reporter has started."""

    def finish(self, outcome: StageOutcome, detail: str = "") -> None:
        """End it; called once."""


AnyStage = TypeVar("AnyStage", bound=OpenStage)


@contextmanager
def ending(stage: AnyStage) -> Iterator[AnyStage]:
    """End a stage with the context, with the outcome that the context's error stands for."""
    try:
        yield stage
    except BaseException as error:
        code = error.code if isinstance(error, CvmimgError) else type(error).__name__
        outcome = outcome_of(error)
        stage.finish(outcome, code if outcome == "failed" else "")
        raise
    stage.finish("done", stage.detail)


def outcome_of(error: BaseException | None) -> StageOutcome:
    """Return the outcome that an error stands for; without one, the stage is done."""
    if error is None:
        return "done"
    if isinstance(error, WaitTimeout):
        return "timed_out"
    if isinstance(error, (Interrupted, KeyboardInterrupt)):
        return "interrupted"
    return "failed"
