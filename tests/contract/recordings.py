"""Recorded answers of the service, and how the description and the sandbox differ from them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.answers import problems

FOLDER = Path(__file__).parents[1] / "recordings"
Kinds = Mapping[str, set[str]]
"""By the path of a field, the kinds of values that it has: "str", "int", "NoneType" and so on."""


@dataclass(frozen=True)
class Recording:
    """What one run has recorded of an action.

    Attributes:
        name: the run: its date and region.
        service: such as "cvm".
        action: such as "DescribeImages".
        answers: one of each shape, errors included.
    """

    name: str
    service: str
    action: str
    answers: tuple[dict[str, Any], ...]

    @property
    def successes(self) -> list[dict[str, Any]]:
        """The answers that are no error."""
        return [answer for answer in self.answers if "Error" not in answer]


def load(folder: Path = FOLDER) -> list[Recording]:
    """Read all recordings of a folder, oldest first."""
    return [_read(path) for path in sorted(folder.glob("*/*.json"))]


def _read(path: Path) -> Recording:
    service, action, _ = path.name.split(".")
    answers = json.loads(path.read_text(encoding="utf-8"))
    return Recording(
        path.parent.name, service, action, tuple(answer["Response"] for answer in answers)
    )


def against_the_description(recording: Recording) -> list[str]:
    """Return what the description, as far as it is not overruled, does not allow."""
    found = [
        problem
        for answer in recording.answers
        for problem in problems(
            recording.service, recording.action, answer, dry_run=set(answer) == {"RequestId"}
        )
    ]
    return sorted(set(found))


def against_the_sandbox(recording: Recording, sandbox: Recording | None) -> list[str]:
    """Return how the sandbox's answers to the same calls differ from recorded ones.

    Args:
        recording: of the service.
        sandbox: of the sandbox; None if it was not asked.
    """
    if sandbox is None:
        return [f"{recording.action} was not called"]
    theirs, ours = _kinds(recording), _kinds(sandbox)
    return sorted(_differences(theirs, ours))


def _differences(theirs: Kinds, ours: Kinds) -> Iterator[str]:
    for path, kinds in theirs.items():
        if path not in ours:
            if _has_items(path, ours):
                yield f"{path} is not answered by the sandbox"
        # A field that was null, or had a value, all the time may be the other one at other times.
        elif not _known(kinds) <= _known(ours[path]) and _known(ours[path]):
            yield f"{path} is {_named(kinds)}, in the sandbox {_named(ours[path])}"
    for path in ours:
        if path not in theirs and _has_items(path, theirs):
            yield f"{path} is answered by the sandbox alone"


def _has_items(path: str, kinds: Kinds) -> bool:
    """Return whether there was an object that could have had the field; lists may be empty."""
    return not path.endswith("[]") and path.rpartition(".")[0] in kinds


def _known(kinds: set[str]) -> set[str]:
    return kinds - {"NoneType"}


def _named(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))


def _kinds(recording: Recording) -> Kinds:
    found: dict[str, set[str]] = defaultdict(set)
    for answer in recording.successes:
        for path, kind in _paths(recording.action, answer):
            found[path].add(kind)
    return found


def _paths(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        yield path, "list"
        for item in value:
            yield from _paths(f"{path}[]", item)
    elif isinstance(value, dict):
        yield path, "dict"
        for name, item in value.items():
            yield from _paths(f"{path}.{name}", item)
    else:
        yield path, "int" if isinstance(value, float) else type(value).__name__
