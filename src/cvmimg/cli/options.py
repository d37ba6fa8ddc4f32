"""Parameter types: what a value has to look like, with an error that names the flag and the fix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from cvmimg.workflows.launch.settings import NewDisk

    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType  # generic only in newer versions of Click

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_DISK = re.compile(r"(?:([A-Z][A-Z_]*[A-Z])(?::|$))?(?:(\d+)(?:G|GB|GiB)?)?")


class Parameter(_ParamType):
    """A type that reads text; values of a profile may be numbers."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read ``value``, or fail with the way to write it."""
        if not isinstance(value, (str, int, float)):
            return value
        try:
            return self.read(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def read(self, text: str) -> Any:
        """The value that ``text`` stands for.

        Raises:
            ValueError: it stands for none; says why and how to write it.
        """
        raise NotImplementedError


class Shaped(Parameter):
    """Text of one shape.

    Args:
        name: the type's name in help.
        pattern: the whole text has to match.
        example: how to write it.
    """

    def __init__(self, name: str, pattern: str, example: str) -> None:
        self.name = name
        self._pattern = re.compile(pattern)
        self._example = example

    def read(self, text: str) -> str:
        """The text itself."""
        if not self._pattern.fullmatch(text):
            raise ValueError(f"{text!r} is not {self._example}")
        return text


class Name(Parameter):
    """The name of an image or instance."""

    name = "name"

    def __init__(self, longest: int = 60) -> None:
        self._longest = longest

    def read(self, text: str) -> str:
        """The text itself."""
        if not text.strip():
            raise ValueError("it is empty; give a name")
        if len(text) > self._longest:
            raise ValueError(
                f"{len(text)} characters are more than {self._longest}; choose a shorter name"
            )
        if not text.isprintable():
            raise ValueError(f"{text!r} has characters that cannot be printed; leave them out")
        return text


class ImageReference(Parameter):
    """An image: its id, its exact name, or the newest of a family."""

    name = "image"

    def read(self, text: str) -> str:
        """The text itself."""
        prefix, colon, family = text.partition(":")
        if not text.strip() or (prefix == "family" and colon and not family):
            raise ValueError(f"{text!r} is not an id (img-…), a name, or family:NAME")
        if text.startswith("img-") and re.fullmatch(r"img-[0-9A-Za-z]*", text):
            return IMAGE_ID.read(text)
        return text


class InstanceReference(Parameter):
    """An instance: its id or its exact name."""

    name = "instance"

    def read(self, text: str) -> str:
        """The text itself."""
        if not text.strip():
            raise ValueError(f"{text!r} is not an id (ins-…) or a name")
        if re.fullmatch(r"ins-[0-9A-Za-z]*", text):
            return INSTANCE_ID.read(text)
        return text


class Tag(Parameter):
    """A tag, KEY=VALUE."""

    name = "k=v"

    def read(self, text: str) -> tuple[str, str]:
        """Key and value."""
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise ValueError(f"{text!r} is not a tag; write it like team=web")
        if len(key) > 127 or len(value) > 255:
            raise ValueError("a tag's key has at most 127 characters, its value 255")
        return key, value


class Duration(Parameter):
    """A span of time, such as 2h, 90m, 1h30m or 45s; in seconds."""

    name = "duration"

    def read(self, text: str) -> float:
        """Seconds."""
        match = _DURATION.fullmatch(text.strip().lower())
        if match is None or not any(match.groups()):
            raise ValueError(f"{text!r} is not a duration; write it like 2h, 90m, 1h30m or 45s")
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        total = hours * 3600 + minutes * 60 + seconds
        if total == 0:
            raise ValueError("it must be more than 0 s")
        return float(total)


class Disk(Parameter):
    """A disk of a new instance: its type, its size in GiB, or both."""

    name = "[type:]gib"

    def read(self, text: str) -> NewDisk:
        """The disk."""
        from cvmimg.workflows.launch.settings import NewDisk

        match = _DISK.fullmatch(text)
        if match is None or not any(match.groups()):
            raise ValueError(f"{text!r} is not a disk; write it like 100, CLOUD_SSD:100, CLOUD_SSD")
        return NewDisk(type=match[1] or "", gib=int(match[2] or 0))


class Price(Parameter):
    """A price an hour."""

    name = "price"

    def read(self, text: str) -> str:
        """The text itself, as the API takes it."""
        if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text) or float(text) == 0:
            raise ValueError(f"{text!r} is not a price; write it like 0.25")
        return text


def _id(prefix: str, name: str) -> Shaped:
    example = f"an id: {prefix}- and 8 small letters or digits, such as {prefix}-1a2b3c4d"
    return Shaped(name, rf"{prefix}-[0-9a-z]{{8}}", example)


REGION = Shaped(
    "region", r"[a-z]{2,3}(-[a-z0-9]+)+", "a region, such as ap-guangzhou or na-siliconvalley"
)
ZONE = Shaped("zone", r"[a-z]{2,3}(-[a-z0-9]+)+-\d+", "a zone, such as ap-guangzhou-6")
IMAGE_ID = _id("img", "image")
INSTANCE_ID = _id("ins", "instance")
SNAPSHOT_ID = _id("snap", "snapshot")
DISK_ID = _id("disk", "disk")
KEY_ID = _id("skey", "key")
VPC_ID = _id("vpc", "vpc")
SUBNET_ID = _id("subnet", "subnet")
SECURITY_GROUP_ID = _id("sg", "group")
TEMPLATE_ID = _id("lt", "template")
ACCOUNT = Shaped("uin", r"\d{5,20}", "an account's UIN, such as 100000000002")
OPERATION_ID = Shaped(
    "operation", r"[a-z0-9][a-z0-9-]{2,62}", "an operation's id, such as op-20261123-1a2b3c"
)
IMAGE = ImageReference()
INSTANCE = InstanceReference()
NAME = Name()
TAG = Tag()
DURATION = Duration()
DISK = Disk()
PRICE = Price()
COUNT = click.IntRange(1, 500)

timeout_option = click.option(
    "--timeout",
    type=DURATION,
    default="2h",
    show_default=True,
    help="How long to wait; what is under way in the cloud goes on.",
)
image_argument = click.argument("image", type=IMAGE)
images_argument = click.argument(
    "references", metavar="IMAGE...", type=IMAGE, nargs=-1, required=True
)


def refuse(option: str, why: str) -> NoReturn:
    """Refuse an option whose value is wrong beside others; raises Click's own error."""
    raise click.UsageError(f"{option}: {why}", click.get_current_context(silent=True))
