"""Kinds of constraints on a request's parameters.

A constraint names a parameter by its path; "Filters.Values" are the Values of every filter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cvmimg.sandbox.wire.errors import refusal


@dataclass(frozen=True)
class Constraint:
    """A constraint on each value at ``path``."""

    path: str

    @property
    def parameters(self) -> set[str]:
        """Return the parameters that it is about."""
        return {self.path.partition(".")[0]}

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if ``params`` violates it."""
        for value in values(params, self.path):
            self._check_value(value)

    def _check_value(self, value: Any) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Between(Constraint):
    """A number from ``low`` to ``high``."""

    low: int
    high: int
    code: str = "InvalidParameterValue.LimitExceeded"

    def _check_value(self, value: Any) -> None:
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
class Count(Constraint):
    """A list of ``low`` to ``high`` items."""

    high: int
    code: str = "InvalidParameterValue.LimitExceeded"
    low: int = 0

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if a list is too long or too short."""
        for value in values(params, self.path, whole=True):
            count = len(value)
            if count > self.high:
                raise refusal(
                    self.code, "constraints.too-many", path=self.path, count=count, high=self.high
                )
            if count < self.low:
                raise refusal(
                    "MissingParameter",
                    "constraints.too-few",
                    path=self.path,
                    count=count,
                    low=self.low,
                )


@dataclass(frozen=True)
class Length(Constraint):
    """A text of ``low`` to ``high`` characters."""

    high: int
    code: str
    low: int = 0

    def _check_value(self, value: Any) -> None:
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
class Choice(Constraint):
    """One of several words."""

    words: tuple[str, ...]
    code: str = "InvalidParameterValue"

    def _check_value(self, value: Any) -> None:
        if value not in self.words:
            allowed = ", ".join(self.words)
            raise refusal(
                self.code, "constraints.choice", value=value, path=self.path, allowed=allowed
            )


@dataclass(frozen=True)
class Pattern(Constraint):
    """A text that matches a pattern."""

    pattern: str
    code: str

    def _check_value(self, value: Any) -> None:
        if not re.fullmatch(self.pattern, value, re.ASCII):
            raise refusal(self.code, "constraints.pattern", value=value, path=self.path)


@dataclass(frozen=True)
class Exclusive(Constraint):
    """A parameter that cannot be combined with some others."""

    others: tuple[str, ...]
    code: str

    @property
    def parameters(self) -> set[str]:
        """Return all parameters that cannot be combined."""
        return {self.path, *self.others}

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if they are combined."""
        for other in self.others:
            if self.path in params and other in params:
                raise refusal(self.code, "constraints.exclusive", name=self.path, other=other)


@dataclass(frozen=True)
class Distinct(Constraint):
    """Texts without duplicates."""

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
