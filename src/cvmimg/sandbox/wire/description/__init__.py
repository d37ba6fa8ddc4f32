"""The official description of the actions that the sandbox supports.

scripts/extract_api_description.py makes the JSON files in this folder from the description that
the official CLI ships.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SERVICES = ("cvm", "cbs", "vpc", "tat", "sts", "cam", "tag", "as", "region", "monitor")


@dataclass(frozen=True)
class Member:
    """One member of an object.

    Attributes:
        type: "string", "int", "uint", "float", "bool", or the name of an object.
        is_list: whether it is a list of ``type``.
        required: whether a request must have it.
        promised: whether an answer always has it.
        nullable: whether it may be null in an answer.
    """

    type: str
    is_list: bool
    required: bool
    promised: bool
    nullable: bool


Struct = Mapping[str, Member]


@dataclass(frozen=True)
class ActionShape:
    """The input and output of an action."""

    input: Struct
    output: Struct


@dataclass(frozen=True)
class Service:
    """The part of a service that the sandbox supports.

    Attributes:
        name: as in the credential scope.
        version: such as "2017-03-12".
        tccli: version of the official CLI that the description comes from.
        actions: shapes of the actions, by name.
        objects: objects used by the actions, by name.
    """

    name: str
    version: str
    tccli: str
    actions: Mapping[str, ActionShape]
    objects: Mapping[str, Struct]


@cache
def load(name: str) -> Service:
    """Load the description of the service ``name``, one of ``SERVICES``."""
    text = (Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8")
    raw = json.loads(text)
    objects = {
        title: {key: _member(words) for key, words in members.items()}
        for title, members in raw["objects"].items()
    }
    actions = {
        title: ActionShape(objects[sides["input"]], objects[sides["output"]])
        for title, sides in raw["actions"].items()
    }
    return Service(raw["service"], raw["version"], raw["tccli"], actions, objects)


def _member(words: str) -> Member:
    name, *marks = words.split()
    return Member(
        type=name.strip("[]"),
        is_list=name.startswith("["),
        required="required" in marks,
        promised="promised" in marks,
        nullable="nullable" in marks,
    )
