"""The base class of answers: reads JSON into typed attributes.

A model lists its attributes with their types and defaults, as a dataclass does. Not a pydantic
model: every command reads answers, and to import pydantic takes longer than all that
``cvmimg list`` does beside the SDK (see docs/benchmarks.md).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import cache, partial
from types import MappingProxyType, UnionType
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

_CHINA = timezone(timedelta(hours=8))
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_REQUIRED = object()
_RESOURCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LARGEST_INTEGER = 2**63 - 1
_FLAGS = {"true": True, "false": False, "1": True, "0": False}


class Unreadable(ValueError):
    """An answer does not have the type that the API describes.

    Attributes:
        path: the field, such as "SystemDisk.DiskSize".
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is unreadable")
        self.path = path


class ApiModel:
    """Base of all answers: PascalCase on the wire, snake_case here.

    Tolerant on purpose: real answers carry undocumented fields, leave documented ones out, and say
    null where a list is meant. Unknown fields are ignored; missing and null ones become defaults.

    Args:
        answer: the JSON object.

    Raises:
        Unreadable: a field has another type than declared, or one without a default is missing.
    """

    _wire_names: Mapping[str, tuple[str, ...]] = {}
    """The fields whose names on the wire are not their PascalCase, all spellings of each."""

    def __init__(self, answer: Mapping[str, Any] = _NOTHING) -> None:
        if not isinstance(answer, Mapping):
            raise Unreadable(type(self).__name__)
        # mypy takes the hash of a class for that of its objects.
        for field in _fields(type(self)):  # type: ignore[arg-type]
            self.__dict__[field.name] = field.value_in(answer)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} is read-only")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({values})"


class _Field(NamedTuple):
    """How one attribute is read: from which names on the wire, by which function."""

    name: str
    wire_names: tuple[str, ...]
    read: Callable[[Any], Any]
    default: Any

    def value_in(self, answer: Mapping[str, Any]) -> Any:
        for wire_name in self.wire_names:
            value = answer.get(wire_name)
            if value is not None:
                return self._read(wire_name, value)
        if self.default is _REQUIRED:
            raise Unreadable(self.wire_names[0])
        return self.default

    def _read(self, wire_name: str, value: Any) -> Any:
        try:
            return self.read(value)
        except Unreadable as inner:
            raise Unreadable(f"{wire_name}.{inner.path}") from inner
        except (TypeError, ValueError, OverflowError) as error:
            raise Unreadable(wire_name) from error


@cache
def _fields(model: type[ApiModel]) -> tuple[_Field, ...]:
    """Return the fields of a model, computed when it is first used: unused models cost nothing."""
    hints = get_type_hints(model, include_extras=True)
    return tuple(
        _Field(
            name,
            model._wire_names.get(name) or (name.title().replace("_", ""),),
            _reader(kind),
            getattr(model, name, _REQUIRED),
        )
        for name, kind in hints.items()
        if not name.startswith("_")
    )


def required_fields(model: type[ApiModel]) -> list[str]:
    """Return the names on the wire of the fields that have no default."""
    fields = _fields(model)  # type: ignore[arg-type]
    return [field.wire_names[0] for field in fields if field.default is _REQUIRED]


def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return the function that reads a value as ``kind``."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        reader: Callable[[Any], Any] = inner[1]
        return reader
    if origin is tuple:
        return partial(_read_list, _reader(inner[0]))
    if origin is UnionType:
        return _reader(inner[0])
    return _READERS.get(kind, kind)


def _read_list(read: Callable[[Any], Any], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return tuple(map(read, value))


def _read_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list, bool)):
        raise TypeError(f"{value!r} is not a text")
    return str(value)


def _read_resource_id(value: Any) -> str:
    """Read an id, which commands to paste will hold: nothing that a shell or terminal obeys."""
    text = _read_text(value)
    if text and not _RESOURCE_ID.fullmatch(text):
        raise ValueError(f"{value!r} is not an id")
    return text


def _read_integer(value: Any) -> int:
    number = int(value)
    if number != float(value) or abs(number) > _LARGEST_INTEGER:
        raise ValueError(f"{value!r} is not a whole number of 64 bits")
    return number


def _read_number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not a finite number")
    return number


def _read_percent(value: Any) -> int | None:
    """Read how far a task is; None for what cannot be: nothing but the display depends on it."""
    try:
        percent = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return int(percent) if 0 <= percent <= 100 else None


def _read_flag(value: Any) -> bool:
    word = str(value).lower()
    if word not in _FLAGS:
        raise ValueError(f"{value!r} is neither true nor false")
    return _FLAGS[word]


def _read_time(default_zone: timezone, value: Any) -> datetime | None:
    if not value:
        return None
    time = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return (time if time.tzinfo else time.replace(tzinfo=default_zone)).astimezone(timezone.utc)


UtcTime = Annotated[datetime | None, partial(_read_time, timezone.utc)]
ChinaTime = Annotated[datetime | None, partial(_read_time, _CHINA)]
"""The "YYYY-MM-DD HH:MM:SS" of cbs is China time without a time zone."""
ResourceId = Annotated[str, _read_resource_id]
Percent = Annotated[int | None, _read_percent]

_READERS: Mapping[Any, Callable[[Any], Any]] = {
    str: _read_text,
    int: _read_integer,
    float: _read_number,
    bool: _read_flag,
}
