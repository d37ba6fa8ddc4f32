"""Options of an image's source, which ``create`` and ``check`` share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from cvmimg.checks.registry import GROUPS, IDS, SECRETS, SECRETS_IDS
from cvmimg.cli.guest_options import GUEST_OPTION_NAMES, guest_options
from cvmimg.cli.options import (
    ACCOUNT,
    DISK_ID,
    FAMILY,
    REGION,
    Decorated,
    flag,
    repeatable,
    tag_option,
)

SECTIONS: Mapping[str, Sequence[str]] = {
    "The image": ("name", "description", "family", "tags", "own_tags", "sysprep", "promote"),
    "The instance and its disks": (
        "stop",
        "force_stop",
        "online",
        "restart",
        "require_tag",
        "with_data_disks",
        "data_disk_ids",
    ),
    "Checks": ("skip_checks", "fail_on", "fix_fstab", "fixes", "replace_oldest"),
    "When the image is ready": (
        "verify",
        "skip_probes",
        "delete_on_failure",
        "copy_to",
        "share_with",
        "keep",
    ),
    "Guest access": GUEST_OPTION_NAMES,
}
"""The sections of the help."""
_OPTIONS = (
    flag("--stop", "Shut the instance down gracefully first."),
    flag("--online", "Fail rather than shut the instance down."),
    flag("--with-data-disks", "Include all data disks."),
    repeatable("--data-disk", "data_disk_ids", DISK_ID, "Data disk to include"),
    repeatable(
        "--skip-check",
        "skip_checks",
        click.Choice((*IDS, *GROUPS)),
        "Check or group of checks to skip (see cvmimg check --list)",
        metavar="ID",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(("warn", "fail")),
        default="fail",
        show_default=True,
        help="Refuse the image on failures only, or on warnings too.",
    ),
    repeatable("--copy-to", "copy_to", REGION, "Region to copy the image to"),
    repeatable("--share-with", "share_with", ACCOUNT, "Main account to share the image with"),
)


skip_secrets_option = repeatable(
    "--skip-check",
    "skip_checks",
    click.Choice((*SECRETS_IDS, SECRETS)),
    "Secrets check to skip, or 'secrets' for all of them",
    metavar="ID",
)
"""For commands that pass an image on and first check its source for secrets."""
_IMAGE_OPTIONS = (
    click.option(
        "--description", metavar="TEXT", default="", help="Description, up to 256 characters."
    ),
    click.option(
        "--family",
        type=FAMILY,
        default="",
        help="Family of the image, for family:NAME.",
    ),
    tag_option("Tag to add to the image"),
    flag("--no-tags", "Do not add cvmimg's own tags.", negates="own_tags"),
    flag("--sysprep", "Run Sysprep to generalize a Windows image."),
)


def image_options(command: Decorated) -> Decorated:
    """Add the options that describe the image."""
    for option in reversed(_IMAGE_OPTIONS):
        command = option(command)
    return command


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, including those of the guest access."""
    command = guest_options(command)
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
