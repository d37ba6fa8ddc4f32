"""Turns messages, which are codes and parameters, into sentences."""

from __future__ import annotations

import shlex
import string
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from cvmimg.cli.messages import en
from cvmimg.cli.settings import Invocation
from cvmimg.cli.text import age, duration, printable
from cvmimg.errors import CredentialsError, CvmimgError
from cvmimg.message import Message


def text(message: Message | str) -> str:
    """Return the sentence of a message; the values in it are escaped, so each stays on its line."""
    if isinstance(message, str):
        return message
    return _sentence(message, en.TEXTS.get(message.code) or printable(str(message)))


def hint(error: CvmimgError) -> str:
    """Return what to do about an error: its own hint, or that of its message; may be empty."""
    own = _own_hint(error)
    if not error.resume_command:
        return own
    # The cause's hint comes first only if it must: without credentials, nothing works.
    needed = own if isinstance(error, CredentialsError) else ""
    return "\n".join(filter(None, (needed, error.resume_command)))


def _own_hint(error: CvmimgError) -> str:
    if error.hint is not None:
        return text(error.hint)
    template = en.TEXTS.get(f"{error.message.code}.hint", "")
    return _sentence(error.message, template)


def _sentence(message: Message, template: str) -> str:
    return _Formatter().vformat(template, (), message.params)


class _Formatter(string.Formatter):
    """Fills the named parameters of a sentence.

    ``{cvmimg}`` is the program with the options that choose the same cloud: how a command to
    paste begins. ``{count:disk|disks}`` is a number with the noun that fits it ("2 disks"), and
    where a form has a #, the number stands there alone: ``{count:this disk|these # disks}``.
    Other forms: ``{ids:list}`` ("a, b"), ``{names:or}`` ("a or b"), ``{reasons:clauses}``
    ("a; b"), ``{error:clause}`` (without the cloud's full stop), ``{reasons:lines}`` (a line
    each), ``{steps:arrows}`` (arrows between; a list in it is one step), ``{name:quoted}``, and
    for seconds ``{wait:duration}`` or ``{old:age}``.
    """

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        if key == "cvmimg":
            return shlex.join(Invocation.current.command_line.program)
        return super().get_value(key, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" in format_spec:
            return _plural(value, *format_spec.split("|"))
        return _FORMS[format_spec](value)


def _plain(value: Any) -> str:
    if isinstance(value, Message):
        return text(value)
    return f"{value:g}" if isinstance(value, float) else printable(str(value))


def _joined(values: Iterable[Any], joint: str = ", ") -> str:
    """Join a list; an element that is a list itself is joined with commas."""
    return joint.join(_joined(v) if isinstance(v, (list, tuple)) else _plain(v) for v in values)


def _clause(value: Any) -> str:
    """Return a part of a sentence: the cloud's texts may end with a full stop."""
    return _plain(value).rstrip(".")


def _plural(count: int, one: str, many: str) -> str:
    form = one if count == 1 else many
    if "#" in one + many:
        return form.replace("#", str(count))
    return f"{count} {form}"


_FORMS: Mapping[str, Callable[[Any], str]] = {
    "": _plain,
    "list": _joined,
    "or": partial(_joined, joint=" or "),
    "clauses": lambda values: "; ".join(map(_clause, values)),
    "lines": partial(_joined, joint="\n"),
    "arrows": partial(_joined, joint=" → "),
    "clause": _clause,
    "quoted": lambda value: f"'{_plain(value)}'",
    "duration": duration,
    "age": age,
}
