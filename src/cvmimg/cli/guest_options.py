"""Options for guest access."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cvmimg.cli.options import refuse, whole_number
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.guest.access import AccessMethod

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
    click.option("--ssh-port", type=whole_number(1, 65535), help="SSH port."),
    click.option(
        "--ssh-key", type=click.Path(), metavar="FILE", default="", help="SSH private key."
    ),
    click.option(
        "--fstab-file",
        type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
        help="Check this copy of the instance's /etc/fstab instead.",
    ),
)


@dataclass(frozen=True)
class GuestOptions:
    """How the user wants the guest to be reached; the fields are the options."""

    guest: str = "agent"
    ssh_host: str = ""
    ssh_user: str = ""
    ssh_port: int | None = None
    ssh_key: str = ""
    fstab_file: Path | None = None

    def access_method(self) -> AccessMethod:
        """Return the access method that the options describe.

        Raises:
            UsageError: the SSH login, or the copy of fstab, cannot be used.
        """
        if self.guest == "ssh" and not self.ssh_host:
            refuse(Message("OptionNeeds", option="--guest ssh", other="--ssh-host"))
        given = self.ssh_host or self.ssh_user or self.ssh_port or self.ssh_key
        if self.guest != "ssh" and given:
            refuse(Message("OptionNeeds", option="--ssh-…", other="--guest ssh"))
        from cvmimg.guest.access import AccessMethod
        from cvmimg.guest.ssh import SshTarget

        login = (self.ssh_host, self.ssh_user, self.ssh_port or 0, self.ssh_key)
        target = SshTarget(*login) if self.guest == "ssh" else None
        return AccessMethod(target, _read_copy(self.fstab_file))


GUEST_OPTION_NAMES = tuple(field.name for field in fields(GuestOptions))
REACH_OPTION_NAMES = GUEST_OPTION_NAMES[:-1]
"""The options for reaching a guest, without --fstab-file, which replaces reading it."""


def guest_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets them as ``guest``."""
    return _with(_OPTIONS, command)


def reach_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how to reach a guest; the command gets them as ``guest``."""
    return _with(_OPTIONS[:-1], command)


def _with(
    options: Sequence[Callable[[Callable[..., Any]], Callable[..., Any]]],
    command: Callable[..., Any],
) -> Callable[..., Any]:
    @functools.wraps(command)
    def with_guest(*arguments: Any, **given: Any) -> Any:
        names = [name for name in GUEST_OPTION_NAMES if name in given]
        guest = GuestOptions(**{name: given.pop(name) for name in names})
        return command(*arguments, guest=guest, **given)

    for option in reversed(options):
        with_guest = option(with_guest)
    return with_guest


def _read_copy(path: Path | None) -> bytes | None:
    if path is None:
        return None
    if path.stat().st_size > _LARGEST_FSTAB:
        refuse(Message("FstabFileTooLarge", path=str(path)))
    return path.read_bytes()
