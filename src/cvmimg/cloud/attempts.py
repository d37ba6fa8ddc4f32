"""When a call is tried again, and what is said when it is given up."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from cvmimg.clock import Clock
from cvmimg.cloud import errors
from cvmimg.errors import CvmimgError, OutcomeUnknown, Unreachable

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,128}")


class Doubt(Enum):
    """What a failure says about the work that was asked for."""

    REFUSED = "the service answered no: it is useless to ask again"
    NOT_DONE = "nothing was done: it is safe to ask again"
    UNKNOWN = "it may have been done: only a read may be asked again"


@dataclass(frozen=True)
class Failure:
    """One failed attempt.

    Attributes:
        error: what to raise when it is given up.
        doubt: whether the work can have been done.
        throttled: whether the service asked for a slower pace.
    """

    error: CvmimgError
    doubt: Doubt
    throttled: bool = False

    @property
    def code(self) -> str:
        """The API's code, or the tool's own name of the failure."""
        return self.error.code

    @property
    def request_id(self) -> str:
        """The request id of the refusal, or an empty string."""
        return self.error.request_id

    @classmethod
    def from_exception(cls, error: Exception, action: str, where: str) -> Failure:
        """Sort what the SDK raised.

        Args:
            error: any exception out of ``CommonClient.call_json``.
            action: the action that was asked for.
            where: the host or service, for the message.
        """
        from tencentcloud.common.exception import TencentCloudSDKException
        from urllib3.exceptions import HTTPError

        if isinstance(error, TencentCloudSDKException):
            if error.code == "ClientNetworkError":
                return cls._network(error.__context__ or error, action, where)
            if error.code == "ServerNetworkError":
                return cls._trouble(action, where, "answered with an HTTP error")
            fields = {"Code": error.code, "Message": error.message}
            answer = {"Error": fields, "RequestId": error.requestId}
            return cls.from_answer(answer, action, where)
        if isinstance(error, (OSError, HTTPError)):
            return cls._network(error, action, where)
        return cls.garbage(action, where)

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any], action: str, where: str) -> Failure:
        """Sort an answer that holds an error.

        Args:
            answer: its ``Response`` object.
            action: the action that was asked for.
            where: the host, for the message.
        """
        error = answer["Error"]
        code = error.get("Code") if isinstance(error, dict) else None
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            return cls.garbage(action, where)
        message, request_id = error.get("Message"), answer.get("RequestId")
        return cls.refused(
            code,
            message if isinstance(message, str) else "",
            request_id if isinstance(request_id, str) else "",
            action,
        )

    @classmethod
    def refused(cls, code: str, message: str, request_id: str, action: str) -> Failure:
        """The service answered with an error of its own."""
        error = errors.from_api(code, message, request_id, action=action)
        if errors.matches(code, errors.THROTTLED):
            return cls(error, Doubt.NOT_DONE, throttled=True)
        if errors.matches(code, errors.SERVER_TROUBLE):
            return cls(error, Doubt.UNKNOWN)
        return cls(error, Doubt.REFUSED)

    @classmethod
    def garbage(cls, action: str, where: str) -> Failure:
        """The answer was none of the API's: HTML, cut JSON, or something else."""
        return cls._trouble(action, where, "gave an answer that is not Tencent Cloud's")

    @classmethod
    def _trouble(cls, action: str, where: str, what: str) -> Failure:
        error = Unreachable(
            f"{action}: {where} {what}",
            code="UnexpectedAnswer",
            hint="check --endpoint, and any proxy between here and the cloud; else try again later",
        )
        return cls(error, Doubt.UNKNOWN)

    @classmethod
    def _network(cls, cause: BaseException, action: str, where: str) -> Failure:
        from cvmimg.cloud.http_session import AnswerTooLarge, RedirectRefused

        if isinstance(cause, RedirectRefused):
            return cls._trouble(action, where, "answered with a redirect, which is not followed")
        if isinstance(cause, AnswerTooLarge):
            return cls._trouble(action, where, "gave an answer that does not end")
        never_sent = _never_sent(cause)
        what = "cannot be reached" if never_sent else "did not answer"
        error = Unreachable(
            f"{action}: {where} {what} ({_in_short(cause)})",
            hint="check the network, the proxy settings and --endpoint, then try again",
        )
        return cls(error, Doubt.NOT_DONE if never_sent else Doubt.UNKNOWN)


def _never_sent(cause: BaseException) -> bool:
    """Whether the connection failed before the request could leave this machine."""
    from requests import exceptions
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(cause, exceptions.ConnectTimeout | exceptions.ProxyError | exceptions.SSLError):
        return True
    reason = cause.args[0] if cause.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)


def _in_short(cause: BaseException) -> str:
    """The innermost reason, without object addresses and nested wrappers."""
    reason = cause.args[0] if cause.args else cause
    reason = getattr(reason, "reason", None) or reason
    text = str(reason).rpartition("): ")[2].rpartition(">: ")[2]
    return text.strip(" ()'\"")[:200] or type(cause).__name__


class Attempts:
    """Counts the attempts at one call and pauses between them, longer each time, with jitter."""

    MOST = 4
    MOST_THROTTLED = 9
    FIRST_SECONDS, LONGEST_SECONDS = 0.5, 15.0

    def __init__(self, clock: Clock, *, changes: bool = False, repeatable: bool = True) -> None:
        self._clock = clock
        self._changes = changes
        self._repeatable = repeatable
        self._made = 0
        self._in_doubt = False

    def pause_after(self, failure: Failure) -> bool:
        """Wait until the next attempt is due; False if there is to be none."""
        self._made += 1
        self._in_doubt = self._in_doubt or failure.doubt is Doubt.UNKNOWN
        if failure.doubt is Doubt.REFUSED:
            return False
        if failure.doubt is Doubt.UNKNOWN and not self._repeatable:
            return False
        if self._made >= (self.MOST_THROTTLED if failure.throttled else self.MOST):
            return False
        longest = min(self.LONGEST_SECONDS, self.FIRST_SECONDS * 2 ** (self._made - 1))
        self._clock.sleep(longest * random.uniform(0.5, 1.0))  # noqa: S311  spreads clients
        return True

    def error_for(self, last: Failure) -> CvmimgError:
        """The error to raise: ``OutcomeUnknown`` for a change that may have been carried out.

        One lost answer is enough for that, however later attempts failed: a refusal of the
        second says nothing about the first.
        """
        if not self._changes or not self._in_doubt:
            return last.error
        return OutcomeUnknown(
            f"{last.error.message}; whether it was carried out is unknown",
            code=last.error.code,
            hint=last.error.hint,
            request_id=last.error.request_id,
        )
