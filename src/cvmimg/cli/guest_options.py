"""Options for guest access."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cvmimg.cli.options import Number, refuse
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.guest.access import AccessMethod

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_LARGEST_FSTAB = 1024 * 1024
_OPTIONS = (
    click.option(
        "--guest",
        type=click.Choice(("agent", "ssh")),
        default="agent",
        show_default=True,
        help="Guest access: the automation agent, or your own ssh client.",
    ),
    click.option("--ssh-host", metavar="HOST", default="", help="SSH host name or address."),
    click.option(
        "--ssh-user",
        metavar="USER",
        default="",
        help="SSH user (root, or with passwordless sudo).",
    ),
    click.option("--ssh-port", type=Number(1, 65535), help="SSH port."),
    click.option(
        "--ssh-key", type=click.Path(), metavar="FILE", default="", help="SSH private key."
    ),
    click.option(
        "--fstab-file",
        type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
        help="Check this copy of the instance's /etc/fstab instead.",
    ),
)
GUEST_OPTION_NAMES = ("guest", "ssh_host", "ssh_user", "ssh_port", "ssh_key", "fstab_file")
REACH_OPTION_NAMES = GUEST_OPTION_NAMES[:-1]
"""The options for reaching a guest, without --fstab-file, which replaces reading it."""


def guest_options(command: Decorated) -> Decorated:
    """Add the options; ``take_access_method`` reads them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def reach_options(command: Decorated) -> Decorated:
    """Add the options that say how to reach a guest."""
    for option in reversed(_OPTIONS[:-1]):
        command = option(command)
    return command


def take_access_method(options: dict[str, Any]) -> AccessMethod:
    """Take the options out of a command's and return the access method that they describe.

    Raises:
        UsageError: the SSH login, or the copy of fstab, cannot be used.
    """
    names = GUEST_OPTION_NAMES
    guest, host, user, port, key, copy = (options.pop(name, None) for name in names)
    if guest == "ssh" and not host:
        refuse(Message("OptionNeeds", option="--guest ssh", other="--ssh-host"))
    if guest != "ssh" and (host or user or port or key):
        refuse(Message("OptionNeeds", option="--ssh-…", other="--guest ssh"))
    from cvmimg.guest.access import AccessMethod
    from cvmimg.guest.ssh import SshTarget

    target = SshTarget(host, user, port or 0, key) if guest == "ssh" else None
    return AccessMethod(target, _read_copy(copy))


def _read_copy(path: Path | None) -> bytes | None:
    if path is None:
        return None
    if path.stat().st_size > _LARGEST_FSTAB:
        refuse(Message("FstabFileTooLarge", path=str(path)))
    return path.read_bytes()
