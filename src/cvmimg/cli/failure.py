"""What the user sees of an error: words or one JSON object on stderr, and the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import click

from cvmimg.cli.messages import hint as hint_of
from cvmimg.cli.messages import text as words
from cvmimg.cli.settings import FORMATS, Invocation
from cvmimg.cli.terminal import colored, marks
from cvmimg.cli.text import printable
from cvmimg.errors import CvmimgError, Interrupted, UsageError

_OUTPUT_FLAGS = ("-o", "--output")


class Unexpected(CvmimgError):
    """A defect of the tool, or of the machine it runs on."""

    default_code = "Unexpected"


def report(error: BaseException, invocation: Invocation, arguments: Sequence[str] = ()) -> int:
    """Tell of an error on stderr.

    Args:
        error: what ended the command.
        invocation: what is known of the command line.
        arguments: the whole command line, for what could not be read of it.

    Returns:
        The exit code.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        _say(error.format_message())
        return error.exit_code
    if isinstance(error, (click.Abort, KeyboardInterrupt)) and sys.stderr.isatty():
        _say("")  # ends the line with the terminal's ^C
    told = _as_own(error)
    if _verbosity(invocation, arguments) >= 2:
        import traceback

        lines = traceback.format_exception(type(error), error, error.__traceback__)
        _say(printable("".join(lines), keep="\n").rstrip())
    if _output(invocation, arguments) in ("json", "jsonl"):
        _say(json.dumps({"error": _fields(told)}))
    else:
        no_color = "--no-color" in arguments or invocation.known("no_color", False)
        for line in _lines(told, color=colored(sys.stderr, no_color=no_color)):
            _say(line)
    return told.exit_code


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _as_own(error: BaseException) -> CvmimgError:
    if isinstance(error, CvmimgError):
        return error
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return Interrupted("interrupted")
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        hint = f"see {context.command_path} --help" if context else ""
        return UsageError(_sentence(error.format_message()), hint=hint)
    return Unexpected(
        f"an unexpected failure: {type(error).__name__}: {error}",
        hint="run it again with -vv for the traceback, and report it",
    )


def _sentence(text: str) -> str:
    """Click's message in the style of all others: small, without a full stop."""
    text = text.strip().removesuffix(".")
    return text[:1].lower() + text[1:]


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
        "message": " ".join([words(error.message), *map(words, error.notes)]),
        "hint": hint_of(error),
        "request_id": error.request_id,
        "exit_code": error.exit_code,
    }


def _message(error: CvmimgError) -> str:
    """The message; of failed checks, which have just been shown, only their names."""
    checks = getattr(error, "checks", ())
    failed = [check.id for check in checks if check.status.value == "fail"]
    if not failed:
        return words(error.message)
    return (
        f"{len(failed)} of {len(checks)} checks failed ({', '.join(failed)}); nothing was changed"
    )


def _lines(error: CvmimgError, *, color: bool) -> list[str]:
    def styled(text: str, **style: Any) -> str:
        return click.style(text, **style) if color else text

    lines = [f"{styled('error:', fg='red', bold=True)} {printable(_message(error), keep=chr(10))}"]
    if error.request_id:
        source = f"  ({printable(error.code)}, request {printable(error.request_id)})"
        lines.append(styled(source, dim=True))
    arrow = marks(sys.stderr.encoding)["hint"]
    lines += [f"  {printable(words(note))}" for note in error.notes]
    for hint in filter(None, hint_of(error).splitlines()):
        lines.append(f"  {styled(arrow, fg='cyan')} {printable(hint)}")
    return lines


def _output(invocation: Invocation, arguments: Sequence[str]) -> str:
    """The output format; from the raw words where the command line could not be read."""
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
