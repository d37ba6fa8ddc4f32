"""What every workflow is handed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cvmimg.clock import Clock
from cvmimg.cloud.client import Cloud
from cvmimg.workflows.interrupt import Interrupt
from cvmimg.workflows.journal import Journal
from cvmimg.workflows.observer import Observer

if TYPE_CHECKING:
    from cvmimg.workflows.record import Origin


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
    """

    cloud: Cloud
    observer: Observer
    journal: Journal
    interrupt: Interrupt
    origin: Origin
    program: str = "cvmimg"

    @property
    def clock(self) -> Clock:
        """The clock that everything goes by."""
        return self.cloud.clock

    def in_region(self, region: str) -> Session:
        """The same session in another region."""
        return replace(self, cloud=self.cloud.in_region(region))
