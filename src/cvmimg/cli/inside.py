"""Options for the look into the source instance, and the way in that they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cvmimg.cli.options import refuse

if TYPE_CHECKING:
    from cvmimg.durable.session import Session
    from cvmimg.workflows.inside import Inside

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_LARGEST_FSTAB = 1024 * 1024
_OPTIONS = (
    click.option(
        "--guest",
        type=click.Choice(("agent", "ssh")),
        default="agent",
        show_default=True,
        help="How to look into the instance: the automation agent, or the system's ssh.",
    ),
    click.option("--ssh-host", metavar="HOST", default="", help="Where to log in."),
    click.option("--ssh-user", metavar="USER", default="", help="As whom; sudo must ask nothing."),
    click.option("--ssh-port", type=click.IntRange(1, 65535), metavar="N", help="At which port."),
    click.option("--ssh-key", metavar="FILE", default="", help="With which private key."),
    click.option(
        "--fstab-file",
        type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
        help="A copy of the instance's /etc/fstab to go by, instead of looking.",
    ),
)
_NAMES = ("guest", "ssh_host", "ssh_user", "ssh_port", "ssh_key", "fstab_file")


def inside_options(command: Decorated) -> Decorated:
    """Add the options; ``WayIn.take`` reads them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class WayIn:
    """What the user said of the way into the instance."""

    guest: str
    ssh_host: str
    ssh_user: str
    ssh_port: int | None
    ssh_key: str
    fstab_file: Path | None

    @classmethod
    def take(cls, options: dict[str, Any]) -> WayIn:
        """Take the options out of a command's; refuses those that contradict each other."""
        way = cls(**{name: options.pop(name) for name in _NAMES})
        if way.guest == "ssh" and not way.ssh_host:
            refuse("--ssh-host", "it is needed with --guest ssh")
        if way.guest != "ssh" and (way.ssh_host or way.ssh_user or way.ssh_port or way.ssh_key):
            refuse("--guest", "--ssh-… options need --guest ssh")
        return way

    def to(self, session: Session, instance_id: str) -> Inside:
        """The way into an instance.

        Raises:
            UsageError: a part of the SSH login, or the copy of fstab, cannot be used.
        """
        from cvmimg.workflows.inside import Inside

        copy = self._copy()
        if self.guest == "agent":
            return Inside.by_agent(session, instance_id, fstab_copy=copy)
        from cvmimg.guest.ssh import SshTarget

        target = SshTarget(self.ssh_host, self.ssh_user, self.ssh_port or 0, self.ssh_key)
        return Inside.by_ssh(target, fstab_copy=copy)

    def _copy(self) -> bytes | None:
        if self.fstab_file is None:
            return None
        if self.fstab_file.stat().st_size > _LARGEST_FSTAB:
            refuse("--fstab-file", f"{self.fstab_file} is larger than 1 MiB: it is no fstab")
        return self.fstab_file.read_bytes()
