"""Progress on a terminal: a bar for each stage in progress, finished stages stay above."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cvmimg.checks.registry import by_group
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cli.messages import text
from cvmimg.cli.progress.display import Display, DisplayedStage
from cvmimg.cli.terminal import marks
from cvmimg.cli.text import duration, printable, shortened, width, wrapped
from cvmimg.clock import Clock
from cvmimg.cloud.progress import Progress
from cvmimg.durable.progress import StageOutcome
from cvmimg.message import Message

_OUTCOMES: dict[StageOutcome, tuple[str, str]] = {
    "done": ("ok", "green"),
    "failed": ("failed", "red"),
    "interrupted": ("stopped", "yellow"),
    "timed_out": ("stopped", "yellow"),
}
_STATUSES: dict[Status, tuple[str, str]] = {
    Status.PASS: ("ok", "green"),
    Status.WARN: ("warning", "yellow"),
    Status.FAIL: ("failed", "red"),
    Status.SKIP: ("skipped", "dim"),
}
_TITLE_WIDTH, _TIME_WIDTH = 50, 5
_WIDEST_BAR, _NARROWEST_BAR = 28, 8
_NARROWEST_TEXT = 20
_FRAMES_PER_SECOND = 10


class LiveDisplay(Display):
    """Shows the stages in progress as a group of bars.

    Args:
        stream: the terminal.
        clock: for the times.
        color: whether with colors.
        console: draws instead of one on ``stream``; for pictures of it.
        show_checks: whether to show the results of checks.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        clock: Clock,
        color: bool = True,
        console: Console | None = None,
        show_checks: bool = True,
    ) -> None:
        super().__init__(stream, clock=clock, show_checks=show_checks)
        self.console = console or Console(
            file=stream,
            color_system="auto" if color else None,
            highlight=False,
            emoji=False,
            markup=False,
        )
        self._marks = marks(self.console.encoding)
        self._live: Live | None = None
        self._has_finished = False
        self.group = _Group(self.console, clock)

    def refresh(self) -> None:
        """Draw the stages in progress now, rather than with the next frame."""
        with self._lock:
            if self._live is not None:
                self._live.refresh()

    def line(self, text: str) -> None:
        """Write a line above the bars."""
        self._print(Text(printable(text), style="dim"))

    def begin(self, stage: DisplayedStage) -> None:
        """Show a stage as the last bar."""
        stage.title = printable(stage.title)
        with self._lock:
            self.group.stages = (*self.group.stages, stage)
            if self._live is None:
                self._live = self._started()

    def advance(self, stage: DisplayedStage, progress: Progress) -> None:
        """Keep how far a stage is, for the next frame."""
        stage.progress = progress
        stage.updated = self.clock.monotonic()

    def end(self, stage: DisplayedStage, outcome: StageOutcome, detail: str) -> None:
        """Remove a stage's bar, and leave a line above the remaining bars."""
        with self._lock:
            self.group.stages = tuple(each for each in self.group.stages if each is not stage)
            if not self.group.stages:
                self._stop()
            self._has_finished = True
            self._print(self._finished(stage, outcome, detail))

    def _finished(self, stage: DisplayedStage, outcome: StageOutcome, detail: str) -> Text:
        """Return the line that stays of a stage."""
        mark, style = _OUTCOMES[outcome]
        took = duration(stage.elapsed)
        if outcome != "done":
            ended = text(Message(f"progress.{outcome}", seconds=stage.elapsed))
            took = f"{ended} ({detail})" if detail else ended
            detail = ""
        return self._row(Text(self._marks[mark], style=style), stage.title, printable(detail), took)

    def _row(self, mark: Text, title: str, detail: str, took: str) -> Text:
        """Pad the columns if there is room; drop a list of ids, or else shorten the title."""
        space = self.console.width - width(mark.plain) - 1
        end = f" {took.rjust(_TIME_WIDTH)}"
        if ", " in detail and width(title) + width(end) + width(detail) + 2 > space:
            detail = ""  # the table that follows has them
        end += f"  {detail}" if detail else ""
        title = shortened(title, max(8, space - width(end)))
        pad = max(0, min(_TITLE_WIDTH, space - width(end)) - width(title))
        return Text.assemble(mark, f" {title}{' ' * pad}", (end, "dim"))

    def show(self, results: Sequence[CheckResult], subject: str) -> None:
        """Show the results of all checks."""
        columns = self.console.width
        if subject and self._show_checks:
            self._print(Text(printable(subject), style="bold"))
        for line in check_lines(results, self._marks, columns) if self._show_checks else ():
            self._print(line)

    def notice(self, message: Message | str) -> None:
        """Write a notice above the bars."""
        sentence, prefix = printable(text(message)), Text("note: ", style="yellow")
        for line in _below(prefix, sentence, self.console.width, "yellow"):
            self._print(line)

    def separate(self) -> None:
        """Leave an empty line below finished stages, once."""
        if self._has_finished:
            self._has_finished = False
            self._print(Text())

    def stopping(self) -> None:
        """Show it in the next frame: this one may be being drawn right now."""
        self.group.stopping = True

    def abandon(self) -> None:
        """Erase the bar's line and show the cursor again, past the stream's buffer."""
        with suppress(OSError, ValueError):
            os.write(self._stream.fileno(), b"\r\x1b[2K\x1b[?25h")

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        with self._lock:
            self._stop()

    def _print(self, line: Text) -> None:
        # The terminal wraps: a command that was wrapped here could not be pasted.
        self.console.print(line, soft_wrap=True)

    def _started(self) -> Live:
        live = Live(
            self.group,
            console=self.console,
            refresh_per_second=_FRAMES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        live.start(refresh=True)
        return live

    def _stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


class _Group:
    """The bars of all stages in progress; drawn many times a second from another thread."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._clock = clock
        self._spinner = Spinner(marks(console.encoding)["spinner"], style="cyan")
        self.stages: tuple[DisplayedStage, ...] = ()
        self.stopping = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = max(1, console.height - 3)
        shown, hidden = self.stages[:room], len(self.stages[room:])
        if shown:
            yield self._bars(shown, options.max_width)
        if hidden:
            yield Text(text(Message("progress.more-stages", count=hidden)), style="dim")
        if self.stopping and shown:
            line = text(Message("progress.stopping"))
            yield Text(shortened(line, options.max_width), style="yellow")

    def _bars(self, stages: Sequence[DisplayedStage], columns: int) -> Table:
        figures = [_figures(stage, self._clock.monotonic()) for stage in stages]
        title, bar, last = _widths(
            columns,
            max(width(stage.title) for stage in stages),
            [max(width(each[n][0]) if n < len(each) else 0 for each in figures) for n in range(4)],
            any(stage.progress for stage in stages),
        )
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(width=title, no_wrap=True)
        if bar:
            table.add_column(width=bar)
        table.add_column(width=last, no_wrap=True, overflow="ellipsis")
        for stage, cells in zip(stages, figures, strict=True):
            row: list[RenderableType] = [self._spinner, Text(shortened(stage.title, title))]
            row += [_bar(stage.progress, bar)] if bar else []
            table.add_row(*row, Text.assemble(*cells))
        return table


def _figures(stage: DisplayedStage, now: float) -> list[tuple[str, str]]:
    """Return percent, elapsed and remaining time, and state, each with its style."""
    progress = stage.progress or Progress()
    percent = progress.percent
    about = "~" if progress.estimated else ""
    figures = [
        ("" if percent is None else f"{about}{percent:.0f}%".rjust(5), "bold"),
        (f" {duration(stage.elapsed, tenths=False)}", ""),
    ]
    if progress.remaining_seconds is not None:
        left = max(0.0, progress.remaining_seconds - (now - stage.updated))
        time = duration(left, tenths=False)
        figures.append((f"  {text(Message('progress.left', time=time))}", "cyan"))
    if progress.detail:
        figures.append((f"  {printable(progress.detail)}", "dim"))
    return figures


def _widths(
    columns: int, title: int, figures: Sequence[int], has_bar: bool
) -> tuple[int, int, int]:
    """Divide a line among title, bar and figures.

    The bar shrinks first, then the state goes, then the bar, then the title is shortened.
    """
    gaps = 6  # two more than there are, so that an echoed ^C does not begin another line
    percent, elapsed, left, state = figures
    for last, narrowest in (
        (percent + elapsed + left + state, _NARROWEST_BAR if has_bar else 0),
        (percent + elapsed + left, _NARROWEST_BAR if has_bar else 0),
        (percent + elapsed + left, 0),
        (percent + elapsed, 0),
    ):
        room = columns - gaps - title - last
        if room >= narrowest:
            return title, min(_WIDEST_BAR, room) if narrowest else 0, last
    last = percent + elapsed
    return max(1, columns - gaps - last), 0, last


def _bar(progress: Progress | None, columns: int) -> RenderableType:
    if progress is None:
        return Text()
    return ProgressBar(
        total=100,
        completed=progress.percent or 0,
        width=columns,
        pulse=progress.percent is None,
        complete_style="cyan",
        finished_style="green",
    )


def check_lines(
    checks: Sequence[CheckResult], signs: dict[str, str], columns: int
) -> Iterator[Text]:
    """Return the results of all checks; what did not pass comes with its reasons.

    A warning comes with its remedies, too; those of failures are in the error that follows.

    Args:
        checks: the results.
        signs: the signs that the terminal can show.
        columns: of the terminal; text is wrapped at spaces, commands to paste stay whole.
    """
    checks = by_group(checks)
    widest = max((len(check.id) for check in checks), default=0)
    indent = " " * (widest + 6)
    for check in checks:
        mark, style = _STATUSES[check.status]
        name = Text.assemble("  ", (signs[mark], style), (f" {check.id.ljust(widest)}  ", "bold"))
        yield from _below(name, text(check.summary), columns)
        if check.status in (Status.WARN, Status.FAIL):
            for detail in check.details:
                yield from _below(Text(indent), text(detail), columns, "dim")
            for remedy in check.remedies if check.status is Status.WARN else ():
                prefix = Text(f"{indent}{signs['hint']} ", style="cyan")
                yield from _below(prefix, text(remedy), columns, "cyan")


def _below(prefix: Text, sentence: str, columns: int, style: str = "") -> Iterator[Text]:
    """Wrap a sentence at spaces, each line below the first; a command to paste stays whole."""
    room = max(_NARROWEST_TEXT, columns - prefix.cell_len)
    for part in wrapped(sentence, room):
        yield Text.assemble(prefix, (part, style))
        prefix = Text(" " * prefix.cell_len)
