"""Filters and instance ids, as the actions of tat take them."""

from __future__ import annotations

import re

from cvmimg.sandbox.state import ids
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import ApiError


def wanted(call: Call, *known: str) -> list[set[str] | None]:
    """What the request wants of each of the known filters; None where anything will do."""
    wanted: dict[str, set[str]] = {}
    for each in call.params.get("Filters") or []:
        if each["Name"] not in known:
            raise ApiError(
                "InvalidParameterValue.InvalidFilter", f"There is no filter {each['Name']}."
            )
        wanted.setdefault(each["Name"], set()).update(each["Values"])
    return [wanted.get(name) for name in known]


def passes(filters: list[set[str] | None], values: list[str]) -> bool:
    """Whether each of ``values`` is one that the filter in its place accepts."""
    return all(
        wanted is None or value in wanted for wanted, value in zip(filters, values, strict=True)
    )


def check_instance_ids(instance_ids: list[str]) -> None:
    """Refuse malformed ids.

    Raises:
        ApiError: InvalidParameterValue.InvalidInstanceId.
    """
    for instance_id in instance_ids:
        if not re.fullmatch(ids.AGENT_INSTANCE, instance_id):
            raise ApiError(
                "InvalidParameterValue.InvalidInstanceId", f"{instance_id} is no instance id."
            )
