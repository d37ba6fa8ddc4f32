"""Sessions for tests: any cloud, a journal in a folder, an observer that remembers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cvmimg.checks.result import CheckResult
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.progress import Progress
from cvmimg.durable.interrupt import Interrupt
from cvmimg.durable.journal.journal import Journal
from cvmimg.durable.journal.record import Origin
from cvmimg.durable.session import Session
from cvmimg.message import Message


class Remembering:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, str]] = []
        self.progress: list[tuple[str, Progress]] = []
        self.notices: list[Message | str] = []
        self.checks: list[CheckResult] = []

    def stage_started(self, stage: str, title: Message | str) -> None:
        self.stages.append((stage, "started"))

    def stage_progressed(self, stage: str, progress: Progress) -> None:
        self.progress.append((stage, progress))

    def stage_finished(self, stage: str, outcome: str, detail: str = "") -> None:
        self.stages.append((stage, outcome))

    def checks_finished(self, checks: Sequence[CheckResult]) -> None:
        self.checks = list(checks)

    def notice(self, text: Message | str) -> None:
        self.notices.append(text)


def new_session(cloud: Cloud, state_dir: Path) -> Session:
    return Session(
        cloud=cloud,
        observer=Remembering(),
        journal=Journal(state_dir, cloud.clock),
        interrupt=Interrupt(cloud.clock),
        origin=Origin(),
    )
