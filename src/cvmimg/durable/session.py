"""What every workflow is handed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cvmimg.clock import Clock
from cvmimg.cloud.client import Cloud
from cvmimg.command_line import CommandLine
from cvmimg.durable.interrupt import Interrupt
from cvmimg.durable.journal.journal import Journal
from cvmimg.durable.observer import Observer
from cvmimg.durable.progress import ObserverProgress, ProgressReporter

if TYPE_CHECKING:
    from cvmimg.durable.journal.record import Origin


@dataclass(frozen=True)
class Session:
    """One run of the tool.

    Attributes:
        cloud: whom to ask, in which region.
        observer: whom to tell.
        journal: what must survive.
        interrupt: whether to stop.
        origin: how the cloud was reached, for the journal.
        program: how the user calls the tool, for commands that can be pasted.
        command_line: makes the commands that a user is offered to paste.
        reporter: receives the progress; the observer does, if there is none.
    """

    cloud: Cloud
    observer: Observer
    journal: Journal
    interrupt: Interrupt
    origin: Origin
    program: str = "cvmimg"
    command_line: CommandLine = field(default_factory=CommandLine)
    reporter: ProgressReporter | None = None

    @property
    def clock(self) -> Clock:
        """The clock that everything goes by."""
        return self.cloud.clock

    @property
    def progress(self) -> ProgressReporter:
        """Receives the progress of the workflow."""
        return self.reporter or ObserverProgress(self.observer)

    def command(self, *words: str) -> str:
        """Return a command to paste that reaches the same cloud."""
        return self.command_line.command(*words)

    def in_region(self, region: str) -> Session:
        """The same session in another region."""
        return replace(self, cloud=self.cloud.in_region(region))
