"""Lists and look-ups, common to the actions of vpc."""

from __future__ import annotations

from collections.abc import Callable

from cvmimg.sandbox.services import filters, networks
from cvmimg.sandbox.state.kinds import D, Kind
from cvmimg.sandbox.wire.call import Answer, Call
from cvmimg.sandbox.wire.errors import ApiError, refusal

_DEFAULT_LIMIT = 20


def answer(
    call: Call,
    kind: Kind[D],
    name: str,
    known: filters.Known,
    to_response: Callable[[Call, D], Answer],
) -> Answer:
    """Return the answer that lists the requested resources.

    Args:
        call: the request.
        kind: kind of the resources.
        name: of the kind in parameters and answers, such as "Vpc".
        known: the supported filters.
        to_response: returns a resource as the answer has it.

    Raises:
        ApiError: InvalidParameterValue.Malformed: Offset and Limit are not numbers.
    """
    found = filters.wanted(call, networks.all_of(call, kind), f"{name}Ids")
    found = filters.select(call, found, known, unknown="InvalidParameter.FilterInvalidKey")
    offset, limit = _number(call, "Offset", 0), _number(call, "Limit", _DEFAULT_LIMIT)
    page = [to_response(call, each) for each in found[offset : offset + limit]]
    return {"TotalCount": len(found), f"{name}Set": page}


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
