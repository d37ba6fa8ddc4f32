"""Plain lines with the commands of GitHub Actions: groups in the log, and annotations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cvmimg.checks.registry import by_group
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import text
from cvmimg.cli.progress.display import DisplayedStage
from cvmimg.cli.progress.plain import PlainDisplay
from cvmimg.cli.text import printable
from cvmimg.durable.progress import StageOutcome
from cvmimg.message import Message

_LEVELS = {Status.FAIL: "error", Status.WARN: "warning"}


class GitHubDisplay(PlainDisplay):
    """Writes a stage as a group of lines, unless it runs in parallel with others.

    The older form of a command, ``##[name]``, is obeyed anywhere in a line, so it is broken up in
    every text: the names in it come from the cloud.
    """

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._running = 0
        self._in_group = False

    def write(self, line: str) -> None:
        """Write a line without the commands that text from outside may contain."""
        super().write(line.replace("##[", "## ["))

    def begin(self, stage: DisplayedStage, *, prefix: str = "") -> None:
        """Write that a stage begins; one that runs alone is a group."""
        with self._lock:
            self._end_group()
            self._in_group = self._running == 0
            self._running += 1
            super().begin(stage, prefix="::group::" if self._in_group else prefix)

    def end(self, stage: DisplayedStage, outcome: StageOutcome, detail: str) -> None:
        """Write that a stage has ended, outside of its group."""
        with self._lock:
            self._end_group()
            self._running -= 1
            super().end(stage, outcome, detail)

    def show(self, results: Sequence[CheckResult], subject: str) -> None:
        """Write all results as a group, and an annotation for each that did not pass."""
        with self._lock:
            if self._show_checks:
                self._end_group()
                title = f"{text(Message('summary.checks', count=len(results)))} {subject}"
                self.write(f"::group::{title.strip()}")
                for result in by_group(results):
                    self.line(f"{result.status.value}: {result.id}: {text(result.summary)}")
                self.write("::endgroup::")
            for result in results:
                if result.status in _LEVELS:
                    self._annotate(result, subject)

    def _annotate(self, result: CheckResult, subject: str) -> None:
        lines = [result.summary, *result.details, *result.remedies]
        message = "%0A".join(_data(printable(text(line))) for line in lines)
        title = f"cvmimg check {result.id} {subject}".strip()
        self.write(f"::{_LEVELS[result.status]} title={title}::{message}")

    def _end_group(self) -> None:
        if self._in_group:
            self._in_group = False
            self.write("::endgroup::")


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
