"""Progress that is shown as before, and kept for a report of the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from cvmimg.checks.result import CheckResult
from cvmimg.cli.messages import text
from cvmimg.cli.progress import Display
from cvmimg.cli.run_report import RunReport, StageReport
from cvmimg.clock import Clock
from cvmimg.durable.progress import Stage, outcome_of
from cvmimg.message import Message


class RecordedDisplay:
    """Passes everything on to another display; usable from several threads as that is.

    Args:
        display: what shows it.
        report: keeps it.
        clock: for the times.
    """

    def __init__(self, display: Display, report: RunReport, clock: Clock) -> None:
        self._display = display
        self._report = report
        self._clock = clock

    @contextmanager
    def stage(self, name: str, /, *, subject: str = "", **params: Any) -> Iterator[Stage]:
        """Begin a stage; see ``ProgressReporter``."""
        title = text(Message(f"stage.{name}", subject=subject, **params))
        begun = self._clock.monotonic()
        outcome = outcome_of(None)
        try:
            with self._display.stage(name, subject=subject, **params) as stage:
                yield stage
        except BaseException as error:
            outcome = outcome_of(error)
            raise
        finally:
            seconds = self._clock.monotonic() - begun
            self._report.stages.append(StageReport(title, outcome, seconds))

    def checks(self, results: Sequence[CheckResult], *, subject: str = "") -> None:
        """Keep and show the results of all checks."""
        self._report.checks.extend(results)
        self._display.checks(results, subject=subject)

    def notice(self, message: Message | str) -> None:
        """Show a notice."""
        self._display.notice(message)

    def line(self, text: str) -> None:
        """Write a line that is no progress."""
        self._display.line(text)

    def separate(self) -> None:
        """Leave an empty line before a result."""
        self._display.separate()

    def stopping(self) -> None:
        """Say that a stop was requested."""
        self._display.stopping()

    def abandon(self) -> None:
        """Leave the terminal usable."""
        self._display.abandon()

    def __enter__(self) -> RecordedDisplay:
        self._display.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._display.__exit__(kind, error, traceback)
