"""The names of images, which may hold placeholders for their instance and the date."""

from __future__ import annotations

import string
from datetime import datetime
from typing import Any

from cvmimg.errors import UsageError
from cvmimg.message import Message

PLACEHOLDERS = ("{instance_name}", "{instance_id}", "{date:%Y%m%d}")


def has_placeholder(name: str) -> bool:
    """Return whether a name holds a placeholder."""
    return "{" in name or "}" in name


def image_name(template: str, *, instance_id: str, instance_name: str, now: datetime) -> str:
    """Fill the placeholders of a name.

    Args:
        template: such as "{instance_name}-{date:%Y%m%d}".
        instance_id: of the source instance.
        instance_name: of the source instance.
        now: the date, UTC.

    Raises:
        UsageError: it holds an unknown placeholder, or a lone brace.
    """
    fields = {"instance_id": instance_id, "instance_name": instance_name, "date": now}
    try:
        return _Formatter().vformat(template, (), fields)
    except (KeyError, ValueError, IndexError) as error:
        raise UsageError(
            Message("NamePlaceholder", name=template, known=list(PLACEHOLDERS))
        ) from error


class _Formatter(string.Formatter):
    """Knows plain fields only: no attributes, no indexes, no conversions."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        if field_name not in kwargs:
            raise KeyError(field_name)
        return super().get_field(field_name, args, kwargs)

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion is not None:
            raise ValueError(conversion)
        return value
