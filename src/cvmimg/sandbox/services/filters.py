"""Filters, pages and sort order, common to all Describe actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from cvmimg.sandbox.state import documents
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import ApiError

Values = Callable[[Any], Iterable[str]]
"""The values of an item that a filter compares."""

Item = TypeVar("Item")

_DEFAULT_LIMIT = 20


def member(name: str) -> Values:
    """Compare the item's member ``name``."""
    return lambda item: (str(item[name]),)


def tag_keys(item: Document) -> list[str]:
    """Return the keys of the item's tags."""
    return [tag["Key"] for tag in item.get("Tags") or ()]


def tag_values(item: Document) -> list[str]:
    """Return the values of the item's tags."""
    return [tag["Value"] for tag in item.get("Tags") or ()]


TAGS: Mapping[str, Values] = {"tag-key": tag_keys, "tag-value": tag_values}


def select(
    items: Iterable[Item],
    filters: Sequence[Mapping[str, Any]],
    known: Mapping[str, Values],
    *,
    fuzzy: Iterable[str] = (),
    unknown: str = "InvalidFilter",
) -> list[Item]:
    """Return the items that match every filter; any value of a filter may match.

    Args:
        items: the items to filter.
        filters: the request's.
        known: the supported filters by name; "tag:<key>" is always supported.
        fuzzy: filters that match substrings, ignoring case.
        unknown: error code for unsupported filters.

    Raises:
        ApiError: with the code ``unknown``.
    """
    fuzzy = frozenset(fuzzy)
    tests = [
        (_values(each["Name"], known, unknown), each["Values"], each["Name"] in fuzzy)
        for each in filters
    ]
    return [item for item in items if all(_passes(item, *test) for test in tests)]


def candidates(
    call: Call, kind: str, *, ids: str = "", names: str = "", parents: str = ""
) -> list[Document]:
    """Return the listed documents that may match the request's filters, newest first.

    If a filter has exact ids, names or parents, only those are looked up.

    Args:
        call: the request.
        kind: of the documents.
        ids: name of the filter on ids.
        names: name of the filter on names.
        parents: name of the filter on ids of parent documents.
    """
    place = (call.account, call.region)
    found: list[Document] | None = None
    for each in call.params.get("Filters", []):
        if each["Name"] == ids:
            owned = (documents.own(call, kind, value) for value in each["Values"])
            found = [document for document in owned if document is not None]
        elif each["Name"] == names:
            found = [d for v in each["Values"] for d in call.store.named(kind, *place, v)]
        elif each["Name"] == parents:
            found = [d for v in each["Values"] for d in call.store.children(kind, v)]
    if found is None:
        return call.store.page(kind, *place, call.now)
    unique = {document["Id"]: document for document in found}
    mine = [
        document
        for document in unique.values()
        if (document["Account"], document["Region"]) == place
        and documents.is_listed(document, call.now)
    ]
    return newest_first(mine)


def newest_first(found: Iterable[Document]) -> list[Document]:
    """Sort by time of creation, as the store does."""
    return sorted(found, key=lambda document: (-document["Created"], document["Id"]))


def page(call: Call, items: Sequence[Item]) -> Sequence[Item]:
    """Return the part of ``items`` selected by Offset and Limit."""
    offset, limit = bounds(call)
    return items[offset : offset + limit]


def bounds(call: Call) -> tuple[int, int]:
    """Return Offset and Limit."""
    return call.params.get("Offset", 0), call.params.get("Limit", _DEFAULT_LIMIT)


def _passes(item: Any, values: Values, wanted: Sequence[str], is_fuzzy: bool) -> bool:
    if is_fuzzy:
        return any(part.lower() in value.lower() for value in values(item) for part in wanted)
    return any(value in wanted for value in values(item))


def _values(name: str, known: Mapping[str, Values], unknown: str) -> Values:
    if name.startswith("tag:"):
        key = name[len("tag:") :]
        return lambda item: [t["Value"] for t in item.get("Tags") or () if t["Key"] == key]
    if name not in known:
        raise ApiError(
            unknown, f"The filter `{name}` does not exist.", f"过滤条件 `{name}` 不存在。"
        )
    return known[name]


def in_order(call: Call, found: Sequence[Document]) -> list[Document]:
    """Sort by time of creation: newest first, unless ``Order`` is ASC."""
    newest_first = call.params.get("Order", "DESC") == "DESC"
    by_id = sorted(found, key=lambda document: str(document["Id"]))
    return sorted(by_id, key=lambda document: float(document["Created"]), reverse=newest_first)
