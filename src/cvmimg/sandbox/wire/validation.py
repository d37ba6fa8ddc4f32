"""Requests, held against the official description."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cvmimg.sandbox.wire import errors, limits
from cvmimg.sandbox.wire.description import ActionShape, Member, Service, Struct
from cvmimg.sandbox.wire.errors import ApiError

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")

NUMBERS_AS_TEXT = frozenset({"InternetAccessible.InternetMaxBandwidthOut"})
"""Numbers that an official example gives as text, so that the service must take them so."""


def request(service: Service, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of ``action``, known to be of the types described and within their limits.

    Args:
        service: whose action it is.
        action: one that the service has.
        params: the body; members that are null count as not given.

    Raises:
        ApiError: MissingParameter, UnknownParameter, InvalidParameter, or the code that the
            action has for the limit that is overstepped.
    """
    shape: ActionShape = service.actions[action]
    known = _struct("", params, shape.input, service.objects)
    limits.check(service.name, action, known)
    return known


def _struct(
    path: str, given: Mapping[str, Any], struct: Struct, objects: Mapping[str, Struct]
) -> dict[str, Any]:
    present = {name: value for name, value in given.items() if value is not None}
    for name in present:
        if name not in struct:
            raise errors.unknown_parameter(path + name)
    for name, member in struct.items():
        if member.required and name not in present:
            raise errors.missing_parameter(path + name)
    return {
        name: _member(path + name, value, struct[name], objects) for name, value in present.items()
    }


def _member(path: str, value: Any, member: Member, objects: Mapping[str, Struct]) -> Any:
    if not member.is_list:
        return _single(path, value, member.type, objects)
    if not isinstance(value, list):
        raise errors.wrong_type(path, "a list", "数组")
    return [
        _single(f"{path}.{index}", item, member.type, objects) for index, item in enumerate(value)
    ]


def _single(path: str, value: Any, kind: str, objects: Mapping[str, Struct]) -> Any:
    if kind in objects:
        if not isinstance(value, dict):
            raise errors.wrong_type(path, "an object", "对象")
        return _struct(f"{path}.", value, objects[kind], objects)
    if path in NUMBERS_AS_TEXT and isinstance(value, str) and value.isdecimal():
        return int(value)
    fits, wanted, wanted_zh = SCALARS[kind]
    if not fits(value):
        raise errors.wrong_type(path, wanted, wanted_zh)
    return value


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    """Whether it is a string that UTF-8 can write: JSON can name half a character by its code."""
    return isinstance(value, str) and not _HALF_CHARACTER.search(value)


SCALARS: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    "string": (_is_text, "a string", "字符串"),
    "int": (_is_int, "an integer", "整数"),
    "uint": (lambda value: _is_int(value) and value >= 0, "an integer from 0 on", "非负整数"),
    "float": (lambda value: _is_int(value) or isinstance(value, float), "a number", "数字"),
    "bool": (lambda value: isinstance(value, bool), "true or false", "布尔值"),
}
"""By type: what tells whether a value is one, and its name in both languages."""


def unflatten(service: Service, action: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """The parameters that flattened fields ("Filters.0.Values.1") stand for, in their types.

    What does not fit the description is left as it came, for ``request`` to refuse.

    Raises:
        ApiError: InvalidParameter, if a name contradicts another one.
    """
    tree: dict[str, Any] = {}
    for name, value in fields.items():
        _plant(tree, name, value)
    return _grow_struct(tree, service.actions[action].input, service.objects)


def _plant(tree: dict[str, Any], name: str, value: str) -> None:
    *branches, leaf = name.split(".")
    for branch in branches:
        found = tree.setdefault(branch, {})
        if not isinstance(found, dict):
            raise _contradiction(name)
        tree = found
    if leaf in tree:
        raise _contradiction(name)
    tree[leaf] = value


def _contradiction(name: str) -> ApiError:
    return ApiError(
        "InvalidParameter",
        f"The parameter `{name}` contradicts another one.",
        f"参数 `{name}` 与其他参数冲突。",
    )


def _grow_struct(
    tree: Mapping[str, Any], struct: Struct, objects: Mapping[str, Struct]
) -> dict[str, Any]:
    return {
        name: _grow(value, struct[name], objects) if name in struct else value
        for name, value in tree.items()
    }


def _grow(value: Any, member: Member, objects: Mapping[str, Struct]) -> Any:
    if not member.is_list:
        return _grow_single(value, member.type, objects)
    if not isinstance(value, dict) or not all(key.isdecimal() for key in value):
        return value
    return [_grow_single(value[key], member.type, objects) for key in sorted(value, key=int)]


def _grow_single(value: Any, kind: str, objects: Mapping[str, Struct]) -> Any:
    if kind in objects:
        return _grow_struct(value, objects[kind], objects) if isinstance(value, dict) else value
    if not isinstance(value, str):
        return value
    return _scalar(value, kind)


def _scalar(text: str, kind: str) -> Any:
    if kind == "bool":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    try:
        if kind in ("int", "uint"):
            return int(text)
        if kind == "float":
            return float(text)
    except ValueError:
        pass
    return text
