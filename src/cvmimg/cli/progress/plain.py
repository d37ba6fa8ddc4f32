"""Progress as plain lines: no escape codes, one when a stage starts and ends, few between."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import TextIO

from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import text as words
from cvmimg.cli.progress.words import STOPPING
from cvmimg.cli.text import duration, printable
from cvmimg.clock import Clock
from cvmimg.cloud.progress import Progress
from cvmimg.durable.observer import StageOutcome
from cvmimg.message import Message

_BETWEEN_SECONDS = 30.0


class PlainProgress:
    """Writes lines.

    Args:
        stream: where to.
        clock: for the times.
        quiet: write nothing but what is asked for expressly, such as the request log.
    """

    def __init__(self, stream: TextIO, *, clock: Clock, quiet: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self._clock = clock
        self._began = self._told = 0.0

    def line(self, text: str) -> None:
        """Write a line; a stream that is gone (a closed terminal) ends no operation."""
        with suppress(OSError, ValueError):
            self._stream.write(f"{printable(text)}\n")
            self._stream.flush()

    def stage_started(self, stage: str, title: Message | str) -> None:
        """Write that a stage begins."""
        self._began = self._told = self._clock.monotonic()
        self._say(f"[{stage}] {words(title)}")

    def stage_progressed(self, stage: str, progress: Progress) -> None:
        """Write how far the stage is, if the last word of it was a while ago."""
        now = self._clock.monotonic()
        if now - self._told < _BETWEEN_SECONDS:
            return
        self._told = now
        parts = [f"{duration(now - self._began)} so far"]
        if progress.percent is not None:
            about = "about " if progress.estimated else ""
            parts.insert(0, f"{about}{progress.percent:.0f} %")
        if progress.remaining_seconds is not None:
            parts.append(f"about {duration(progress.remaining_seconds, tenths=False)} left")
        if progress.detail:
            parts.append(progress.detail)
        self._say(f"[{stage}] {', '.join(parts)}")

    def stage_finished(self, stage: str, outcome: StageOutcome, detail: str = "") -> None:
        """Write how the stage ended, and how long it took."""
        took = duration(self._clock.monotonic() - self._began)
        more = f" ({detail})" if detail else ""
        self._say(f"[{stage}] {outcome} in {took}{more}")

    def checks_finished(self, checks: Sequence[CheckResult]) -> None:
        """Write what did not simply pass."""
        for check in checks:
            if check.status in (Status.WARN, Status.FAIL):
                self._say(f"[check] {check.status.value}: {check.id}: {check.summary}")

    def notice(self, text: Message | str) -> None:
        """Write a notice."""
        self._say(f"note: {words(text)}")

    def stopping(self) -> None:
        """Say it past the stream's buffer, which may be in use just now."""
        if not self._quiet:
            with suppress(OSError, ValueError):
                os.write(self._stream.fileno(), f"note: {STOPPING}\n".encode())

    def leaving(self) -> None:
        """Nothing is to be put right."""

    def close(self) -> None:
        """Nothing is open."""

    def __enter__(self) -> PlainProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _say(self, text: str) -> None:
        if not self._quiet:
            self.line(text)
