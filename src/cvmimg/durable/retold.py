"""An error on its way up, with what it means for the operation added."""

from __future__ import annotations

from typing import TypeVar

from cvmimg.errors import CredentialsError, CvmimgError

Error = TypeVar("Error", bound=CvmimgError)


def retold(error: Error, also: str, *, hint: str = "") -> Error:
    """``error`` itself, its message continued.

    Args:
        error: keeps its type, code and request id.
        also: what else is to be said.
        hint: takes the place of the error's own, if given.
    """
    if not isinstance(error.message, str):
        error.notes += [also] if also else []  # type: ignore[list-item]
    elif also:
        error.message = f"{error.message.removesuffix('.')}; {also}"
    error.hint = hint or error.hint
    error.args = (error.message,)
    return error


def way_on(error: CvmimgError, command: str) -> str:
    """The hint to go on with ``command``; after new credentials, if it was for want of them."""
    needed = error.hint if isinstance(error, CredentialsError) else ""
    return "\n".join(filter(None, (needed, command)))
