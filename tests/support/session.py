"""Sessions for tests: any cloud, a journal in a folder, a reporter that remembers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cvmimg.checks.result import CheckResult
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.progress import Progress
from cvmimg.durable.interrupt import Interrupt
from cvmimg.durable.journal.journal import Journal
from cvmimg.durable.journal.record import Origin
from cvmimg.durable.progress import ending
from cvmimg.durable.session import Session
from cvmimg.message import Message


class Remembering:
    """A progress reporter that keeps what it receives."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, str]] = []
        self.progress: list[tuple[str, Progress]] = []
        self.notices: list[Message | str] = []
        self.results: list[CheckResult] = []

    @contextmanager
    def stage(self, name: str, /, *, subject: str = "", **params: Any) -> Iterator[Any]:
        self.stages.append((name, "started"))
        with ending(_Stage(self, name)) as stage:
            yield stage

    def checks(self, results: Sequence[CheckResult], *, subject: str = "") -> None:
        self.results = list(results)

    def notice(self, message: Message | str) -> None:
        self.notices.append(message)

    def codes(self) -> list[str]:
        """The codes of the notices."""
        return [one.code for one in self.notices if isinstance(one, Message)]


class _Stage:
    def __init__(self, reporter: Remembering, name: str) -> None:
        self._reporter = reporter
        self._name = name
        self.detail = ""

    def advance(self, progress: Progress) -> None:
        self._reporter.progress.append((self._name, progress))

    def notice(self, message: Message | str) -> None:
        self._reporter.notice(message)

    def finish(self, outcome: str, detail: str = "") -> None:
        self._reporter.stages.append((self._name, outcome))


def new_session(cloud: Cloud, state_dir: Path) -> Session:
    return Session(
        cloud=cloud,
        progress=Remembering(),
        journal=Journal(state_dir, cloud.clock),
        interrupt=Interrupt(cloud.clock),
        origin=Origin(),
    )
