"""What the store holds is what `state.kinds` says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

import pytest

from cvmimg.sandbox.state import kinds
from cvmimg.sandbox.state.store import View
from tests.contract.scene import Scene
from tests.contract.test_answers import SCENARIOS

pytestmark = pytest.mark.system

KNOWN: Mapping[str, Any] = {
    kind: get_args(kind.__orig_class__)[0]
    for kind in vars(kinds).values()
    if isinstance(kind, kinds.Kind)
}
"""The types of documents, by kind."""


def members(kind: str) -> Iterator[tuple[str, bool]]:
    """Yield the members of a kind, and whether they are required."""
    for name, annotation in KNOWN[kind].__annotations__.items():
        yield name, not annotation.__forward_arg__.startswith("NotRequired[")


@pytest.fixture(scope="module")
def written() -> list[Mapping[str, Any]]:
    """Return every document that the scenarios of all actions write."""
    found: list[Mapping[str, Any]] = []
    put = View.put

    def recorded(view: View, document: Mapping[str, Any]) -> None:
        found.append(document)
        put(view, document)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(View, "put", recorded)
        with Scene() as scene:
            for scenario in SCENARIOS:
                scenario(scene)
    return found


def test_every_document_has_the_members_of_its_kind(written: list[Mapping[str, Any]]) -> None:
    wrong = set()
    for document in written:
        described = dict(members(document["Kind"]))
        missing = {name for name, required in described.items() if required} - set(document)
        unknown = set(document) - set(described)
        wrong |= {(document["Kind"], name) for name in missing | unknown}
    assert wrong == set()


def test_every_kind_is_written(written: list[Mapping[str, Any]]) -> None:
    unseen = set(KNOWN) - {document["Kind"] for document in written}
    assert unseen <= {"faults", "client-token", "disk-client-token"}
