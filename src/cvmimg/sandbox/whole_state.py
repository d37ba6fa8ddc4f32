"""The whole state of a sandbox as one JSON object: every document, the time and the guests' files.

``{"format": VERSION, "now": seconds, "documents": [{"Kind": …, "Id": …, …}, …]}``
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from cvmimg.sandbox.guest.runtime import Runtime
from cvmimg.sandbox.services import agenda, instances
from cvmimg.sandbox.services.instances import guests
from cvmimg.sandbox.state import clock
from cvmimg.sandbox.state.kinds import Document
from cvmimg.sandbox.state.store import PERMANENT_KINDS, VERSION, View

_MEMBERS: Mapping[str, tuple[type, ...]] = {
    "Kind": (str,),
    "Id": (str,),
    "Account": (str,),
    "Region": (str,),
    "Created": (int, float),
}
"""The members of every document, with their types."""
_OPTIONAL: Mapping[str, tuple[type, ...]] = {
    "Name": (str,),
    "Parent": (str,),
    "Listed": (int, float),
    "Gone": (int, float),
    "Due": (int, float),
}


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
    if now is None or not _is_of(now, (int, float)) or not isinstance(documents, list):
        raise ValueError("the state lacks its time or its documents")
    if not 0 <= now <= clock.LATEST:
        raise ValueError(f"the sandbox cannot have the time {now}")
    for number, document in enumerate(documents):
        if not isinstance(document, dict) or not _is_document(document):
            raise ValueError(f"document {number} of the state is malformed")
        yield document


def _is_document(document: Mapping[str, Any]) -> bool:
    present = {name: types for name, types in _OPTIONAL.items() if name in document}
    return (
        all(_is_of(document.get(name), types) for name, types in {**_MEMBERS, **present}.items())
        and document["Kind"] not in PERMANENT_KINDS
    )


def _is_of(value: Any, types: tuple[type, ...]) -> bool:
    if isinstance(value, float) and not math.isfinite(value):  # JSON such as 1e999
        return False
    return isinstance(value, types) and not isinstance(value, bool)
