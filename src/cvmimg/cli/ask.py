"""Prompts on the terminal."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from cvmimg.cli.messages import text
from cvmimg.cli.settings import Settings
from cvmimg.errors import Interrupted, PreconditionFailed, UsageError
from cvmimg.message import Message

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False, "": False}


def confirm(
    question: Message | str, settings: Settings, *, show: Callable[[TextIO], None] | None = None
) -> None:
    """Continue only if the user agrees.

    Args:
        question: one line.
        settings: whether the user has agreed already.
        show: writes what the question is about, such as a plan; to stderr if nobody is asked.

    Raises:
        UsageError: there is no terminal to ask on.
        PreconditionFailed: the user declined; nothing was changed.
        Interrupted: the user pressed Ctrl-C; nothing was changed.
    """
    if settings.yes:
        if show is not None and not settings.quiet:
            show(sys.stderr)
        return
    with _terminal() as terminal:
        if show is not None:
            show(terminal)
        agreed = _answer(text(question), terminal)
    if not agreed:
        raise PreconditionFailed(Message("Declined"))


def ask(question: Message, *, default: str = "", hidden: bool = False) -> str:
    """Prompt until a text is entered; from a pipe, read a line.

    Args:
        question: what to ask for.
        default: the answer if the line is empty.
        hidden: do not show what is typed.

    Raises:
        UsageError: the input has ended.
        Interrupted: the user pressed Ctrl-C; nothing was changed.
    """
    shown = f"{text(question)}{f' [{default}]' if default else ''}: "
    try:
        with _interruptible(sys.stderr):
            while True:
                answer = _line(shown, hidden=hidden).strip() or default
                if answer:
                    return answer
    except EOFError as error:
        raise UsageError(Message("AnswerMissing", question=question)) from error


@contextmanager
def _interruptible(terminal: TextIO) -> Iterator[None]:
    """Let Ctrl-C answer an open question."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt as error:
        terminal.write("\n")  # ends the line with the terminal's ^C
        raise Interrupted(Message("InterruptedAtPrompt")) from error
    finally:
        signal.signal(signal.SIGINT, before)


def _line(shown: str, *, hidden: bool) -> str:
    if sys.stdin.isatty() and hidden:
        from getpass import getpass

        return getpass(shown, stream=sys.stderr)
    if sys.stdin.isatty():
        sys.stderr.write(shown)
        sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


@contextmanager
def _terminal() -> Iterator[TextIO]:
    """Where the user sees a question: stderr, or the terminal itself if stderr goes elsewhere."""
    if not sys.stdin.isatty():
        raise UsageError(Message("NotConfirmed"))
    if sys.stderr.isatty():
        yield sys.stderr
        return
    try:
        terminal = open(os.ctermid(), "w", encoding=sys.stderr.encoding, errors="backslashreplace")  # noqa: SIM115
    except OSError as error:
        raise UsageError(Message("NotConfirmed")) from error
    with terminal:
        yield terminal


def _answer(question: str, terminal: TextIO) -> bool:
    """Prompt until the answer is yes or no; the end of the input declines."""
    with _interruptible(terminal):
        while True:
            terminal.write(f"{question} [y/N]: ")
            terminal.flush()
            line = sys.stdin.readline()
            if not line:
                terminal.write("\n")
                return False
            if (answer := line.strip().lower()) in _ANSWERS:
                return _ANSWERS[answer]
            terminal.write(f"{text(Message('confirm.again'))}\n")
