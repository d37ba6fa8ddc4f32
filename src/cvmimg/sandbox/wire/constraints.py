"""Kinds of limits on a request's parameters.

A rule names a parameter by its path; "Filters.Values" means the Values of every filter.
"""

# ruff: noqa: RUF001 - Chinese messages have Chinese punctuation

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cvmimg.sandbox.wire.errors import ApiError


class Rule(Protocol):
    """One limit."""

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if ``params`` oversteps it."""


@dataclass(frozen=True)
class Between:
    """A number from ``low`` to ``high``."""

    path: str
    low: int
    high: int
    code: str = "InvalidParameterValue.LimitExceeded"

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if a number is outside."""
        for value in values(params, self.path):
            if not self.low <= value <= self.high:
                raise ApiError(
                    self.code,
                    f"The value `{value}` of `{self.path}` is not from {self.low} to {self.high}.",
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
                    f"`{self.path}` holds {len(value)} items; {self.high} are allowed.",
                    f"参数 `{self.path}` 最多支持 {self.high} 个。",
                )
            if len(value) < self.low:
                raise ApiError(
                    self.empty_code,
                    f"`{self.path}` holds {len(value)} items; {self.low} are needed.",
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
    """One of a few words."""

    path: str
    words: tuple[str, ...]
    code: str = "InvalidParameterValue"

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if it is another word."""
        for value in values(params, self.path):
            if value not in self.words:
                allowed = ", ".join(self.words)
                raise ApiError(
                    self.code,
                    f"The value `{value}` of `{self.path}` is none of {allowed}.",
                    f"参数 `{self.path}` 的值 `{value}` 不合法，取值范围：{allowed}。",
                )


@dataclass(frozen=True)
class Pattern:
    """A text of a certain form."""

    path: str
    form: str
    code: str

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if a text has another form."""
        for value in values(params, self.path):
            if not re.fullmatch(self.form, value, re.ASCII):
                raise ApiError(
                    self.code,
                    f"The value `{value}` of `{self.path}` is malformed.",
                    f"参数 `{self.path}` 的值 `{value}` 格式不合法。",
                )


@dataclass(frozen=True)
class Apart:
    """Parameters that exclude one another."""

    one: str
    others: tuple[str, ...]
    code: str

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if they come together."""
        if self.one not in params:
            return
        for other in self.others:
            if other in params:
                raise ApiError(
                    self.code,
                    f"`{self.one}` and `{other}` cannot be given together.",
                    f"参数 `{self.one}` 与 `{other}` 不能同时指定。",
                )


@dataclass(frozen=True)
class Distinct:
    """Texts of which no two are the same."""

    path: str
    code: str

    def check(self, params: Mapping[str, Any]) -> None:
        """Raise ApiError if one comes twice."""
        found = list(values(params, self.path))
        if len(set(found)) < len(found):
            raise ApiError(
                self.code,
                f"`{self.path}` holds the same value twice.",
                f"参数 `{self.path}` 存在重复值。",
            )


def values(params: Mapping[str, Any], path: str, *, whole: bool = False) -> Iterator[Any]:
    """The values at ``path``, of all items where it leads through lists.

    Args:
        params: a request's parameters.
        path: names divided by dots.
        whole: give a list at the end of the path as one value.
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
