"""Every parameter of every action is refused if it is invalid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cvmimg.sandbox.wire import description, validation
from cvmimg.sandbox.wire.description import Member, Struct
from cvmimg.sandbox.wire.errors import ApiError

ALL = [
    (service, action)
    for service in description.SERVICES
    for action in description.load(service).actions
]

RIGHT: dict[str, Any] = {"string": "x", "int": 1, "uint": 1, "float": 1.5, "bool": True}
WRONG: dict[str, Any] = {"string": 7, "int": "x", "uint": -1, "float": "x", "bool": "true"}


def code(service: str, action: str, params: Mapping[str, Any]) -> str:
    try:
        validation.request(description.load(service), action, params)
    except ApiError as error:
        return error.code
    return "ok"


def right(member: Member, objects: Mapping[str, Struct]) -> Any:
    """Return a valid value of the member's type."""
    value = RIGHT.get(member.type)
    if value is None:
        value = required(objects[member.type], objects)
    return [value] if member.is_list else value


def required(struct: Struct, objects: Mapping[str, Struct]) -> dict[str, Any]:
    return {name: right(m, objects) for name, m in struct.items() if m.required}


def wrong(member: Member) -> Any:
    """Return a value of a wrong type."""
    value = WRONG.get(member.type, "x")
    return [value] if member.is_list else value


def places(
    struct: Struct, objects: Mapping[str, Struct], seen: tuple[str, ...] = ()
) -> Iterator[tuple[list[tuple[str, Member]], Struct]]:
    """Yield every object of a request: its path and members."""
    yield [], struct
    for name, member in struct.items():
        if member.type in objects and member.type not in seen:
            for way, inner in places(objects[member.type], objects, (*seen, member.type)):
                yield [(name, member), *way], inner


def built(
    struct: Struct, objects: Mapping[str, Struct], way: list[tuple[str, Member]], leaf: Any
) -> dict[str, Any]:
    """Return a valid request except for ``leaf`` at the end of ``path``."""
    params = required(struct, objects)
    if not way:
        return {**params, **leaf}
    (name, member), *rest = way
    inner = built(objects[member.type], objects, rest, leaf)
    return {**params, name: [inner] if member.is_list else inner}


@pytest.mark.parametrize(("service", "action"), ALL)
def test_wrong_types_and_unknown_names_are_refused_at_every_depth(
    service: str, action: str, covered: Counter[str]
) -> None:
    described = description.load(service)
    shape = described.actions[action]
    for way, struct in places(shape, described.objects):
        unknown = built(shape, described.objects, way, {"NoSuchName": 1})
        assert code(service, action, unknown) == "UnknownParameter"
        for name, member in struct.items():
            covered["parameters"] += 1
            params = built(shape, described.objects, way, {name: wrong(member)})
            assert code(service, action, params) == "InvalidParameter", (way, name)


@pytest.mark.parametrize(("service", "action"), ALL)
def test_missing_required_members_are_refused_at_every_depth(service: str, action: str) -> None:
    described = description.load(service)
    shape = described.actions[action]
    for way, struct in places(shape, described.objects):
        for name in (name for name, member in struct.items() if member.required):
            params = built(shape, described.objects, way, {name: None})
            assert code(service, action, params) == "MissingParameter", (way, name)
