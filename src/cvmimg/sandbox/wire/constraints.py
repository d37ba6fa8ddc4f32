"""Kinds of constraints on a request's parameters.

A constraint names a parameter by its path; "Filters.Values" are the Values of every filter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cvmimg.sandbox.wire.errors import refusal


class Constraint(Protocol):
    """One constraint."""

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if ``params`` violates it."""


@dataclass(frozen=True)
class Between:
    """A number from ``low`` to ``high``."""

    path: str
    low: int
    high: int
    code: str = "InvalidParameterValue.LimitExceeded"

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if a number is out of range."""
        for value in values(params, self.path):
            if not self.low <= value <= self.high:
                raise refusal(
                    self.code,
                    "constraints.between",
                    value=value,
                    path=self.path,
                    low=self.low,
                    high=self.high,
                )


@dataclass(frozen=True)
class Count:
    """A list of ``low`` to ``high`` items."""

    path: str
    high: int
    code: str = "InvalidParameterValue.LimitExceeded"
    low: int = 0
    empty_code: str = "MissingParameter"

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if a list is too long or too short."""
        for value in values(params, self.path, whole=True):
            if len(value) > self.high:
                raise refusal(
                    self.code,
                    "constraints.too-many",
                    path=self.path,
                    count=len(value),
                    high=self.high,
                )
            if len(value) < self.low:
                raise refusal(
                    self.empty_code,
                    "constraints.too-few",
                    path=self.path,
                    count=len(value),
                    low=self.low,
                )


@dataclass(frozen=True)
class Length:
    """A text of ``low`` to ``high`` characters."""

    path: str
    high: int
    code: str
    low: int = 0

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if a text is too long or too short."""
        for value in values(params, self.path):
            if not self.low <= len(value) <= self.high:
                raise refusal(
                    self.code,
                    "constraints.length",
                    path=self.path,
                    count=len(value),
                    low=self.low,
                    high=self.high,
                )


@dataclass(frozen=True)
class Choice:
    """One of several words."""

    path: str
    words: tuple[str, ...]
    code: str = "InvalidParameterValue"

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if it is any other word."""
        for value in values(params, self.path):
            if value not in self.words:
                allowed = ", ".join(self.words)
                raise refusal(
                    self.code, "constraints.choice", value=value, path=self.path, allowed=allowed
                )


@dataclass(frozen=True)
class Pattern:
    """A text that matches a pattern."""

    path: str
    pattern: str
    code: str

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if a text does not match."""
        for value in values(params, self.path):
            if not re.fullmatch(self.pattern, value, re.ASCII):
                raise refusal(self.code, "constraints.pattern", value=value, path=self.path)


@dataclass(frozen=True)
class Exclusive:
    """A parameter that cannot be combined with some others."""

    name: str
    others: tuple[str, ...]
    code: str

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if they are combined."""
        if self.name not in params:
            return
        for other in self.others:
            if other in params:
                raise refusal(self.code, "constraints.exclusive", name=self.name, other=other)


@dataclass(frozen=True)
class Distinct:
    """Texts without duplicates."""

    path: str
    code: str

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if there is a duplicate."""
        found = list(values(params, self.path))
        if len(set(found)) < len(found):
            raise refusal(self.code, "constraints.distinct", path=self.path)


def values(params: Mapping[str, Any], path: str, *, whole: bool = False) -> Iterator[Any]:
    """Yield the values at ``path``, of all items where it passes through lists.

    Args:
        params: a request's parameters.
        path: names separated by dots.
        whole: yield a list at the end of the path as one value.
    """
    name, _, rest = path.partition(".")
    if name not in params:
        return
    value = params[name]
    if rest:
        for item in value if isinstance(value, list) else [value]:
            yield from values(item, rest, whole=whole)
    elif isinstance(value, list) and not whole:
        yield from value
    else:
        yield value
