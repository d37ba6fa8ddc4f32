"""Parameter types: what a value has to look like, with an error that names the flag and the fix."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from cvmimg.cli.commands import ALIASES, HELP
from cvmimg.cli.settings import Invocation
from cvmimg.cloud import ids, limits
from cvmimg.errors import UsageError
from cvmimg.message import Message
from cvmimg.suggest import similar

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from cvmimg.workflows.launch.settings import NewDisk

    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType  # generic only in newer versions of Click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_DATA_SNAPSHOT = re.compile(
    rf"({ids.SNAPSHOT_ID})(?::(\d{{1,6}})(?:G|GB|GiB)?)?(?::(CLOUD_[A-Z_]*[A-Z]))?"
)
_OUTPUT_SUFFIXES = (".tfvars", ".tfvars.json", ".json", ".env", ".md")
_DISK = re.compile(r"(?:([A-Z][A-Z_]*[A-Z])(?::|$))?(?:(\d+)(?:G|GB|GiB)?)?")


class Invalid(ValueError):
    """A text that is not a value of its type.

    Attributes:
        reason: why not, and how to write it.
        similar: values that are spelled like it.
    """

    def __init__(self, code: str, /, *, similar: Sequence[str] = (), **params: Any) -> None:
        self.reason = Message(f"value.{code}", **params)
        self.similar = tuple(similar)
        super().__init__(str(self.reason))


class Parameter(_ParamType):
    """A type that reads text; values of a profile may be numbers.

    Args:
        name: the type's name in help.
        read: returns the value that a text stands for, or raises ``Invalid``.
        completes: what a shell completes values of this type with, such as "images".
    """

    def __init__(self, name: str, read: Callable[[str], Any], completes: str = "") -> None:
        self.name = name
        self.read = read
        self._completes = completes

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Complete a value; offer nothing if nothing is known."""
        if not self._completes:
            return super().shell_complete(ctx, param, incomplete)
        from cvmimg.cli.completions import complete

        return complete(self._completes, ctx, incomplete)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read ``value``, or fail with the way to write it."""
        if not isinstance(value, (str, int, float)):
            return value
        try:
            return self.read(str(value))
        except Invalid as error:
            from cvmimg.cli.usage import invalid_value

            raise invalid_value(error, param, ctx) from error


def _shaped(name: str, pattern: str, code: str, *, completes: str = "", **params: str) -> Parameter:
    """Return the type of texts that match a pattern; ``code`` is the message for any other text."""

    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise Invalid(code, value=text, **params)
        return text

    return Parameter(name, read, completes)


def _id(pattern: str, name: str, *, completes: str = "") -> Parameter:
    prefix = pattern.partition("-")[0]
    return _shaped(name, pattern, "id", completes=completes, prefix=prefix)


def whole_number(least: int, most: int | None = None) -> Parameter:
    """Return the type of whole numbers from ``least`` to ``most``; None for no limit."""

    def read(text: str) -> int:
        value = int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None
        too_large = value is not None and most is not None and value > most
        if value is None or value < least or too_large:
            code = "at-least" if most is None else "between"
            raise Invalid(code, value=text, least=least, most=most)
        return value

    return Parameter("n", read)


def _name(text: str) -> str:
    if not text.strip():
        raise Invalid("empty")
    if len(text) > limits.NAME_LENGTH:
        raise Invalid("too-long", length=len(text), longest=limits.NAME_LENGTH)
    if not text.isprintable():
        raise Invalid("unprintable", value=text)
    return text


def _image(text: str) -> str:
    """Read an id, an exact name, or family:NAME."""
    prefix, colon, family = text.partition(":")
    if not text.strip() or (prefix == "family" and colon and not family):
        raise Invalid("image", value=text)
    looks_like_id = re.fullmatch(r"img-[0-9A-Za-z]*", text)
    return str(_IMAGE_ID.read(text)) if looks_like_id else text


def _instance(text: str) -> str:
    """Read an id or an exact name."""
    if not text.strip():
        raise Invalid("instance", value=text)
    looks_like_id = re.fullmatch(r"ins-[0-9A-Za-z]*", text)
    return str(_INSTANCE_ID.read(text)) if looks_like_id else text


def _command(text: str) -> str:
    """Read the name of a command of cvmimg, or an alias of one."""
    name = ALIASES.get(text, text)
    if name not in HELP:
        raise Invalid("command", value=text, similar=similar(text, HELP))
    return name


def _tag(text: str) -> tuple[str, str]:
    """Read KEY=VALUE."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise Invalid("tag", value=text)
    if len(key) > limits.TAG_KEY_LENGTH or len(value) > limits.TAG_VALUE_LENGTH:
        raise Invalid("tag-too-long", key=limits.TAG_KEY_LENGTH, value=limits.TAG_VALUE_LENGTH)
    return key, value


