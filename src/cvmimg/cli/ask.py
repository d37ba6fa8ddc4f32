"""Asking the user, on stderr."""

from __future__ import annotations

import signal
import sys

import click

from cvmimg.cli.settings import Settings
from cvmimg.cli.text import printable
from cvmimg.errors import Interrupted, UsageError


def confirm(question: str, settings: Settings) -> None:
    """Go on only if the user says yes.

    Args:
        question: may have several lines, and text of the cloud's in them.
        settings: whether the user has said yes already.

    Raises:
        UsageError: there is nobody to ask.
        Interrupted: the user said no; nothing was changed.
    """
    if settings.yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "this has to be confirmed, and there is no terminal to ask on",
            code="NotConfirmed",
            hint="add --yes",
        )
    # While a question is open, Ctrl-C answers it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        agreed = click.confirm(printable(question), err=True)
    finally:
        signal.signal(signal.SIGINT, before)
    if not agreed:
        raise Interrupted("not confirmed; nothing was changed", code="NotConfirmed")
