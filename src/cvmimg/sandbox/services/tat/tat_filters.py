"""Filters and instance ids of tat's actions."""

from __future__ import annotations

import re

from cvmimg.sandbox.state import ids
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import refusal


def wanted(call: Call, *known: str) -> list[set[str] | None]:
    """Return the values of each of the ``known`` filters; None for an absent filter."""
    wanted: dict[str, set[str]] = {}
    for each in call.params.get("Filters") or []:
        if each["Name"] not in known:
            raise refusal("InvalidParameterValue.InvalidFilter", name=each["Name"])
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
        raise refusal("InvalidParameterValue.InvalidCommandId", command_id=command_id)


def check_instance_ids(instance_ids: list[str]) -> None:
    """Refuse malformed ids.

    Raises:
        ApiError: InvalidParameterValue.InvalidInstanceId.
    """
    for instance_id in instance_ids:
        if not re.fullmatch(ids.AGENT_INSTANCE, instance_id):
            raise refusal("InvalidParameterValue.InvalidInstanceId", instance_id=instance_id)
