"""The objects in answers, as far as they are constant or what the store holds.

``answers.json`` has, for each kind of object, its ``constant`` members, and the members of the
document that it shows as they are ``stored``, by their names in the answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from cvmimg.sandbox.state.kinds import Document
from cvmimg.sandbox.wire.call import Answer

_FILE = Path(__file__).with_name("answers.json")
_OBJECTS: Mapping[str, Mapping[str, Answer]] = json.loads(_FILE.read_text(encoding="utf-8"))
_NONE: Document = MappingProxyType({})


def of(name: str, document: Document = _NONE) -> Answer:
    """Return the object ``name`` with its constant and stored members; the caller adds others."""
    parts = _OBJECTS[name]
    stored = parts.get("stored", {}).items()
    return {**parts.get("constant", {}), **{shown: document[member] for shown, member in stored}}
