"""Progress as plain lines: one when a stage starts and ends, and one about every 30 s between."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from cvmimg.checks.registry import by_group
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import text
from cvmimg.cli.text import duration, printable
from cvmimg.clock import Clock
from cvmimg.cloud.progress import Progress
from cvmimg.durable.progress import StageOutcome, ending
from cvmimg.message import Message

if TYPE_CHECKING:
    from typing_extensions import Self

_INTERVAL_SECONDS = 30.0


class PlainDisplay:
    """Writes lines, without escape codes; usable from several threads.

    Args:
        stream: where to.
        clock: for the times.
        show_checks: whether to show the results of checks.
    """

    def __init__(self, stream: TextIO, *, clock: Clock, show_checks: bool = True) -> None:
        self._show_checks = show_checks
        self._stream = stream
        self._clock = clock
        self._lock = threading.RLock()
        self._subjects: dict[str, set[str]] = {}

    def line(self, text: str) -> None:
        """Write a line, whatever it holds."""
        self.write(printable(text))

    def write(self, line: str) -> None:
        """Write a line as it is."""
        with self._lock:
            self._stream.write(f"{line}\n")
            self._stream.flush()

    def stage(
        self, name: str, /, *, subject: str = "", **params: Any
    ) -> AbstractContextManager[PlainStage]:
        """Begin a stage; see ``ProgressReporter``."""
        title = Message(f"stage.{name}", subject=subject, **params)
        return ending(self.begin(name, subject, title))

    def begin(
        self, name: str, subject: str, title: Message | str, *, prefix: str = ""
    ) -> PlainStage:
        """Write that a stage begins."""
        stage = PlainStage(self, self._clock, name, subject)
        self._subjects.setdefault(name, set()).add(subject)
        self.line(f"{prefix}[{self.label(stage)}] {text(title)}")
        return stage

    def end(self, stage: PlainStage, line: str) -> None:
        """Write that a stage has ended."""
        self.line(f"[{self.label(stage)}] {line}")

    def label(self, stage: PlainStage) -> str:
        """Return the stage's name, and its subject once there have been several of that name."""
        several = len(self._subjects[stage.name]) > 1
        return f"{stage.name} {stage.subject}".strip() if several else stage.name

    def checks(self, results: Sequence[CheckResult], *, subject: str = "") -> None:
        """Write what did not simply pass, with its reasons."""
        label = f"[check {subject}]" if subject else "[check]"
        for result in by_group(results) if self._show_checks else ():
            if result.status in (Status.WARN, Status.FAIL):
                self.line(f"{label} {result.status.value}: {result.id}: {text(result.summary)}")
                for detail in result.details:
                    self.line(f"{label}   {text(detail)}")

    def notice(self, message: Message | str) -> None:
        """Write a notice."""
        self.line(f"note: {text(message)}")

    def separate(self) -> None:
        """Leave no line: the result goes elsewhere."""

    def stopping(self) -> None:
        """Write it without the stream's buffer, which may be in use right now."""
        line = text(Message("progress.stopping"))
        with suppress(OSError, ValueError):
            os.write(self._stream.fileno(), f"note: {line}\n".encode())

    def abandon(self) -> None:
        """Leave the terminal alone: nothing has been drawn on it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass


class PlainStage:
    """A stage that is shown as lines."""

    def __init__(self, display: PlainDisplay, clock: Clock, name: str, subject: str) -> None:
        self.name = name
        self.subject = subject
        self.detail = ""
        self._display = display
        self._clock = clock
        self._began = self._written = clock.monotonic()

    def advance(self, progress: Progress) -> None:
        """Write how far the stage is, if the last line about it was a while ago."""
        now = self._clock.monotonic()
        if now - self._written < _INTERVAL_SECONDS:
            return
        self._written = now
        figures = ", ".join(_figures(progress, now - self._began))
        self._display.line(f"[{self._display.label(self)}] {figures}")

    def notice(self, message: Message | str) -> None:
        """Write a notice."""
        self._display.notice(message)

    def finish(self, outcome: StageOutcome, detail: str = "") -> None:
        """Write how the stage ended, and how long it took."""
        took = self._clock.monotonic() - self._began
        ended = text(Message(f"progress.{outcome}", seconds=took))
        self._display.end(self, f"{ended} ({detail})" if detail else ended)


def _figures(progress: Progress, elapsed: float) -> list[str]:
    figures = [text(Message("progress.elapsed", seconds=elapsed))]
    if progress.percent is not None:
        code = "progress.about-percent" if progress.estimated else "progress.percent"
        figures.insert(0, text(Message(code, percent=round(progress.percent))))
    if progress.remaining_seconds is not None:
        left = duration(progress.remaining_seconds, tenths=False)
        figures.append(text(Message("progress.remaining", time=left)))
    if progress.detail:
        figures.append(progress.detail)
    return figures
