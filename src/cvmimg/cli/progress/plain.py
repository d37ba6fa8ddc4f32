"""Progress as plain lines: one when a stage starts and ends, and one about every 30 s between."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from cvmimg.checks.registry import by_group
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import text
from cvmimg.cli.progress.display import Display, DisplayedStage
from cvmimg.cli.text import duration
from cvmimg.cloud.progress import Progress
from cvmimg.durable.progress import StageOutcome
from cvmimg.message import Message

_INTERVAL_SECONDS = 30.0


class PlainDisplay(Display):
    """Writes lines, without escape codes."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._subjects: defaultdict[str, set[str]] = defaultdict(set)

    def begin(self, stage: DisplayedStage, *, prefix: str = "") -> None:
        """Write that a stage begins."""
        self._subjects[stage.name].add(stage.subject)
        self.line(f"{prefix}[{self._label(stage)}] {stage.title}")

    def advance(self, stage: DisplayedStage, progress: Progress) -> None:
        """Write how far a stage is, if the last line about it was a while ago."""
        now = self.clock.monotonic()
        if now - stage.updated < _INTERVAL_SECONDS:
            return
        stage.updated = now
        figures = ", ".join(_figures(progress, stage.elapsed))
        self.line(f"[{self._label(stage)}] {figures}")

    def end(self, stage: DisplayedStage, outcome: StageOutcome, detail: str) -> None:
        """Write how a stage ended, and how long it took."""
        ended = text(Message(f"progress.{outcome}", seconds=stage.elapsed))
        self.line(f"[{self._label(stage)}] {ended}{f' ({detail})' if detail else ''}")

    def _label(self, stage: DisplayedStage) -> str:
        """Return the stage's name, and its subject once there have been several of that name."""
        several = len(self._subjects[stage.name]) > 1
        return f"{stage.name} {stage.subject}".strip() if several else stage.name

    def show(self, results: Sequence[CheckResult], subject: str) -> None:
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

    def stopping(self) -> None:
        """Write it without the stream's buffer, which may be in use right now."""
        line = text(Message("progress.stopping"))
        with suppress(OSError, ValueError):
            os.write(self._stream.fileno(), f"note: {line}\n".encode())


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
