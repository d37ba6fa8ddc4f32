"""The signals that end a command: the first is a request, the second is obeyed at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cvmimg.cli.progress.display import Display
    from cvmimg.durable.interrupt import Interrupt


def signals_that_stop() -> list[signal.Signals]:
    """Return SIGINT, SIGTERM and, unless ``nohup`` had it ignored, SIGHUP."""
    is_kept_running = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if is_kept_running else [signal.SIGHUP])]


@contextmanager
def stop_signals(interrupt: Interrupt, display: Display) -> Iterator[None]:
    """Let the first signal request a clean stop, and the second exit at once."""

    def stop(_: int, __: FrameType | None) -> None:
        if interrupt.requested:
            display.abandon()
            os._exit(130)
        interrupt.request()
        display.stopping()

    before = {number: signal.signal(number, stop) for number in signals_that_stop()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
