"""Kinds of constraints on a request's parameters.

A constraint names a parameter by its path; "Filters.Values" are the Values of every filter.
"""

# ruff: noqa: RUF001 - Chinese messages have Chinese punctuation

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cvmimg.sandbox.wire.errors import ApiError


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
                raise ApiError(
                    self.code,
                    f"The value `{value}` of `{self.path}` is not in {self.low} to {self.high}.",
                    f"参数 `{self.path}` 的值 `{value}` 不在 {self.low} 到 {self.high} 之间。",
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
                raise ApiError(
                    self.code,
                    f"`{self.path}` has {len(value)} items; at most {self.high} are allowed.",
                    f"参数 `{self.path}` 最多支持 {self.high} 个。",
                )
            if len(value) < self.low:
                raise ApiError(
                    self.empty_code,
                    f"`{self.path}` has {len(value)} items; at least {self.low} are required.",
                    f"参数 `{self.path}` 至少需要 {self.low} 个。",
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
                raise ApiError(
                    self.code,
                    f"`{self.path}` has {len(value)} characters; "
                    f"{self.low} to {self.high} are allowed.",
                    f"参数 `{self.path}` 长度须为 {self.low} 到 {self.high} 个字符。",
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
                raise ApiError(
                    self.code,
                    f"The value `{value}` of `{self.path}` is not one of {allowed}.",
                    f"参数 `{self.path}` 的值 `{value}` 不合法，取值范围：{allowed}。",
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
                raise ApiError(
                    self.code,
                    f"The value `{value}` of `{self.path}` is malformed.",
                    f"参数 `{self.path}` 的值 `{value}` 格式不合法。",
                )


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
                raise ApiError(
                    self.code,
                    f"`{self.name}` and `{other}` cannot be given together.",
                    f"参数 `{self.name}` 与 `{other}` 不能同时指定。",
                )


@dataclass(frozen=True)
class Distinct:
    """Texts without duplicates."""

    path: str
    code: str

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if there is a duplicate."""
        found = list(values(params, self.path))
        if len(set(found)) < len(found):
            raise ApiError(
                self.code,
                f"`{self.path}` contains a duplicate value.",
                f"参数 `{self.path}` 存在重复值。",
            )


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
