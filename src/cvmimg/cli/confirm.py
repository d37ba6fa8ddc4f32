"""Asking before what costs money or cannot be undone."""

from __future__ import annotations

import sys

import click

from cvmimg.cli.settings import Settings
from cvmimg.cli.text import printable
from cvmimg.errors import UsageError


def confirm(question: str, settings: Settings) -> None:
    """Go on only if the user says yes, on stderr, or has said ``--yes``.

    Raises:
        UsageError: nobody can be asked: standard input is no terminal.
        click.Abort: the user said no.
    """
    if settings.yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "--yes: this wants a confirmation, and there is no terminal to ask on",
            hint="look at it with --dry-run, then add --yes",
        )
    click.confirm(printable(question), default=False, abort=True, err=True)
