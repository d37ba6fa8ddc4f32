"""The errors of cvmimg: what happened (message), why (code), and what to do next (hint).

Nothing below ``cli/`` prints or exits. It raises one of these; ``cli/app.py`` alone turns them
into text and an exit code. A class is an exit code of the contract; the ``code`` says which case.
"""

from __future__ import annotations

from typing import Any, ClassVar

from cvmimg.message import Message


class CvmimgError(Exception):
    """An expected failure.

    Attributes:
        code: a stable name of the case: the API's own code where there is one, else the message's.
        message: what happened and to what.
        hint: what to do next; empty for the message's own hint, if it has one.
        notes: what else the failure means, such as the state that an instance is left in.
        resume_command: the command that continues what the error left unfinished, or empty.
        request_id: the API's request id, or empty.
        result: what was done anyway, of several things asked for; else None.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: Message,
        *,
        code: str = "",
        hint: Message | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code or message.code
        self.message = message
        self.hint = hint
        self.notes: list[Message] = []
        self.resume_command = ""
        self.request_id = request_id
        self.result: Any = None


class CloudRefused(CvmimgError):
    """The API returned an error for which there is no more specific type."""


class UsageError(CvmimgError):
    """The input is invalid in itself, whatever the cloud says. The message names the field."""

    exit_code = 2


class PreconditionFailed(CvmimgError):
    """A precondition failed; nothing was changed."""

    exit_code = 3


class NotFound(CvmimgError):
    """The named image, instance, disk or operation does not exist."""

    exit_code = 4


class CredentialsError(CvmimgError):
    """Credentials are missing, wrong, expired, or do not permit this."""

    exit_code = 5


class TaskFailed(CvmimgError):
    """The task ran in the cloud and failed (CREATEFAILED, IMPORTFAILED, LAUNCH_FAILED, …)."""

    exit_code = 6


class WaitTimeout(CvmimgError):
    """The wait is over, the task continues. ``resume_command`` continues the wait."""

    exit_code = 7


class Unreachable(CvmimgError):
    """The network or the cloud could not be reached, retries included."""

    exit_code = 8


class OutcomeUnknown(Unreachable):
    """A write was sent and its answer was lost: the work may or may not have been done.

    Whoever catches this must check the cloud before acting again.
    """


class Interrupted(CvmimgError):
    """The user (or SIGTERM) requested a stop. Notes say what continues, and how to resume it."""

    exit_code = 130
