"""The whole state of a sandbox as one JSON object: every document, the time and the guests' files.

``{"format": VERSION, "now": seconds, "documents": [{"Kind": …, "Id": …, …}, …]}``
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from cvmimg.sandbox.guest.runtime import Runtime
from cvmimg.sandbox.services import agenda, instances
from cvmimg.sandbox.services.instances import guests
from cvmimg.sandbox.state import clock
from cvmimg.sandbox.state.kinds import Document
from cvmimg.sandbox.state.store import FOREVER, PERMANENT_KINDS, VERSION, View

_TEXTS = ("Kind", "Id", "Account", "Region", "Name", "Parent")
_NUMBERS = ("Created", "Listed", "Gone", "Due")
_OPTIONAL = {"Name", "Parent", "Listed", "Gone", "Due"}


def export(view: View, runtime: Runtime, now: float) -> dict[str, Any]:
    """Return the state; an instance's document holds the files of its guest as they are ``now``."""
    documents = [_with_files(view, runtime, now, each) for each in view.every()]
    return {"format": VERSION, "now": now, "documents": documents}


def load(view: View, state: Any) -> float:
    """Replace all documents by those of ``state``; return its time.

    Raises:
        ValueError: it is not the state of a sandbox.
    """
    documents = list(_documents(state))
    view.clear()
    for document in documents:
        view.put(document)
    return float(state["now"])


def _with_files(view: View, runtime: Runtime, now: float, document: Document) -> Document:
    if document["Kind"] != instances.KIND:
        return document
    call = agenda.own_call(view, document, now, runtime)
    instance: Any = document
    guest = {"fstab": guests.fstab(call, instance), "files": guests.files(call, instance)}
    return {**document, "Guest": {**document["Guest"], **guest}}


def _documents(state: Any) -> Iterator[Document]:
    if not isinstance(state, dict) or state.get("format") != VERSION:
        raise ValueError(f"the state does not have format {VERSION}, which this version requires")
    now, documents = state.get("now"), state.get("documents")
    if not _is_number(now) or not isinstance(documents, list):
        raise ValueError("the state lacks its time or its documents")
    if not 0 <= now <= clock.LATEST:
        raise ValueError(f"the sandbox cannot have the time {now}")
    for number, document in enumerate(documents):
        if not isinstance(document, dict) or not _is_document(document):
            raise ValueError(f"document {number} of the state is malformed")
        yield document


def _is_document(document: Mapping[str, Any]) -> bool:
    required = {*_TEXTS, *_NUMBERS} - _OPTIONAL
    return (
        required <= document.keys()
        and all(isinstance(document[name], str) for name in _TEXTS if name in document)
        and all(_is_number(document[name]) for name in _NUMBERS if name in document)
        and document["Kind"] not in PERMANENT_KINDS
    )


def _is_number(value: Any) -> TypeGuard[float]:
    """Return whether it is a number that the store can hold: JSON can express 1e999 and NaN."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and abs(value) <= FOREVER
