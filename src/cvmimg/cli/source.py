"""Options of the source of an image, which ``create`` and ``check`` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from cvmimg.cli.guest_options import guest_options
from cvmimg.cli.options import DISK_ID

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
CHECKS = (
    "instance",
    "name",
    "quota",
    "power",
    "disks",
    "fstab",
    "dry-run",
    "cleared-paths",
    "snapshot-cost",
)
_OPTIONS = (
    click.option("--stop", is_flag=True, help="Shut the instance down for it, softly."),
    click.option("--online", is_flag=True, help="Refuse rather than shut the instance down."),
    click.option("--with-data-disks", is_flag=True, help="Put all data disks into the image."),
    click.option(
        "--data-disk",
        "data_disk_ids",
        type=DISK_ID,
        metavar="DISK",
        multiple=True,
        help="Put this data disk into the image; repeatable.",
    ),
    click.option(
        "--skip-check",
        "skip_checks",
        type=click.Choice(CHECKS),
        metavar="ID",
        multiple=True,
        help=f"Leave a check out: {', '.join(CHECKS)}; repeatable.",
    ),
)


def source_options(command: Decorated) -> Decorated:
    """Add the options, those of the guest access too."""
    command = guest_options(command)
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
