"""Progress on a terminal: finished stages stay above, the current one lives on the last line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import text as words
from cvmimg.cli.progress.words import STOPPING
from cvmimg.cli.text import duration, printable
from cvmimg.clock import Clock
from cvmimg.cloud.progress import Progress
from cvmimg.durable.observer import StageOutcome
from cvmimg.message import Message

_OUTCOMES: dict[StageOutcome, tuple[str, str]] = {
    "done": ("✔", "green"),
    "failed": ("✘", "red"),
    "skipped": ("·", "dim"),
    "interrupted": ("■", "yellow"),
}
_VERDICTS: dict[Status, tuple[str, str]] = {
    Status.PASS: ("✔", "green"),
    Status.WARN: ("!", "yellow"),
    Status.FAIL: ("✘", "red"),
    Status.SKIP: ("·", "dim"),
}
_TITLE_WIDTH, _BAR_WIDTH, _DETAIL_WIDTH = 38, 28, 16
_FRAMES_A_SECOND = 10


class LiveProgress:
    """Shows stages on a terminal.

    Args:
        stream: the terminal.
        clock: for the times.
        color: whether with colours.
        console: draws instead of one on ``stream``; for pictures of it.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        clock: Clock,
        color: bool = True,
        console: Console | None = None,
    ) -> None:
        self._console = console or Console(
            file=_Tolerant(stream),  # type: ignore[arg-type]
            no_color=not color,
            highlight=False,
            emoji=False,
            markup=False,
        )
        self._stream = stream
        self._clock = clock
        self._stopping = False
        self._live: Live | None = None
        self._stage: _Stage | None = None

    @property
    def current(self) -> RenderableType:
        """What is drawn of the stage under way; nothing between two."""
        return self._stage or Text()

    def refresh(self) -> None:
        """Draw the stage under way now, rather than with the next frame."""
        if self._live is not None:
            self._live.refresh()

    def line(self, text: str) -> None:
        """Write a line above what is live."""
        self._console.print(Text(printable(text), style="dim"), soft_wrap=True)

    def stage_started(self, stage: str, title: Message | str) -> None:  # noqa: ARG002
        """Show a stage on the last line."""
        self.close()
        self._stage = _Stage(title, self._clock, lambda: self._stopping)
        self._live = Live(
            self._stage,
            console=self._console,
            refresh_per_second=_FRAMES_A_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start(refresh=True)

    def stage_progressed(self, stage: str, progress: Progress) -> None:  # noqa: ARG002
        """Move the bar."""
        if self._stage is not None:
            self._stage.progressed(progress)

    def stage_finished(self, stage: str, outcome: StageOutcome, detail: str = "") -> None:  # noqa: ARG002
        """Leave the stage behind, with how it ended and how long it took."""
        self.close()
        if self._stage is not None:
            self._console.print(self._stage.finished(outcome, detail))
            self._stage = None

    def checks_finished(self, checks: Sequence[CheckResult]) -> None:
        """Show all verdicts."""
        for line in check_lines(checks):
            # The terminal wraps: a command that was wrapped here could not be pasted.
            self._console.print(line, soft_wrap=True)

    def notice(self, text: Message | str) -> None:
        """Write a notice above what is live."""
        self._console.print(Text(f"note: {printable(words(text))}", style="yellow"), soft_wrap=True)

    def stopping(self) -> None:
        """Have the next frame say it: this one may be being drawn just now."""
        self._stopping = True

    def leaving(self) -> None:
        """Show the cursor again, past the stream's buffer."""
        with suppress(OSError, ValueError):
            os.write(self._stream.fileno(), b"\n\x1b[?25h")

    def close(self) -> None:
        """Take the live line away and show the cursor again."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def __enter__(self) -> LiveProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Stage:
    """A stage under way; drawn anew many times a second, so its times go on by themselves."""

    def __init__(self, title: Message | str, clock: Clock, is_stopping: Callable[[], bool]) -> None:
        self._title = printable(words(title))
        self._is_stopping = is_stopping
        self._clock = clock
        self._began = clock.monotonic()
        self._told_at = self._began
        self._progress: Progress | None = None
        self._spinner = Spinner("dots", style="cyan")

    def progressed(self, progress: Progress) -> None:
        """Keep what is known now."""
        self._progress = progress
        self._told_at = self._clock.monotonic()

    def finished(self, outcome: StageOutcome, detail: str) -> Table:
        """The line that stays."""
        mark, style = _OUTCOMES[outcome]
        row = _row()
        row.add_row(
            Text(mark, style=style),
            Text(self._title),
            Text(printable(detail), style="dim"),
            Text(duration(self._clock.monotonic() - self._began), style="dim"),
        )
        return row

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        row = Table.grid(padding=(0, 1))
        row.add_column(no_wrap=True)
        row.add_column(no_wrap=True, overflow="ellipsis")
        cells: list[RenderableType] = [self._spinner, Text(self._title)]
        if self._progress is not None:
            cells.append(self._bar(options))
        elapsed = self._clock.monotonic() - self._began
        cells.append(Text.assemble(*self._figures(elapsed)))
        row.add_column(no_wrap=True)
        row.add_column(no_wrap=True, overflow="ellipsis")
        row.add_row(*cells)
        yield row
        if self._is_stopping():
            yield Text(STOPPING, style="yellow", no_wrap=True, overflow="ellipsis")

    def _bar(self, options: ConsoleOptions) -> ProgressBar:
        percent = self._progress.percent if self._progress else None
        return ProgressBar(
            total=100,
            completed=percent or 0,
            width=max(10, min(_BAR_WIDTH, options.max_width - len(self._title) - 36)),
            pulse=percent is None,
            complete_style="cyan",
            finished_style="green",
        )

    def _figures(self, elapsed: float) -> list[tuple[str, str]]:
        """Percent, elapsed, remaining and state, each with its style."""
        progress = self._progress or Progress()
        figures = [(f" {duration(elapsed, tenths=False)}", "")]
        if progress.percent is not None:
            about = "~" if progress.estimated else ""
            figures.insert(0, (f"{about}{progress.percent:.0f}%".rjust(5), "bold"))
        if progress.remaining_seconds is not None:
            passed = self._clock.monotonic() - self._told_at
            left = max(0.0, progress.remaining_seconds - passed)
            figures.append((f"  ~{duration(left, tenths=False)} left", "cyan"))
        if progress.detail:
            figures.append((f"  {printable(progress.detail)}", "dim"))
        return figures


class _Tolerant:
    """A stream whose end (a closed terminal) ends no operation."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError, ValueError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def check_lines(checks: Sequence[CheckResult]) -> Iterator[Text]:
    """The verdicts of all checks; what is not in order comes with its reasons and the remedy."""
    widest = max((len(check.id) for check in checks), default=0)
    indent = " " * (widest + 5)
    for check in checks:
        mark, style = _VERDICTS[check.status]
        name = (f" {check.id.ljust(widest)} ", "bold")
        yield Text.assemble("  ", (mark, style), name, printable(check.summary))
        if check.status in (Status.WARN, Status.FAIL):
            for text in filter(None, check.detail.splitlines()):
                yield Text(f"{indent}{printable(text)}", style="dim")
            for text in filter(None, check.remedy.splitlines()):
                yield Text(f"{indent}→ {printable(text)}", style="cyan")


def _row() -> Table:
    row = Table.grid(padding=(0, 1))
    row.add_column(no_wrap=True)
    row.add_column(min_width=_TITLE_WIDTH)
    row.add_column(min_width=_DETAIL_WIDTH, overflow="fold")
    row.add_column(justify="right", no_wrap=True)
    return row
