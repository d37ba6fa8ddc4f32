"""What all displays of progress share; by itself, it shows none, as ``--quiet`` requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from cvmimg.checks.result import CheckResult
from cvmimg.cli.messages import text
from cvmimg.cli.text import printable
from cvmimg.clock import Clock
from cvmimg.cloud.progress import Progress
from cvmimg.durable.progress import StageOutcome, ending
from cvmimg.message import Message

if TYPE_CHECKING:
    from typing_extensions import Self

    from cvmimg.cli.run_report import RunReport


class Display:
    """A progress reporter that shares stderr with other lines; usable from several threads.

    What was explicitly requested, such as the request log, is shown in any case.

    Args:
        stream: where to.
        clock: for the times.
        show_checks: whether to show the results of checks.

    Attributes:
        report: keeps stages and checks, for files about the run; None if there are none.
    """

    report: RunReport | None = None

    def __init__(self, stream: TextIO, *, clock: Clock, show_checks: bool = True) -> None:
        self.clock = clock
        self._stream = stream
        self._show_checks = show_checks
        self._lock = threading.RLock()

    def line(self, text: str) -> None:
        """Write a line that is not progress, such as the request log's, whatever it holds."""
        self.write(printable(text))

    def write(self, line: str) -> None:
        """Write a line as it is."""
        with self._lock:
            self._stream.write(f"{line}\n")
            self._stream.flush()

    @contextmanager
    def stage(self, name: str, /, *, subject: str = "", **params: Any) -> Iterator[DisplayedStage]:
        """Begin a stage; see ``ProgressReporter``."""
        title = text(Message(f"stage.{name}", subject=subject, **params))
        stage = DisplayedStage(self, name, subject, title)
        self.begin(stage)
        with ending(stage):
            yield stage

    def begin(self, stage: DisplayedStage) -> None:
        """Show that a stage begins."""

    def advance(self, stage: DisplayedStage, progress: Progress) -> None:
        """Show how far a stage is."""

    def end(self, stage: DisplayedStage, outcome: StageOutcome, detail: str) -> None:
        """Show how a stage ended."""

    def checks(self, results: Sequence[CheckResult], *, subject: str = "") -> None:
        """Keep and show the results of all checks; the subject is one of several instances."""
        if self.report is not None:
            self.report.checks.extend(results)
        self.show(results, subject)

    def show(self, results: Sequence[CheckResult], subject: str) -> None:
        """Show the results of all checks."""

    def notice(self, message: Message | str) -> None:
        """Show something the user should know that is not an error."""

    def separate(self) -> None:
        """Leave an empty line before a result, on a terminal that shows finished stages."""

    def stopping(self) -> None:
        """Show that a stop was requested; called from a signal handler, so nothing is buffered."""

    def abandon(self) -> None:
        """Restore the terminal before an immediate exit; called from a signal handler."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""


class DisplayedStage:
    """A stage of a display.

    Attributes:
        name: its id, such as "image".
        subject: the id of what it is about.
        title: what it does, in words.
        detail: a few words for its end, such as the image's id.
        progress: how far it is; None before that is known.
        updated: when the display last noted its progress.
    """

    def __init__(self, display: Display, name: str, subject: str, title: str) -> None:
        self.name = name
        self.subject = subject
        self.title = title
        self.detail = ""
        self.progress: Progress | None = None
        self._display = display
        self._began = self.updated = display.clock.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the stage began."""
        return self._display.clock.monotonic() - self._began

    def advance(self, progress: Progress) -> None:
        """Show how far the stage is."""
        self._display.advance(self, progress)

    def notice(self, message: Message | str) -> None:
        """Show a notice."""
        self._display.notice(message)

    def finish(self, outcome: StageOutcome, detail: str = "") -> None:
        """Show how the stage ended, and keep it for the report."""
        if report := self._display.report:
            report.note_stage(self.title, outcome, self.elapsed)
        self._display.end(self, outcome, detail)
