"""Filters and instance ids of tat's actions."""

from __future__ import annotations

import re

from cvmimg.sandbox.state import ids
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import ApiError


def wanted(call: Call, *known: str) -> list[set[str] | None]:
    """Return the values of each of the ``known`` filters; None for an absent filter."""
    wanted: dict[str, set[str]] = {}
    for each in call.params.get("Filters") or []:
        if each["Name"] not in known:
            raise ApiError(
                "InvalidParameterValue.InvalidFilter",
                f"The filter {each['Name']} is not supported.",
            )
        wanted.setdefault(each["Name"], set()).update(each["Values"])
    return [wanted.get(name) for name in known]


def passes(filters: list[set[str] | None], values: list[str]) -> bool:
    """Return whether each of ``values`` matches the filter at the same position."""
    return all(
        wanted is None or value in wanted for wanted, value in zip(filters, values, strict=True)
    )


def check_command_id(command_id: str) -> None:
    """Refuse a malformed id.

    Raises:
        ApiError: InvalidParameterValue.InvalidCommandId.
    """
    if not re.fullmatch(ids.COMMAND, command_id):
        raise ApiError(
            "InvalidParameterValue.InvalidCommandId", f"{command_id} is not a command id."
        )


def check_instance_ids(instance_ids: list[str]) -> None:
    """Refuse malformed ids.

    Raises:
        ApiError: InvalidParameterValue.InvalidInstanceId.
    """
    for instance_id in instance_ids:
        if not re.fullmatch(ids.AGENT_INSTANCE, instance_id):
            raise ApiError(
                "InvalidParameterValue.InvalidInstanceId", f"{instance_id} is not an instance id."
            )
