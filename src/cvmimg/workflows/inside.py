"""The way into the source instance: to look at its fstab, and to fix it for a while."""

from __future__ import annotations

from dataclasses import dataclass

from cvmimg.checks.fstab import FstabCheck
from cvmimg.durable.session import Session
from cvmimg.guest.access import Channel
from cvmimg.guest.ssh import SshChannel, SshTarget
from cvmimg.guest.tat import TatChannel


@dataclass(frozen=True)
class Inside:
    """How to see and change the inside of an instance.

    Attributes:
        channel: runs scripts there.
        agent: whether the channel is the automation agent, which only works in a VPC.
        fstab_copy: the bytes of a copy of /etc/fstab to go by instead; None to look inside.
        ssh: the login that the channel goes through; None for the agent.
    """

    channel: Channel
    agent: bool = True
    fstab_copy: bytes | None = None
    ssh: SshTarget | None = None

    @classmethod
    def by_agent(
        cls, session: Session, instance_id: str, *, fstab_copy: bytes | None = None
    ) -> Inside:
        """The way that needs nothing of the user."""
        return cls(TatChannel(session.cloud, instance_id), fstab_copy=fstab_copy)

    @classmethod
    def by_ssh(cls, target: SshTarget, *, fstab_copy: bytes | None = None) -> Inside:
        """The way through the user's own login."""
        return cls(SshChannel(target), agent=False, fstab_copy=fstab_copy, ssh=target)

    def fstab_check(self) -> FstabCheck:
        """A look that has not been taken yet."""
        channel = self.channel if self.fstab_copy is None else None
        return FstabCheck(channel, self.fstab_copy, through_agent=self.agent)
