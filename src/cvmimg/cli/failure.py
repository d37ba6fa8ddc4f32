"""What the user sees of an error: sentences or one JSON object on stderr, and the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import click

from cvmimg.cli.messages import hint as hint_of
from cvmimg.cli.messages import text
from cvmimg.cli.settings import FORMATS, Invocation
from cvmimg.cli.terminal import colored, is_terminal, marks, styled, terminal_columns
from cvmimg.cli.text import printable, wrapped
from cvmimg.cli.usage import usage_error
from cvmimg.errors import CvmimgError, Interrupted
from cvmimg.message import Message

_OUTPUT_FLAGS = ("-o", "--output")
_INDENT = "  "


class Unexpected(CvmimgError):
    """A defect of the program, or of the machine it runs on."""


def report(error: BaseException, invocation: Invocation, arguments: Sequence[str] = ()) -> int:
    """Report an error on stderr.

    Args:
        error: what ended the command.
        invocation: what is known of the command line.
        arguments: the whole command line, for the parts that could not be parsed.

    Returns:
        The exit code.
    """
    if isinstance(error, (click.Abort, KeyboardInterrupt)) and sys.stderr.isatty():
        _say("")  # ends the line with the terminal's ^C
    told = as_own(error, invocation)
    if isinstance(told, Unexpected):
        _save_report(error, told, invocation)
    if _verbosity(invocation, arguments) >= 2:
        import traceback

        lines = traceback.format_exception(type(error), error, error.__traceback__)
        shown = _redacted("".join(lines), invocation)
        _say(printable(shown, keep="\n").rstrip())
    if _output(invocation, arguments) in ("json", "jsonl"):
        _say(json.dumps({"error": _fields(told)}))
        return told.exit_code
    no_color = "--no-color" in arguments or invocation.known("no_color", False)
    color = colored(sys.stderr, no_color=no_color)
    for line, style in _lines(told, checks_shown=invocation.shows_checks):
        _say(styled(line, style) if color else line)
    return told.exit_code


def _save_report(error: BaseException, told: Unexpected, invocation: Invocation) -> None:
    """Save a report of a defect, and name its file in the hint."""
    from cvmimg.cli.defect import write_report

    path = write_report(error, invocation)
    if path is not None:
        told.hint = Message("UnexpectedReported", path=str(path))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def as_own(error: BaseException, invocation: Invocation) -> CvmimgError:
    """Convert the exception that ended the command into an error of cvmimg.

    Text that is not ours may hold anything, so secrets are removed from it.
    """
    if isinstance(error, CvmimgError):
        return error
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return Interrupted(Message("Interrupted"))
    if isinstance(error, click.ClickException):
        return usage_error(error)
    reason = _redacted(str(error), invocation)
    return Unexpected(Message("Unexpected", type=type(error).__name__, reason=reason))


def _redacted(text: str, invocation: Invocation) -> str:
    from cvmimg.cli.redact import redacted

    return redacted(text, invocation.environment, invocation.home)


def _fields(error: CvmimgError) -> dict[str, Any]:
    fields = error_json(error)
    checks = getattr(error, "checks", None)
    if checks is None:
        return fields
    from cvmimg.cli.render.checks import check_json

    return fields | {"checks": list(map(check_json, checks))}


def error_json(error: CvmimgError) -> dict[str, Any]:
    """Return the contract's JSON object of an error."""
    return {
        "code": error.code,
        "message": " ".join([text(error.message), *map(text, error.notes)]),
        "hint": hint_of(error),
        "request_id": error.request_id,
        "exit_code": error.exit_code,
    }


def _lines(error: CvmimgError, *, checks_shown: bool) -> Iterator[tuple[str, str]]:
    """Return the lines that a person sees, each with its style."""
    failed = [check for check in getattr(error, "checks", ()) if check.status.value == "fail"]
    yield from _sentence("error: ", text(error.message), "red")
    if error.request_id:
        source = f"({printable(error.code)}, request {printable(error.request_id)})"
        yield f"{_INDENT}{source}", "dim"
    for check in () if checks_shown else failed:
        yield from _sentence(_INDENT, f"{check.id}: {text(check.summary)}", "")
        for detail in check.details:
            yield from _sentence(_INDENT * 2, text(detail), "dim")
    for note in error.notes:
        yield from _sentence(_INDENT, text(note), "")
    arrow = marks(sys.stderr.encoding)["hint"]
    for hint in filter(None, hint_of(error).splitlines()):
        yield from _sentence(f"{_INDENT}{arrow} ", hint, "cyan")


def _sentence(prefix: str, sentence: str, style: str) -> Iterator[tuple[str, str]]:
    """Wrap a sentence at spaces below its prefix; a command to paste stays on one line."""
    for part in sentence.splitlines():
        shown = printable(part)
        room = terminal_columns(sys.stderr) - len(prefix)
        for line in wrapped(shown, room) if is_terminal(sys.stderr) else [shown]:
            yield f"{prefix}{line}", style
            prefix = " " * len(prefix)


def _output(invocation: Invocation, arguments: Sequence[str]) -> str:
    """Return the output format; from the raw words if the command line could not be parsed."""
    for word, following in pairwise((*arguments, "")):
        value = following if word in _OUTPUT_FLAGS else word
        for flag in _OUTPUT_FLAGS:
            value = value.removeprefix(flag).removeprefix("=")
        if value in FORMATS and (word in _OUTPUT_FLAGS or word.startswith(_OUTPUT_FLAGS)):
            return value
    environment = invocation.environment.get("CVMIMG_OUTPUT", "")
    return str(invocation.known("output", environment))


def _verbosity(invocation: Invocation, arguments: Sequence[str]) -> int:
    return 2 if "-vv" in arguments else int(invocation.known("verbose", 0))
