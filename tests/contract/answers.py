"""Checks answers against the official description."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cvmimg.sandbox.wire import description
from cvmimg.sandbox.wire.description import Member, Struct

HERE = Path(__file__).parent

LISTED: dict[str, list[str]] = json.loads((HERE / "error-codes.json").read_text(encoding="utf-8"))
"""The error codes that the SDKs list, by "service.Action"."""

COMMON = frozenset((HERE / "common-error-codes.txt").read_text(encoding="utf-8").split())
"""The error codes that any action can answer."""

RECORDED = {
    "Image": {
        "CreatePercent",
        "_ImageClass",
        "isSupportCloudinit",
        "ImageFormat",
        "GPUDriverList",
    },
    "Tag": {"tagKey", "tagValue"},
}
"""Undocumented fields in answers of the real service."""

RECORDED_NULL = {
    "Image": {"Tags", "SnapshotSet", "SyncPercent", "CreatePercent", "ImageCreator"},
    "Instance": {"LatestOperation", "LatestOperationState", "LatestOperationRequestId"},
}
"""Members that are null in answers of the real service, though not described as nullable."""

RECORDED_ABSENT = {"Image": {"SnapshotSet"}}
"""Members that are absent in answers of the real service, though described."""


def allowed_codes(service: str, action: str) -> frozenset[str]:
    """Return the error codes that ``action`` may answer.

    Where the SDKs list none for an action, those of its service's other actions are allowed.
    """
    listed = LISTED.get(f"{service}.{action}")
    if listed is None:
        return COMMON | service_codes(service)
    return COMMON | frozenset(listed)


def service_codes(service: str) -> frozenset[str]:
    """Return the error codes that the SDKs list for any action of ``service``."""
    return frozenset(
        code for title, codes in LISTED.items() if title.startswith(f"{service}.") for code in codes
    )


def problems(service: str, action: str, response: Mapping[str, Any]) -> list[str]:
    """Return the deviations of ``response`` (the object "Response") from the description."""
    if "Error" in response:
        code = response["Error"]["Code"]
        known = code in allowed_codes(service, action)
        return [] if known else [f"{action} does not list the error {code}"]
    told = description.load(service)
    found = list(_struct(action, "", response, told.actions[action].output, told.objects))
    if not response.get("RequestId"):
        found.append(f"{action} has no RequestId")
    return found


def _struct(
    path: str, name: str, given: Mapping[str, Any], struct: Struct, objects: Mapping[str, Struct]
) -> Iterator[str]:
    for key, member in struct.items():
        if key not in given and member.promised and key not in RECORDED_ABSENT.get(name, ()):
            yield f"{path}.{key} is promised, but missing"
    for key, value in given.items():
        if key in struct:
            yield from _member(f"{path}.{key}", name, key, value, struct[key], objects)
        elif key not in RECORDED.get(name, ()):
            yield f"{path}.{key} does not exist"


def _member(
    path: str, owner: str, key: str, value: Any, member: Member, objects: Mapping[str, Struct]
) -> Iterator[str]:
    if value is None:
        if not member.nullable and key not in RECORDED_NULL.get(owner, ()):
            yield f"{path} is null"
    elif not member.is_list:
        yield from _single(path, value, member.type, objects)
    elif not isinstance(value, list):
        yield f"{path} is not a list"
    else:
        for item in value:
            yield from _single(f"{path}[]", item, member.type, objects)


_TYPES = {
    "string": (str,),
    "int": (int,),
    "uint": (int,),
    "float": (int, float),
    "bool": (bool,),
}


def _single(path: str, value: Any, kind: str, objects: Mapping[str, Struct]) -> Iterator[str]:
    if kind in objects:
        if isinstance(value, dict):
            yield from _struct(path, kind, value, objects[kind], objects)
        else:
            yield f"{path} is not an object"
    elif not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "bool"):
        yield f"{path} is {value!r}, not of type {kind}"
    elif kind == "uint" and value < 0:
        yield f"{path} is negative"


def described_fields(service: str, action: str) -> Iterator[str]:
    """Return the paths of all fields that an answer of ``action`` may have."""
    told = description.load(service)
    yield from _paths(f"{service}.{action}", told.actions[action].output, told.objects, ())


def _paths(
    prefix: str, struct: Struct, objects: Mapping[str, Struct], above: tuple[str, ...]
) -> Iterator[str]:
    for name, member in struct.items():
        path = f"{prefix}.{name}"
        yield path
        if member.type in objects and member.type not in above:
            yield from _paths(path, objects[member.type], objects, (*above, member.type))
