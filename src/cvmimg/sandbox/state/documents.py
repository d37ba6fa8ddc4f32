"""What all kinds of documents have in common: owner and existence."""

from __future__ import annotations

from cvmimg.sandbox.state.kinds import Base, D, Document, Kind, base
from cvmimg.sandbox.wire.call import Call


def new(call: Call, kind: str, identifier: str) -> Base:
    """Return a document of the caller in the region of the call, with the required members."""
    return base(kind, identifier, call.account, call.region, call.now)


def exists(document: Document | None, now: float) -> bool:
    """Return whether the document exists ``now``."""
    return document is not None and ("Gone" not in document or document["Gone"] > now)


def is_listed(document: Document, now: float) -> bool:
    """Return whether it is listed ``now``: a new image, for example, appears after some seconds."""
    return exists(document, now) and document.get("Listed", 0) <= now


def own(call: Call, kind: Kind[D], identifier: str) -> D | None:
    """Return the caller's document in the region of the call, or None."""
    found = call.store.get(kind, identifier)
    if found is None or not exists(found, call.now):
        return None
    mine = found["Account"] == call.account and found["Region"] == call.region
    return found if mine else None
