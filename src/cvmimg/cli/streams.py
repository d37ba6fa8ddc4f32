"""The standard streams as the program needs them: their failures never decide an exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from cvmimg.errors import CvmimgError
from cvmimg.message import Message

_STANDARD = (("stdin", 0), ("stdout", 1), ("stderr", 2))


class OutputFailed(CvmimgError):
    """The result could not be written to stdout."""


class ReaderGone(Exception):
    """The reader of stdout's pipe has closed it."""


class _Stdout(io.TextIOWrapper):
    """A stdout whose failures are errors of their own."""

    def write(self, text: str) -> int:
        with _explained():
            return super().write(text)

    def flush(self) -> None:
        with _explained():
            super().flush()


class _Stderr(io.TextIOWrapper):
    """A stderr that discards what cannot be written: full, closed, or a pipe without a reader."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError:
            discard(self)
        return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            discard(self)


@contextmanager
def guarded_streams() -> Iterator[None]:
    """Make the process's streams safe to use, and flush them at the end without an error."""
    _reopen_closed()
    _wrap()
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError, OutputFailed, ReaderGone):
                discard(stream)


def discard(stream: TextIO) -> None:
    """Redirect a stream to nowhere, so that neither its buffer nor Python's exit fails."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputFailed(Message("OutputFailed", reason=reason)) from error


def _reopen_closed() -> None:
    """Occupy the descriptors of closed streams, so that no other file can get them.

    A closed stdout cannot be written, which is an error, like a full disk.
    """
    for name, number in _STANDARD:
        if getattr(sys, name) is not None:
            continue
        opened = os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        setattr(sys, name, os.fdopen(number, "r" if name == "stdin" else "w"))


def _wrap() -> None:
    """Replace both streams; characters that the encoding lacks are escaped."""
    for name, kind in (("stdout", _Stdout), ("stderr", _Stderr)):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            lines, encoding = stream.line_buffering, stream.encoding
            wrapped = kind(
                stream.detach(), encoding, errors="backslashreplace", line_buffering=lines
            )
            setattr(sys, name, wrapped)
