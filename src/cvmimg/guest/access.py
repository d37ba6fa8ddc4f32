"""Guest access: how scripts get into an instance, through the automation agent or over SSH."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from cvmimg.cloud.client import Cloud
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.script import Script, ScriptOutput
from cvmimg.guest.ssh import SshAccess, SshTarget
from cvmimg.guest.tat import AgentAccess
from cvmimg.message import Message


@dataclass(frozen=True)
class AccessMethod:
    """Which way a guest is reached; by default through the automation agent.

    Attributes:
        ssh: the login, to use SSH instead of the agent.
        fstab_copy: the content of a copy of /etc/fstab, to read it instead of the instance, which
            then can be neither read nor changed.
    """

    ssh: SshTarget | None = None
    fstab_copy: bytes | None = None

    @property
    def uses_agent(self) -> bool:
        """Whether scripts are run by the automation agent."""
        return self.ssh is None and self.fstab_copy is None

    def as_json(self) -> dict[str, Any]:
        """Return the method as JSON."""
        copy = self.fstab_copy
        return {
            "ssh": asdict(self.ssh) if self.ssh else None,
            "fstab_copy": None if copy is None else base64.b64encode(copy).decode(),
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> AccessMethod:
        """Read what ``as_json`` wrote; a missing field means that it is not used.

        Raises:
            ValueError: a field has a wrong type.
        """
        ssh, copy = fields.get("ssh"), fields.get("fstab_copy")
        try:
            return cls(
                SshTarget(**ssh) if ssh else None,
                None if copy is None else base64.b64decode(copy, validate=True),
            )
        except TypeError as error:
            raise ValueError(f"not an access method: {error}") from error


AGENT = AccessMethod()
"""The automation agent, which needs nothing of the user."""


class GuestAccess(Protocol):
    """Runs scripts as root in one guest."""

    def run(
        self, script: Script, parameters: Mapping[str, str], *, timeout_seconds: int = 60
    ) -> ScriptOutput:
        """Run ``script`` to its end. It may run twice if an answer is lost.

        Raises:
            GuestUnreachable: it did not run, or its output did not arrive.
            CvmimgError: the cloud could not be queried.
        """


def open_access(method: AccessMethod, cloud: Cloud, instance_id: str) -> GuestAccess:
    """Return the access to an instance; nothing is sent before a script is run.

    Args:
        method: which way.
        cloud: the cloud and region of the instance, for the agent.
        instance_id: a Linux instance.
    """
    if method.fstab_copy is not None:
        return _NoAccess()
    if method.ssh is not None:
        return SshAccess(method.ssh)
    return AgentAccess(cloud, instance_id)


class _NoAccess:
    """Stands for the guest of which only a copy of /etc/fstab is known."""

    def run(
        self,
        script: Script,
        parameters: Mapping[str, str],  # noqa: ARG002
        *,
        timeout_seconds: int = 60,  # noqa: ARG002
    ) -> ScriptOutput:
        """Refuse.

        Raises:
            GuestUnreachable: always.
        """
        raise GuestUnreachable(Message("GuestOnlyCopied", script=script.name), Reason.COPY)
