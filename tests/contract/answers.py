"""Checks answers against the official description."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DESCRIPTION = HERE / "description"
"""The official description of the answers, from scripts/extract_api_description.py."""

LISTED: dict[str, list[str]] = json.loads((HERE / "error-codes.json").read_text(encoding="utf-8"))
"""The error codes that the SDKs list, by "service.Action"."""

OF_SERVICE: dict[str, list[str]] = json.loads(
    (HERE / "service-error-codes.json").read_text(encoding="utf-8")
)
"""The error codes that the SDKs list by service, without the action."""

COMMON = frozenset((HERE / "common-error-codes.txt").read_text(encoding="utf-8").split())
"""The error codes that any action can answer."""

RECORDED = {
    "cvm.Image": {
        "CreatePercent",
        "_ImageClass",
        "isSupportCloudinit",
        "ImageFormat",
        "GPUDriverList",
        "IsSupportAutoInstallGPUDriver",
    },
    "cvm.Instance": {"OperatorUin", "PlatformProjectId"},
    "cvm.SystemDisk": {"ThroughputPerformance"},
    "cvm.Tag": {"tagKey", "tagValue"},
    "cbs.Disk": {"LatestOperation", "LatestOperationState", "LatestOperationRequestId"},
}
"""Undocumented fields in answers of the real service, by object; they are always there."""

RECORDED_ALWAYS = {
    "cvm.Image": {"ImageFamily", "ImageDeprecated"},
    "cvm.DataDisk": {"ThroughputPerformance", "CdcId"},
    "cvm.SystemDisk": {"CdcId"},
    "cvm.Placement": {"HostId"},
    "cbs.Disk": {"IsReturnable"},
}
"""Optional fields that answers of the real service always have."""

_IN_DESCRIBE_INSTANCES = {"cvm.DataDisk", "cvm.SystemDisk", "cvm.Placement"}
"""Objects whose recorded fields belong to answers of DescribeInstances."""

RECORDED_NULL = {
    "cvm.Image": {"SyncPercent", "CreatePercent", "ImageCreator"},
    "cvm.Instance": {
        "LatestOperation",
        "LatestOperationState",
        "LatestOperationRequestId",
        "ExpiredTime",
        "RenewFlag",
        "PlatformProjectId",
    },
    "cvm.Placement": {"HostId"},
    "cvm.InternetAccessible": {"InternetChargeType"},
    "cvm.SystemDisk": {"KmsKeyId"},
    "cbs.Placement": {"DedicatedClusterId"},
    "cbs.Disk": {"LatestOperation", "LatestOperationState", "LatestOperationRequestId"},
}
"""Members that are null in answers of the real service, though not described as nullable."""

RECORDED_ABSENT = {"cvm.Image": {"SnapshotSet"}}
"""Members that are absent in answers of the real service, though described."""


_TYPES = {
    "string": (str,),
    "int": (int,),
    "uint": (int,),
    "float": (int, float),
    "bool": (bool,),
}


@dataclass(frozen=True)
class Member:
    """One member of an answer's object.

    Attributes:
        type: one of ``_TYPES``, or the name of an object.
        is_list: whether it is a list of ``type``.
        promised: whether an answer always has it.
        nullable: whether it may be null.
    """

    type: str
    is_list: bool
    promised: bool
    nullable: bool


Struct = Mapping[str, Member]


@cache
def objects_of(service: str) -> Mapping[str, Struct]:
    """Return the objects in the answers of ``service``, by name."""
    raw = json.loads((DESCRIPTION / f"{service}.json").read_text(encoding="utf-8"))
    return {
        title: {name: _member(words) for name, words in members.items()}
        for title, members in raw["objects"].items()
    }


def _member(words: str) -> Member:
    name, *marks = words.split()
    return Member(name.strip("[]"), name.startswith("["), "promised" in marks, "nullable" in marks)


def allowed_codes(service: str, action: str) -> frozenset[str]:
    """Return the error codes that ``action`` may answer."""
    return COMMON | frozenset(LISTED[f"{service}.{action}"])


def problems(
    service: str, action: str, response: Mapping[str, Any], *, dry_run: bool = False
) -> list[str]:
    """Return the deviations of ``response`` (the object "Response") from the description.

    What was recorded from the real service overrules the description.
    """
    if "Error" in response:
        code = response["Error"]["Code"]
        known = code in allowed_codes(service, action)
        return [] if known else [f"{action} does not list the error {code}"]
    if dry_run and set(response) == {"RequestId"}:
        return []
    objects = objects_of(service)
    checker = _Checker(service, action, objects)
    found = list(checker.struct(action, "", response, objects[f"{action}Response"]))
    if not response.get("RequestId"):
        found.append(f"{action} has no RequestId")
    return found


@dataclass(frozen=True)
class _Checker:
    """Compares one answer with the description and the recordings."""

    service: str
    action: str
    objects: Mapping[str, Struct]

    def struct(
        self, path: str, name: str, given: Mapping[str, Any], struct: Struct
    ) -> Iterator[str]:
        title = f"{self.service}.{name}"
        required = {key for key, member in struct.items() if member.promised}
        required |= self._recorded_fields(title)
        for key in sorted(required - set(RECORDED_ABSENT.get(title, ())) - set(given)):
            yield f"{path}.{key} is missing"
        for key, value in given.items():
            if key in struct:
                yield from self._member(f"{path}.{key}", title, key, value, struct[key])
            elif key not in RECORDED.get(title, ()):
                yield f"{path}.{key} does not exist"

    def _recorded_fields(self, title: str) -> set[str]:
        """Return the fields that an object always has in recorded answers."""
        if title in _IN_DESCRIBE_INSTANCES and self.action != "DescribeInstances":
            return set()
        undocumented = set() if title == "cvm.Tag" else RECORDED.get(title, set())
        return undocumented | RECORDED_ALWAYS.get(title, set())

    def _member(self, path: str, title: str, key: str, value: Any, member: Member) -> Iterator[str]:
        if value is None:
            if not member.nullable and key not in RECORDED_NULL.get(title, ()):
                yield f"{path} is null"
        elif not member.is_list:
            yield from self._single(path, value, member.type)
        elif not isinstance(value, list):
            yield f"{path} is not a list"
        else:
            for item in value:
                yield from self._single(f"{path}[]", item, member.type)

    def _single(self, path: str, value: Any, kind: str) -> Iterator[str]:
        if kind in self.objects:
            if isinstance(value, dict):
                yield from self.struct(path, kind, value, self.objects[kind])
            else:
                yield f"{path} is not an object"
        elif not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "bool"):
            yield f"{path} is {value!r}, not of type {kind}"
        elif kind == "uint" and value < 0:
            yield f"{path} is negative"


def described_fields(service: str, action: str) -> Iterator[str]:
    """Return the paths of all fields that an answer of ``action`` may have."""
    objects = objects_of(service)
    yield from _paths(f"{service}.{action}", objects[f"{action}Response"], objects, ())


def _paths(
    prefix: str, struct: Struct, objects: Mapping[str, Struct], above: tuple[str, ...]
) -> Iterator[str]:
    for name, member in struct.items():
        path = f"{prefix}.{name}"
        yield path
        if member.type in objects and member.type not in above:
            yield from _paths(path, objects[member.type], objects, (*above, member.type))
