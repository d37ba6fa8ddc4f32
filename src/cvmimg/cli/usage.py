"""Click's errors in the words and the style of all others."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection

import click

from cvmimg.cli.options import Invalid
from cvmimg.errors import CvmimgError, UsageError
from cvmimg.message import Message
from cvmimg.suggest import similar, suggestion

_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)


def usage_error(error: click.ClickException) -> CvmimgError:
    """Return an error of Click as one of ours."""
    message, hint = _worded(error, getattr(error, "ctx", None))
    return UsageError(message, code="InvalidArgument", hint=hint)


def invalid_value(
    invalid: Invalid, parameter: click.Parameter | None, context: click.Context | None
) -> CvmimgError:
    """Return the error for an option or argument whose value is invalid."""
    option = shown_name(parameter, context) if parameter else ""
    message = Message("OptionInvalid", option=option, reason=invalid.reason)
    hint = _did_you_mean(invalid.similar) or _see_help(context)
    return UsageError(message, code="InvalidArgument", hint=hint)


def unknown_command(name: str, known: Collection[str], context: click.Context) -> CvmimgError:
    """Return the error for a command that does not exist; ``known`` are those that do."""
    in_full = " ".join([*context.command_path.split()[1:], name])
    hint = suggestion(name, known, Message("SeeHelp", command=context.command_path))
    return UsageError(Message("CommandUnknown", name=in_full), code="InvalidArgument", hint=hint)


def _see_help(context: click.Context | None) -> Message | None:
    return Message("SeeHelp", command=context.command_path) if context else None


def _did_you_mean(names: Collection[str]) -> Message | None:
    return Message("DidYouMean", names=list(names)) if names else None


def _worded(
    error: click.ClickException, context: click.Context | None
) -> tuple[Message, Message | None]:
    see_help = _see_help(context)
    if isinstance(error, click.NoSuchOption):
        known = [name for each in context.command.params for name in each.opts] if context else []
        hint = suggestion(error.option_name, known, see_help or Message("ListCommands"))
        return Message("OptionUnknown", option=error.option_name), hint
    if isinstance(error, click.BadParameter):
        return _invalid_choice(error, see_help)
    if extra := _EXTRA.match(error.message):
        word = extra[1].split()[0]
        return Message("ArgumentUnexpected", word=word), _name_hint(word, context) or see_help
    return Message("WrongUsage", reason=_sentence(error.format_message())), see_help


def _name_hint(word: str, context: click.Context | None) -> Message | None:
    """Return how to filter a list by name, for those who give a list a name."""
    flags = {flag for each in context.command.params for flag in each.opts} if context else set()
    if context is None or not flags >= {"--name", "--columns"}:
        return None
    return Message("FilterByName", command=context.command_path, word=shlex.quote(word))


def _invalid_choice(
    error: click.BadParameter, see_help: Message | None
) -> tuple[Message, Message | None]:
    """Return the sentence and the hint for a value that a type of Click's own refuses."""
    option = shown_name(error.param, error.ctx) if error.param else str(error.param_hint or "")
    refused = _refused_choice(error)
    if refused is None:
        reason = Message("WrongUsage", reason=_sentence(error.message))
        return Message("OptionInvalid", option=option, reason=reason), see_help
    value, choices = refused
    reason = Message("value.choice", value=value, choices=choices)
    hint = _did_you_mean(similar(value, choices)) or see_help
    return Message("OptionInvalid", option=option, reason=reason), hint


def shown_name(parameter: click.Parameter, context: click.Context | None) -> str:
    """Return what an error calls a parameter: its long flag, or an argument without brackets."""
    if isinstance(parameter, click.Argument):
        metavar = parameter.make_metavar(context or click.get_current_context())
        return metavar.replace("...", "").strip("[]").replace("|", " or ")
    return max(parameter.opts, key=len)


def _refused_choice(error: click.BadParameter) -> tuple[str, list[str]] | None:
    """Return a refused value, which only Click's message has, and the choices; None for others."""
    kind = error.param.type if error.param else None
    value = re.match(r"'(.*?)' is not", error.message)
    if value is None or not isinstance(kind, click.Choice):
        return None
    return value[1], list(map(str, kind.choices))


def _sentence(text: str) -> str:
    """Write a text of Click as all others: one line, lower case, without a full stop."""
    text = " ".join(text.split()).removesuffix(".")
    return text[:1].lower() + text[1:]
