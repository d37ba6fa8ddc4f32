"""No progress and no notices; what was explicitly requested, such as the request log, remains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TextIO

from cvmimg.checks.result import CheckResult
from cvmimg.cli.text import printable
from cvmimg.cloud.progress import NoListener
from cvmimg.message import Message


class QuietDisplay:
    """Discards progress.

    Args:
        stream: where lines go that are no progress.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def line(self, text: str) -> None:
        """Write a line."""
        self._stream.write(f"{printable(text)}\n")
        self._stream.flush()

    @contextmanager
    def stage(self, name: str, /, *, subject: str = "", **params: Any) -> Iterator[_QuietStage]:  # noqa: ARG002
        """Begin a stage that nobody sees."""
        yield _QuietStage()

    def checks(self, results: Sequence[CheckResult], *, subject: str = "") -> None:
        """Discard them; an error names those that failed."""

    def notice(self, message: Message | str) -> None:
        """Discard it."""

    def separate(self) -> None:
        """Leave no line: nothing is above the result."""

    def stopping(self) -> None:
        """Say nothing."""

    def abandon(self) -> None:
        """Leave the terminal alone."""

    def __enter__(self) -> QuietDisplay:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass


class _QuietStage(NoListener):
    def __init__(self) -> None:
        self.detail = ""
