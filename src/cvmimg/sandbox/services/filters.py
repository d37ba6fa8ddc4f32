"""Filters, pages and sort order, common to all Describe actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from cvmimg.sandbox.services import resource_tags
from cvmimg.sandbox.state import documents
from cvmimg.sandbox.state.kinds import D, Kind
from cvmimg.sandbox.wire.call import Answer, Call
from cvmimg.sandbox.wire.errors import refusal

Values = str | Callable[[Any], Iterable[str]]
"""What a filter compares: a member of an item, or the values that a function returns for it."""
Known = Mapping[str, Values]
"""The supported filters by name; those on tags are always supported."""

Item = TypeVar("Item")

_DEFAULT_LIMIT = 20


def select(
    call: Call,
    items: Iterable[Item],
    known: Known,
    *,
    fuzzy: Sequence[str] = (),
    unknown: str = "InvalidFilter",
) -> list[Item]:
    """Return the items that match every filter of the request; any value of a filter may match.

    Args:
        call: the request.
        items: the items to filter.
        known: the supported filters.
        fuzzy: filters that match substrings, ignoring case.
        unknown: error code for unsupported filters.

    Raises:
        ApiError: with the code ``unknown``.
    """
    tests = [
        (_values(call, each["Name"], known, unknown), each["Values"], each["Name"] in fuzzy)
        for each in call.params.get("Filters") or []
    ]
    return [item for item in items if all(_passes(item, *test) for test in tests)]


def wanted(call: Call, items: Iterable[D], ids: str) -> list[D]:
    """Return the documents whose ids the parameter ``ids`` lists; all of them without it."""
    listed = call.params.get(ids)
    return [item for item in items if not listed or item["Id"] in listed]


def candidates(
    call: Call, kind: Kind[D], *, ids: str = "", names: str = "", parents: str = ""
) -> list[D]:
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
    found: list[D] | None = None
    for each in call.params.get("Filters", []):
        if each["Name"] == ids:
            found = documents.owned(call, kind, each["Values"])
        elif each["Name"] == names:
            found = [d for v in each["Values"] for d in call.store.named(kind, *place, v)]
        elif each["Name"] == parents:
            found = [d for v in each["Values"] for d in call.store.children(kind, v)]
    if found is None:
        return documents.listed(call, kind)
    unique = {document["Id"]: document for document in found}
    mine = [
        document
        for document in unique.values()
        if (document["Account"], document["Region"]) == place
        and documents.is_listed(document, call.now)
    ]
    return newest_first(mine)


def newest_first(found: Iterable[D]) -> list[D]:
    """Sort by time of creation, as the store does."""
    return sorted(found, key=lambda document: (-document["Created"], document["Id"]))


def answer(
    call: Call, name: str, found: Sequence[Item], to_response: Callable[[Call, Item], Answer]
) -> Answer:
    """Return the number of ``found`` and their page, which is the member ``name`` of the answer."""
    shown = [to_response(call, each) for each in page(call, found)]
    return {"TotalCount": len(found), name: shown}


def listed_page(call: Call, kind: Kind[D]) -> tuple[int, list[D]]:
    """Return the number of the caller's documents, and those of the page, newest first."""
    offset, limit = bounds(call)
    page = call.store.page(kind, call.account, call.region, call.now, offset=offset, limit=limit)
    return documents.count(call, kind), page


def page(call: Call, items: Sequence[Item]) -> Sequence[Item]:
    """Return the part of ``items`` selected by Offset and Limit."""
    offset, limit = bounds(call)
    return items[offset : offset + limit]


def bounds(call: Call) -> tuple[int, int]:
    """Return Offset and Limit."""
    return call.params.get("Offset", 0), call.params.get("Limit", _DEFAULT_LIMIT)


def _passes(item: Any, values: Values, wanted: Sequence[str], is_fuzzy: bool) -> bool:
    found = (str(item[values]),) if isinstance(values, str) else values(item)
    if is_fuzzy:
        return any(part.lower() in value.lower() for value in found for part in wanted)
    return any(value in wanted for value in found)


def check_tag_keys(call: Call) -> None:
    """Refuse filters on unknown tag keys, in a world where that is an error.

    Raises:
        ApiError: InvalidParameterValue.TagKeyNotFound.
    """
    keys = [
        key
        for each in call.params.get("Filters", ())
        for key in (each["Values"] if each["Name"] == "tag-key" else [_tag_key(each["Name"])])
        if key
    ]
    if keys and call.settings.unknown_tag_filters == "error":
        resource_tags.refuse_unknown_keys(call, keys)


def _tag_key(name: str) -> str:
    """Return the key in a filter's name such as "tag:team", or ""."""
    return name[len("tag:") :] if name.startswith("tag:") else ""


def _tag_values(call: Call, name: str) -> Values | None:
    """Return what a filter on tags compares, or None for any other filter."""
    key = _tag_key(name)
    if key:
        return lambda item: [
            tag["Value"] for tag in resource_tags.of(item, call.now) if tag["Key"] == key
        ]
    member_of_tag = {"tag-key": "Key", "tag-value": "Value"}.get(name)
    if member_of_tag is None:
        return None
    return lambda item: [tag[member_of_tag] for tag in resource_tags.of(item, call.now)]


def _values(call: Call, name: str, known: Known, unknown: str) -> Values:
    tags = _tag_values(call, name)
    if tags is not None:
        return tags
    if name not in known:
        raise refusal(unknown, "filters.values", name=name)
    return known[name]


def in_order(call: Call, found: Sequence[D]) -> list[D]:
    """Sort by time of creation: newest first, unless ``Order`` is ASC."""
    newest_first = call.params.get("Order", "DESC") == "DESC"
    by_id = sorted(found, key=lambda document: str(document["Id"]))
    return sorted(by_id, key=lambda document: float(document["Created"]), reverse=newest_first)
