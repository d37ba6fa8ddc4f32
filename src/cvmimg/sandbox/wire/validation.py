"""Validates requests against the official description."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cvmimg.sandbox.wire import limits
from cvmimg.sandbox.wire.description import Member, Service, Struct
from cvmimg.sandbox.wire.errors import ApiError, refusal

_SURROGATE = re.compile("[\ud800-\udfff]")

NUMBERS_AS_TEXT = frozenset({"InternetMaxBandwidthOut", "DurationSeconds", "PolicyIndex"})
"""Integers that an official example gives as strings, so the service accepts both."""


def request(service: Service, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of ``action``, of the described types and within their limits.

    Args:
        service: the action's service.
        action: its name.
        params: the parameters; null counts as absent.

    Raises:
        ApiError: MissingParameter, UnknownParameter, InvalidParameter, or the action's code for a
            limit.
    """
    checked = _struct("", params, service.actions[action], service.objects)
    limits.check(service.name, action, checked)
    return checked


def _struct(
    path: str, given: Mapping[str, Any], struct: Struct, objects: Mapping[str, Struct]
) -> dict[str, Any]:
    present = {name: value for name, value in given.items() if value is not None}
    for name in present:
        if name not in struct:
            raise refusal("UnknownParameter", name=path + name)
    for name, member in struct.items():
        if member.required and name not in present:
            raise refusal("MissingParameter", name=path + name)
    return {
        name: _member(path + name, value, struct[name], objects) for name, value in present.items()
    }


def _member(path: str, value: Any, member: Member, objects: Mapping[str, Struct]) -> Any:
    if member.is_list:
        if not isinstance(value, list):
            raise _wrong_type(path, "a list")
        item = replace(member, is_list=False)
        return [_member(f"{path}.{i}", each, item, objects) for i, each in enumerate(value)]
    if member.type in objects:
        if not isinstance(value, dict):
            raise _wrong_type(path, "an object")
        return _struct(f"{path}.", value, objects[member.type], objects)
    if path.rpartition(".")[2] in NUMBERS_AS_TEXT and isinstance(value, str) and value.isdecimal():
        return int(value)
    fits, wanted = SCALARS[member.type]
    if not fits(value):
        raise _wrong_type(path, wanted)
    return value


def _wrong_type(path: str, wanted: str) -> ApiError:
    return refusal("InvalidParameter", "validation.type", name=path, wanted=wanted)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    """Return whether it is a string without lone surrogates, which JSON can express."""
    return isinstance(value, str) and not _SURROGATE.search(value)


SCALARS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "string": (_is_text, "a string"),
    "int": (_is_int, "an integer"),
    "uint": (lambda value: _is_int(value) and value >= 0, "a non-negative integer"),
    "float": (lambda value: _is_int(value) or isinstance(value, float), "a number"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
}
"""By type: a predicate, and the type's name."""


def unflatten(service: Service, action: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Convert flattened fields ("Filters.0.Values.1") to parameters of the described types.

    Values that do not fit the description are left unchanged, for ``request`` to reject.

    Raises:
        ApiError: InvalidParameter, if two names contradict each other.
    """
    tree: dict[str, Any] = {}
    for name, value in fields.items():
        _insert(tree, name, value)
    return _typed_struct(tree, service.actions[action], service.objects)


def _insert(tree: dict[str, Any], name: str, value: str) -> None:
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
    return refusal("InvalidParameter", "validation.contradiction", name=name)


def _typed_struct(
    tree: Mapping[str, Any], struct: Struct, objects: Mapping[str, Struct]
) -> dict[str, Any]:
    return {
        name: _typed(value, struct[name], objects) if name in struct else value
        for name, value in tree.items()
    }


def _typed(value: Any, member: Member, objects: Mapping[str, Struct]) -> Any:
    if member.is_list:
        if not isinstance(value, dict) or not all(key.isdecimal() for key in value):
            return value
        item = replace(member, is_list=False)
        return [_typed(value[key], item, objects) for key in sorted(value, key=int)]
    if isinstance(value, dict):
        return _typed_struct(value, objects.get(member.type, {}), objects)
    try:
        return _PARSERS.get(member.type, str)(value)
    except (KeyError, ValueError):
        return value


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "bool": lambda text: _BOOLEANS[text.lower()],
    "int": int,
    "uint": int,
    "float": float,
}
