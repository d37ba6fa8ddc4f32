"""Classify failed calls, and decide when to retry them."""

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
from cvmimg.message import Message

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,128}")


class Effect(Enum):
    """What a failed call may have changed."""

    REFUSED = "nothing: the service refused, and will again"
    NONE = "nothing: the call can be sent again"
    UNKNOWN = "unknown: the change may have been carried out"


@dataclass(frozen=True)
class Failure:
    """One failed attempt at a call.

    Attributes:
        error: what to raise once there are no more attempts.
        effect: what the call may have changed.
        throttled: whether the service asked for fewer requests.
    """

    error: CvmimgError
    effect: Effect
    throttled: bool = False

    @property
    def code(self) -> str:
        """The API's code, or the tool's own code for the failure."""
        return self.error.code

    @property
    def request_id(self) -> str:
        """The request id of the refusal, or an empty string."""
        return self.error.request_id

    @classmethod
    def from_exception(cls, error: Exception, action: str, host: str) -> Failure:
        """Classify an exception that the SDK raised.

        Args:
            error: any exception out of ``CommonClient.call_json``.
            action: the action that was called.
            host: the host that was called.
        """
        from tencentcloud.common.exception import TencentCloudSDKException
        from urllib3.exceptions import HTTPError

        if isinstance(error, TencentCloudSDKException):
            if error.code == "ClientNetworkError":
                return cls._network(error.__context__ or error, action, host)
            if error.code == "ServerNetworkError":
                return cls._unexpected("HttpError", action, host)
            fields = {"Code": error.code, "Message": error.message}
            answer = {"Error": fields, "RequestId": error.requestId}
            return cls.from_answer(answer, action, host)
        if isinstance(error, (OSError, HTTPError)):
            return cls._network(error, action, host)
        return cls.garbage(action, host)

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any], action: str, host: str) -> Failure:
        """Classify an answer that holds an error.

        Args:
            answer: its ``Response`` object.
            action: the action that was called.
            host: the host that was called.
        """
        error = answer["Error"]
        code = error.get("Code") if isinstance(error, dict) else None
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            return cls.garbage(action, host)
        message, request_id = error.get("Message"), answer.get("RequestId")
        refusal = errors.from_api(
            code,
            message if isinstance(message, str) else "",
            request_id if isinstance(request_id, str) else "",
            action=action,
        )
        if errors.matches(code, errors.THROTTLED):
            return cls(refusal, Effect.NONE, throttled=True)
        trouble = errors.matches(code, errors.SERVER_TROUBLE)
        return cls(refusal, Effect.UNKNOWN if trouble else Effect.REFUSED)

    @classmethod
    def garbage(cls, action: str, host: str) -> Failure:
        """The answer is not one of the API: HTML, truncated JSON, or something else."""
        return cls._unexpected("NotApiAnswer", action, host)

    @classmethod
    def _unexpected(cls, what: str, action: str, host: str) -> Failure:
        message = Message(what, action=action, host=host)
        error = Unreachable(message, code="UnexpectedAnswer", hint=Message("CheckEndpoint"))
        return cls(error, Effect.UNKNOWN)

    @classmethod
    def _network(cls, cause: BaseException, action: str, host: str) -> Failure:
        from requests.exceptions import ProxyError

        from cvmimg.cloud.http_session import AnswerTooLarge, RedirectRefused

        if isinstance(cause, RedirectRefused):
            return cls._unexpected("RedirectRefused", action, host)
        if isinstance(cause, AnswerTooLarge):
            return cls._unexpected("AnswerTooLarge", action, host)
        never_sent = _never_sent(cause)
        by_proxy = isinstance(cause, ProxyError)
        message = Message(
            "ProxyFailed" if by_proxy else "Unreachable" if never_sent else "NoAnswer",
            action=action,
            host=host,
            reason=_reason_of(cause),
        )
        hint = Message("CheckProxy" if by_proxy else "CheckNetwork")
        error = Unreachable(message, code="Unreachable", hint=hint)
        return cls(error, Effect.NONE if never_sent else Effect.UNKNOWN)


def _never_sent(cause: BaseException) -> bool:
    """Return whether the connection failed before the request could leave this machine."""
    from requests import exceptions
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(cause, exceptions.ConnectTimeout | exceptions.ProxyError | exceptions.SSLError):
        return True
    reason = cause.args[0] if cause.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)


def _reason_of(cause: BaseException) -> str:
    """Return the innermost reason, without object addresses and nested wrappers."""
    reason = cause.args[0] if cause.args else cause
    reason = getattr(reason, "reason", None) or reason
    text = str(reason).rpartition("): ")[2].rpartition(">: ")[2]
    for _ in range(text.count(")") - text.count("(")):
        text = text.rstrip(" '\"").removesuffix(")")
    return text.strip(" '\"")[:200] or type(cause).__name__


class Attempts:
    """Counts the attempts at one call, and pauses between them for longer and longer.

    Args:
        clock: the time.
        changes: whether the call changes something.
        repeatable: whether sending it twice changes no more than sending it once.
    """

    MAX_ATTEMPTS = 4
    MAX_ATTEMPTS_THROTTLED = 9
    FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 15.0

    def __init__(self, clock: Clock, *, changes: bool = False, repeatable: bool = True) -> None:
        self._clock = clock
        self._changes = changes
        self._repeatable = repeatable
        self._attempts = 0
        self._in_doubt = False

    def pause_after(self, failure: Failure) -> bool:
        """Sleep until the next attempt is due; return False if there is to be none."""
        self._attempts += 1
        lost = failure.effect is Effect.UNKNOWN
        self._in_doubt = self._in_doubt or lost
        if failure.effect is Effect.REFUSED or (lost and not self._repeatable):
            return False
        most = self.MAX_ATTEMPTS_THROTTLED if failure.throttled else self.MAX_ATTEMPTS
        if self._attempts >= most:
            return False
        pause = self.FIRST_PAUSE_SECONDS * 2 ** (self._attempts - 1)
        jitter = random.uniform(0.5, 1.0)  # noqa: S311  spreads clients
        self._clock.sleep(min(self.LONGEST_PAUSE_SECONDS, pause) * jitter)
        return True

    def error_for(self, last: Failure) -> CvmimgError:
        """Return the error to raise: ``OutcomeUnknown`` for a change that may have been made.

        One lost answer is enough for that, however later attempts failed: a refusal of the
        second says nothing about the first.
        """
        if not self._changes or not self._in_doubt:
            return last.error
        return OutcomeUnknown(
            Message("OutcomeUnknown", error=last.error.message),
            code=last.error.code,
            hint=last.error.hint,
            request_id=last.error.request_id,
        )
