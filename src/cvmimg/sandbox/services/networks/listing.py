"""Lists and look-ups, common to the actions of vpc."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cvmimg.sandbox.services import filters, networks
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import ApiError

_DEFAULT_LIMIT = 20


def page(
    call: Call, kind: str, ids: str, known: Mapping[str, filters.Values]
) -> tuple[int, Sequence[Document]]:
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
    found = filters.select(call, found, known, unknown="InvalidParameter")
    offset, limit = _number(call, "Offset", 0), _number(call, "Limit", _DEFAULT_LIMIT)
    return len(found), found[offset : offset + limit]


def find(call: Call, kind: str, identifier: str) -> Document:
    """Return the caller's resource.

    Raises:
        ApiError: ResourceNotFound.
    """
    found = networks.find(call, kind, identifier)
    if found is None:
        raise ApiError(
            "ResourceNotFound",
            f"`{identifier}` does not exist.",
            f"资源 `{identifier}` 不存在。",
        )
    return found


def require(call: Call, kind: str, identifier: str) -> Document:
    """Return the caller's resource if it can be changed: default ones cannot.

    Raises:
        ApiError: ResourceNotFound, or UnsupportedOperation.
    """
    found = find(call, kind, identifier)
    if found["Default"]:
        raise ApiError(
            "UnsupportedOperation",
            f"`{identifier}` is a default resource; the sandbox does not change it.",
            f"`{identifier}` 为默认资源，沙箱不支持修改。",  # noqa: RUF001
        )
    return found


def in_use(identifier: str) -> ApiError:
    """Return the error of a resource that is in use."""
    return ApiError("ResourceInUse", f"`{identifier}` is in use.", f"`{identifier}` 正在使用。")


def _number(call: Call, name: str, default: int) -> int:
    text = call.params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ApiError(
            "InvalidParameterValue.Malformed", f"`{name}` is not a number.", f"`{name}` 不合法。"
        )
    return int(text)
