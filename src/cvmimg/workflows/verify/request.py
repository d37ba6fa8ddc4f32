"""What the user asks of ``verify``."""

from __future__ import annotations

from dataclasses import dataclass

from cvmimg.errors import UsageError
from cvmimg.message import Message

BOOTING = ("running", "agent", "boot")
"""The probes of a boot, each of which needs the one before."""
INSIDE = ("cloud-init", "fstab", "identity")
"""The probes of a system that has booted, besides those that the request adds."""
SKIPPABLE = ("boot", *INSIDE)
"""The probes that can be skipped."""
BOOT_SECONDS = 900.0
MOST_COMMAND_BYTES = 12_000
"""In base64 it fits a parameter of a script."""


@dataclass(frozen=True)
class VerifyRequest:
    """How an image is verified.

    Attributes:
        like: an instance to take type, zone and network from: its id or exact name; empty for the
            source instance's zone and network, and the smallest type.
        type: the instance type; empty for that of ``like``, or the smallest.
        command: a shell command that must succeed inside; empty for none.
        http_port: a port that must answer inside; 0 for none.
        http_path: the path of the page.
        skip_probes: ids of probes to skip.
        keep_on_failure: leave the probe instance running if a probe fails.
        timeout_seconds: how long the instance may take to boot.
    """

    like: str = ""
    type: str = ""
    command: str = ""
    http_port: int = 0
    http_path: str = "/"
    skip_probes: tuple[str, ...] = ()
    keep_on_failure: bool = False
    timeout_seconds: float = BOOT_SECONDS

    def require_valid(self) -> None:
        """Refuse a request that is invalid in itself, whatever the cloud says.

        Raises:
            UsageError: the message names the option.
        """
        if self.timeout_seconds <= 0:
            raise UsageError(Message("BootTimeoutInvalid"))
        if len(self.command.encode(errors="surrogateescape")) > MOST_COMMAND_BYTES:
            raise UsageError(Message("RunTooLong", most=MOST_COMMAND_BYTES))
        if self.http_port and not (0 < self.http_port < 65536 and self.http_path.startswith("/")):
            raise UsageError(Message("HttpInvalid", value=f"{self.http_port}{self.http_path}"))
