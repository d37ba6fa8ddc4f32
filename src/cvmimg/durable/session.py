"""What every workflow runs with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cvmimg.clock import Clock
from cvmimg.cloud.client import Cloud
from cvmimg.command_line import CommandLine
from cvmimg.durable.actor import Actor
from cvmimg.durable.interrupt import Interrupt
from cvmimg.durable.journal.journal import Journal
from cvmimg.durable.progress import ProgressReporter

if TYPE_CHECKING:
    from cvmimg.durable.journal.record import Origin


@dataclass(frozen=True)
class Session:
    """One run of the tool.

    Attributes:
        cloud: the cloud, the account and the region.
        progress: receives progress events.
        journal: what must survive.
        interrupt: whether to stop.
        origin: how the cloud was reached, for the journal.
        actor: who runs it, and where.
        command_line: makes the commands that a user is offered to paste.
        trust_account: the user confirms that these credentials belong to the account that began
            an operation, where that is unknown.
    """

    cloud: Cloud
    progress: ProgressReporter
    journal: Journal
    interrupt: Interrupt
    origin: Origin
    command_line: CommandLine = field(default_factory=CommandLine)
    actor: Actor = field(default_factory=Actor)
    trust_account: bool = False

    @property
    def clock(self) -> Clock:
        """The clock that everything uses."""
        return self.cloud.clock

    def command(self, *words: str) -> str:
        """Return a command to paste that reaches the same cloud."""
        return self.command_line.command(*words)

    def in_region(self, region: str) -> Session:
        """Return the same session in another region."""
        return replace(self, cloud=self.cloud.in_region(region))
