"""Ask what the account may not be permitted to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cvmimg.cloud.errors import locked_out
from cvmimg.errors import CvmimgError, Interrupted, Unreachable

Answer = TypeVar("Answer")


def if_permitted(ask: Callable[[], Answer]) -> Answer | None:
    """Return the answer to a question; None if the cloud refuses it.

    Raises:
        CredentialsError: the credentials themselves are rejected.
        Unreachable: the cloud did not answer.
        Interrupted: a stop was requested.
    """
    try:
        return ask()
    except CvmimgError as error:
        if isinstance(error, Interrupted | Unreachable) or locked_out(error.code):
            raise
        return None
