"""Lists and look-ups, common to the actions of vpc."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cvmimg.sandbox.services import filters, networks
from cvmimg.sandbox.state.kinds import D, Kind
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import ApiError, refusal

_DEFAULT_LIMIT = 20


def page(
    call: Call, kind: Kind[D], ids: str, known: Mapping[str, filters.Values]
) -> tuple[int, Sequence[D]]:
    """Return the number of the requested resources, and those of the page.

    Args:
        call: the request.
        kind: kind of the resources.
        ids: name of the parameter with ids.
        known: the supported filters.

    Raises:
        ApiError: InvalidParameterValue.Malformed: Offset and Limit are not numbers.
    """
    wanted = call.params.get(ids)
    found = [each for each in networks.all_of(call, kind) if not wanted or each["Id"] in wanted]
    found = filters.select(call, found, known, unknown="InvalidParameter.FilterInvalidKey")
    offset, limit = _number(call, "Offset", 0), _number(call, "Limit", _DEFAULT_LIMIT)
    return len(found), found[offset : offset + limit]


def find(call: Call, kind: Kind[D], identifier: str) -> D:
    """Return the caller's resource.

    Raises:
        ApiError: ResourceNotFound.
    """
    found = networks.find(call, kind, identifier)
    if found is None:
        raise refusal("ResourceNotFound", "listing.find", id=identifier)
    return found


def require(call: Call, kind: Kind[D], identifier: str) -> D:
    """Return the caller's resource if it can be changed: default ones cannot.

    Raises:
        ApiError: ResourceNotFound, or UnsupportedOperation.
    """
    found = find(call, kind, identifier)
    if found["Default"]:
        raise refusal("UnsupportedOperation", "listing.require", id=identifier)
    return found


def in_use(identifier: str) -> ApiError:
    """Return the error of a resource that is in use."""
    return refusal("ResourceInUse", id=identifier)


def _number(call: Call, name: str, default: int) -> int:
    text = call.params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise refusal("InvalidParameterValue.Malformed", name=name)
    return int(text)
