"""The option ``--skip-probe`` of commands that verify an image."""

from __future__ import annotations

from collections.abc import Callable

import click

from cvmimg.cli.options import Decorated
from cvmimg.workflows.verify.request import SKIPPABLE


def skip_probe_option(text: str) -> Callable[[Decorated], Decorated]:
    """Return the option for the probes of a verification to skip; ``text`` begins its help."""
    return click.option(
        "--skip-probe",
        "skip_probes",
        type=click.Choice(SKIPPABLE),
        metavar="ID",
        multiple=True,
        help=f"{text}: {', '.join(SKIPPABLE)}; repeatable.",
    )
