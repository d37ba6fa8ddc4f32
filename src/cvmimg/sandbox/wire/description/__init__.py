"""The official description of the requests that the sandbox supports.

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
    """

    type: str
    is_list: bool
    required: bool


Struct = Mapping[str, Member]


@dataclass(frozen=True)
class Service:
    """The part of a service that the sandbox supports.

    Attributes:
        name: as in the credential scope.
        version: such as "2017-03-12".
        actions: the parameters of each action, by its name.
        objects: objects used by the parameters, by name.
    """

    name: str
    version: str
    actions: Mapping[str, Struct]
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
    actions = {action: objects[f"{action}Request"] for action in raw["actions"]}
    return Service(raw["service"], raw["version"], actions, objects)


def _member(words: str) -> Member:
    name, *marks = words.split()
    return Member(name.strip("[]"), name.startswith("["), "required" in marks)