def _tag_filter(text: str) -> tuple[str, str | None]:
    """Read KEY=VALUE, or KEY alone for any value."""
    key, equals, value = text.partition("=")
    if not key:
        raise Invalid("tag-filter", value=text)
    return key, value if equals else None


def _duration(text: str) -> float:
    """Read a span of time, such as 30d, 2h, 1h30m or 45s, as seconds."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None or not any(match.groups()):
        raise Invalid("duration", value=text)
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if total == 0:
        raise Invalid("no-duration")
    return float(total)


def _disk(text: str) -> NewDisk:
    """Read a disk of a new instance: its type, its size in GiB, or both."""
    from cvmimg.workflows.launch.settings import NewDisk

    match = _DISK.fullmatch(text)
    if match is None or not any(match.groups()):
        raise Invalid("disk", value=text)
    return NewDisk(type=match[1] or "", gib=int(match[2] or 0))


def _data_snapshot(text: str) -> NewDisk:
    """Read a data disk from a snapshot: its id, a larger size in GiB, a type of cloud disks."""
    from cvmimg.workflows.launch.settings import NewDisk

    match = _DATA_SNAPSHOT.fullmatch(text)
    if match is None:
        raise Invalid("data-snapshot", value=text)
    snapshot_id, gib, disk_type = match.groups()
    return NewDisk(snapshot_id=snapshot_id, gib=int(gib or 0), type=disk_type or "")


def _http_page(text: str) -> tuple[int, str]:
    """Read a page of a web server, such as "8080/health": the port, and the path with its slash."""
    port, slash, path = text.partition("/")
    written = port.isascii() and port.isdecimal() and path.isascii() and path.isprintable()
    if not (written and 0 < int(port) < 65536) or " " in path:
        raise Invalid("http", value=text)
    return int(port), f"{slash or '/'}{path}"


def _price(text: str) -> str:
    """Read a price per hour, as the API takes it."""
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text) or float(text) == 0:
        raise Invalid("price", value=text)
    return text


def _output_file(text: str) -> Path:
    """Read the path of a file for the result; a Packer manifest that exists gets more builds."""
    path = Path(text)
    if not path.name.endswith(_OUTPUT_SUFFIXES):
        raise Invalid("output-file", value=text, suffixes=list(_OUTPUT_SUFFIXES))
    if path.is_dir() or not path.parent.is_dir():
        raise Invalid("output-folder", value=text)
    if path.suffix == ".json" and not path.name.endswith(".tfvars.json"):
        from cvmimg.cli.output_files.packer_manifest import earlier_builds

        try:
            earlier_builds(path)
        except (OSError, ValueError) as error:
            raise Invalid("output-manifest", value=str(path)) from error
    return path


REGION = _shaped("region", ids.REGION, "region", completes="regions")
ZONE = _shaped("zone", ids.ZONE, "zone")
_IMAGE_ID = _id(ids.IMAGE_ID, "image")
_INSTANCE_ID = _id(ids.INSTANCE_ID, "instance")
SNAPSHOT_ID = _id(ids.SNAPSHOT_ID, "snap", completes="snapshots")
DISK_ID = _id(ids.DISK_ID, "disk")
KEY_ID = _id(ids.KEY_ID, "skey")
VPC_ID = _id(ids.VPC_ID, "vpc")
SUBNET_ID = _id(ids.SUBNET_ID, "subnet")
SECURITY_GROUP_ID = _id(ids.SECURITY_GROUP_ID, "sg")
TEMPLATE_ID = _id(ids.TEMPLATE_ID, "lt")
ACCOUNT = _shaped("uin", ids.ACCOUNT_ID, "account")
OPERATION_ID = _shaped("id", ids.OPERATION_ID, "operation")
OPERATION = _shaped("operation", r"[a-z0-9][a-z0-9-]{1,62}", "operation", completes="operations")
CODE = _shaped("code", r"[A-Za-z][A-Za-z0-9.-]{1,127}", "code", completes="codes")
FAMILY = Parameter("name", str, "families")
PROFILE = Parameter("p", str, "profiles")
IMAGE = Parameter("image", _image, "images")
IMAGE_OR_SNAPSHOT = Parameter("image", _image, "images-and-snapshots")
INSTANCE = Parameter("instance", _instance, "instances")
COMMAND = Parameter("command", _command, "commands")
NAME = Parameter("name", _name)
TAG = Parameter("k=v", _tag)
TAG_FILTER = Parameter("k[=v]", _tag_filter)
DURATION = Parameter("duration", _duration)
DISK = Parameter("[type:]gib", _disk)
DATA_SNAPSHOT = Parameter("snap[:gib][:type]", _data_snapshot, "snapshots")
PRICE = Parameter("price", _price)
HTTP_PAGE = Parameter("PORT/PATH", _http_page)
COUNT = whole_number(1, limits.INSTANCES_PER_LAUNCH)


def flag(
    name: str, help_text: str, *, field: str = "", negates: str = "", **more: Any
) -> Callable[[Decorated], Decorated]:
    """Return the decorator for a flag.

    Args:
        name: with its dashes.
        help_text: one line.
        field: the parameter of the command, if it is not named like the flag.
        negates: the parameter that is true without the flag, instead.
        more: as Click takes it.
    """
    names = (name, negates or field) if negates or field else (name,)
    if negates:
        more["callback"] = _negated
    return click.option(*names, is_flag=True, help=help_text, **more)


def _negated(_: click.Context, __: click.Parameter, value: bool) -> bool:
    return not value


def repeatable(
    name: str, field: str, kind: _ParamType, help_text: str, **more: Any
) -> Callable[[Decorated], Decorated]:
    """Return the decorator for an option that may be given several times.

    Args:
        name: with its dashes.
        field: the parameter of the command.
        kind: the type of each value.
        help_text: one line; that the option is repeatable is added.
        more: as Click takes it.
    """
    return click.option(
        name, field, type=kind, multiple=True, help=f"{help_text}; repeatable.", **more
    )


def tag_option(help_text: str) -> Callable[[Decorated], Decorated]:
    """Return the decorator for --tag; the command gets a mapping."""
    return repeatable("--tag", "tags", TAG, help_text, callback=_as_mapping)


def all_regions_option(help_text: str) -> Callable[[Decorated], Decorated]:
    """Return the decorator for --all-regions."""
    return flag("--all-regions", help_text, callback=_without_region)


def _without_region(context: click.Context, _: click.Parameter, value: bool) -> bool:
    """Refuse --region with --all-regions; a region from the environment or a profile is fine."""
    if value and context.ensure_object(Invocation).has_flag("region"):
        exclusive("--all-regions", "--region")
    return value


output_file_option = click.option(
    "--output-file",
    "output_files",
    type=Parameter("file", _output_file, "files"),
    multiple=True,
    help="File to also write the result to, in the format that its name implies: *.tfvars,"
    " *.tfvars.json, *.json (Packer manifest), *.env or *.md; repeatable.",
)
_TIMEOUT = click.option(
    "--timeout",
    "timeout_seconds",
    type=DURATION,
    default="2h",
    show_default=True,
    help="Maximum time to wait; tasks in the cloud continue afterwards.",
)

require_tag_option = flag(
    "--require-tag", "Fail if an instance cannot be tagged before it is changed temporarily."
)


def _note_wish(context: click.Context, _: click.Parameter, value: bool) -> None:
    """Remember that the user wants to be notified at the end."""
    if value and not context.resilient_parsing:
        invocation: Invocation = context.obj
        invocation.notify_at_end = (context.info_name or "", invocation.clock.monotonic())


_NOTIFY = click.option(
    "--notify",
    is_flag=True,
    expose_value=False,
    callback=_note_wish,
    help="Ring the bell and show a notification when a long wait ends.",
)


def timeout_option(command: Decorated) -> Decorated:
    """Add --timeout, and --notify, to a command that may wait for long."""
    return _TIMEOUT(_NOTIFY(command))


def _as_mapping(
    _: click.Context, __: click.Parameter, pairs: Sequence[tuple[str, str]]
) -> dict[str, str]:
    """Turn tags into a mapping; if a key is given twice, the last value counts."""
    return dict(pairs)


def or_empty(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """Turn a missing value into an empty string."""
    return value or ""


image_argument = click.argument("image", type=IMAGE)
images_argument = click.argument(
    "references", metavar="IMAGE...", type=IMAGE, nargs=-1, required=True
)


def one_or_other(argument: str | None, option: str | None, flag: str) -> str:
    """Return what was given as an argument or as an option.

    Raises:
        UsageError: neither was given, or both were.
    """
    if argument and option:
        refuse(Message("GivenTwice", option=flag))
    if not argument and not option:
        from cvmimg.cli.shared import require_given

        require_given({flag: ()})
    return argument or option or ""


def refuse(message: Message) -> NoReturn:
    """Refuse options that contradict each other.

    Raises:
        UsageError: always.
    """
    context = click.get_current_context(silent=True)
    hint = Message("SeeHelp", command=context.command_path) if context else None
    raise UsageError(message, code="InvalidArgument", hint=hint)


def exclusive(option: str, other: str) -> NoReturn:
    """Refuse two options that cannot be used together."""
    refuse(Message("OptionsExclusive", option=option, other=other))
