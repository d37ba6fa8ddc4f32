"""Click's errors in the words and the style of all others."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

import click

from cvmimg.cli.options import BadValue
from cvmimg.errors import CvmimgError, UsageError
from cvmimg.message import Message
from cvmimg.suggest import similar, suggestion

_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)


class MissingOptions(click.UsageError):
    """Options or arguments that a command needs were not given.

    Attributes:
        names: all of them.
    """

    def __init__(self, names: Sequence[str], ctx: click.Context) -> None:
        super().__init__(", ".join(names), ctx)
        self.names = list(names)


class RepeatedOption(click.UsageError):
    """An option that takes one value was given more than once.

    Attributes:
        option: its flag.
    """

    def __init__(self, option: str, ctx: click.Context) -> None:
        super().__init__(option, ctx)
        self.option = option


class UnknownCommand(click.UsageError):
    """There is no command of this name.

    Attributes:
        name: what was given.
        known: the commands that there are.
    """

    def __init__(self, name: str, known: Sequence[str], ctx: click.Context) -> None:
        super().__init__(name, ctx)
        self.name = name
        self.known = list(known)


def usage_error(error: click.ClickException) -> CvmimgError:
    """Return an error of Click as one of ours."""
    message, hint = _worded(error, getattr(error, "ctx", None))
    return UsageError(message, code="InvalidArgument", hint=hint)


def _worded(
    error: click.ClickException, context: click.Context | None
) -> tuple[Message, Message | None]:
    see_help = Message("SeeHelp", command=context.command_path) if context else None
    if isinstance(error, MissingOptions):
        return Message("OptionsMissing", names=error.names), see_help
    if isinstance(error, RepeatedOption):
        return Message("OptionRepeated", option=error.option), see_help
    if isinstance(error, UnknownCommand):
        hint = suggestion(error.name, error.known, see_help or Message("ListCommands"))
        return Message("CommandUnknown", name=_in_full(error.name, context)), hint
    if isinstance(error, click.NoSuchOption):
        known = [name for each in context.command.params for name in each.opts] if context else []
        hint = suggestion(error.option_name, known, see_help or Message("ListCommands"))
        return Message("OptionUnknown", option=error.option_name), hint
    if isinstance(error, click.BadParameter):
        return _invalid_value(error), _value_hint(error) or see_help
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


def _in_full(name: str, context: click.Context | None) -> str:
    """Return a command's name with those of the groups that it would be in."""
    groups = context.command_path.split()[1:] if context else []
    return " ".join([*groups, name])


def _invalid_value(error: click.BadParameter) -> Message:
    option = shown_name(error.param, error.ctx) if error.param else str(error.param_hint or "")
    reason = error.invalid.reason if isinstance(error, BadValue) else _reason(error)
    return Message("OptionInvalid", option=option, reason=reason)


def shown_name(parameter: click.Parameter, context: click.Context | None) -> str:
    """Return what an error calls a parameter: its long flag, or an argument without brackets."""
    if isinstance(parameter, click.Argument):
        metavar = parameter.make_metavar(context or click.get_current_context())
        return metavar.replace("...", "").strip("[]").replace("|", " or ")
    return max(parameter.opts, key=len)


def _reason(error: click.BadParameter) -> Message:
    """Return why Click refuses a value, with choices as they are written."""
    kind = error.param.type if error.param else None
    value = re.match(r"'(.*?)' is not", error.message)
    if isinstance(kind, click.Choice) and value:
        choices = list(map(str, kind.choices))
        return Message("value.choice", value=value[1], choices=choices)
    return Message("WrongUsage", reason=_sentence(error.message))


def _value_hint(error: click.BadParameter) -> Message | None:
    names = error.invalid.similar if isinstance(error, BadValue) else _similar_choices(error)
    return Message("DidYouMean", names=list(names)) if names else None


def _similar_choices(error: click.BadParameter) -> list[str]:
    """Return the choices that are spelled like the value, which only Click's message has."""
    kind = error.param.type if error.param else None
    value = re.match(r"'(.*?)' is not one of", error.message)
    if value is None or not isinstance(kind, click.Choice):
        return []
    return similar(value[1], map(str, kind.choices))


def _sentence(text: str) -> str:
    """Write a text of Click as all others: one line, lower case, without a full stop."""
    text = " ".join(text.split()).removesuffix(".")
    return text[:1].lower() + text[1:]
