"""Turn messages, which are codes and parameters, into sentences."""

from __future__ import annotations

import string
from typing import Any

from cvmimg.cli.messages import en
from cvmimg.cli.text import duration, printable
from cvmimg.errors import CredentialsError, CvmimgError
from cvmimg.message import Message


def text(message: Message | str) -> str:
    """Return the sentence of a message; the values in it are escaped, so each stays on its line."""
    if isinstance(message, str):
        return message
    return _sentence(message, en.TEXTS[message.code])


def hint(error: CvmimgError) -> str:
    """Return what to do about an error: its own hint, or that of its message; may be empty."""
    own = _own_hint(error)
    if not error.resume_command:
        return own
    # What to do about the cause comes first only where it must: without credentials nothing works.
    needed = own if isinstance(error, CredentialsError) else ""
    return "\n".join(filter(None, (needed, error.resume_command)))


def _own_hint(error: CvmimgError) -> str:
    if error.hint or not isinstance(error.message, Message):
        return text(error.hint)
    template = en.TEXTS.get(f"{error.message.code}.hint", "")
    return _sentence(error.message, template)


def _sentence(message: Message, template: str) -> str:
    return _Formatter().vformat(template, (), message.params)


class _Formatter(string.Formatter):
    """Fills the named parameters of a sentence.

    ``{count:disk|disks}`` is a number with the noun that fits it ("2 disks"), and where a form
    has a #, the number stands there alone: ``{count:this disk|these # disks}``. ``{ids:list}`` is
    a list with commas, ``{reasons:clauses}`` one with semicolons, ``{steps:arrows}`` one with
    arrows between (in which a list is one step), ``{lines:lines}`` one with a line each,
    ``{name:quoted}`` a text in quotes, ``{wait:duration}`` seconds for people.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Message):
            return text(value)
        if "|" in format_spec:
            return _plural(value, *format_spec.split("|"))
        if format_spec in _JOINTS:
            return _JOINTS[format_spec].join(map(_element, value))
        if format_spec == "quoted":
            return f"'{printable(str(value))}'"
        if format_spec == "duration":
            return duration(value)
        if isinstance(value, float):
            return f"{value:g}"
        return printable(str(value))


_JOINTS = {"list": ", ", "clauses": "; ", "lines": "\n", "arrows": " → "}


def _element(value: Any) -> str:
    """Return an element of a list; one that is a list itself is joined with commas."""
    form = "list" if isinstance(value, (list, tuple)) else ""
    return _Formatter().format_field(value, form)


def _plural(count: int, one: str, many: str) -> str:
    form = one if count == 1 else many
    if "#" in one + many:
        return form.replace("#", str(count))
    return f"{count} {form}"
