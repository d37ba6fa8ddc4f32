"""What all kinds of documents have in common: owner and existence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cvmimg.sandbox.state.kinds import Base, D, Document, Kind, base
from cvmimg.sandbox.state.store import View
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import ApiError


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


def require(call: Call, kind: Kind[D], identifier: str, missing: ApiError) -> D:
    """Return the caller's document in the region of the call.

    Raises:
        ApiError: ``missing``, if there is none.
    """
    found = own(call, kind, identifier)
    if found is None:
        raise missing
    return found


def listed(call: Call, kind: Kind[D]) -> list[D]:
    """Return the caller's documents in the region of the call that are listed, newest first."""
    return call.store.page(kind, call.account, call.region, call.now)


def count(call: Call, kind: str) -> int:
    """Return how many documents ``listed`` would return."""
    return call.store.count(kind, call.account, call.region, call.now)


def given(call: Call, members: Mapping[str, str]) -> dict[str, Any]:
    """Return the members of a document that the request gives, by the names of its parameters."""
    return {members[name]: value for name, value in call.params.items() if name in members}


def params_without(call: Call, name: str) -> dict[str, Any]:
    """Return the parameters of the request except one."""
    return {given: value for given, value in call.params.items() if given != name}


def owned(call: Call, kind: Kind[D], identifiers: Iterable[str]) -> list[D]:
    """Return those of the caller's documents in the region of the call that exist, each once."""
    found = (own(call, kind, identifier) for identifier in dict.fromkeys(identifiers))
    return [document for document in found if document is not None]


def is_taken(call: Call, kind: Kind[D], name: str, identifier: str = "", region: str = "") -> bool:
    """Return whether another document than ``identifier`` has the name in a region.

    Args:
        call: the request; the documents belong to its account.
        kind: of the documents.
        name: the name.
        identifier: id of the document that may have it.
        region: by default that of the call.
    """
    others = call.store.named(kind, call.account, region or call.region, name)
    return any(each["Id"] != identifier and exists(each, call.now) for each in others)


def of_account(view: View, kind: Kind[D], account: str, name: str) -> D | None:
    """Return the document of that name that belongs to an account, in no region, or None."""
    found = view.get(kind, f"{account}/{name}")
    return None if found is None or "Gone" in found else found
