"""Filters and instance ids of tat's actions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cvmimg.sandbox.services import filters
from cvmimg.sandbox.state import ids
from cvmimg.sandbox.wire.call import Answer, Call
from cvmimg.sandbox.wire.errors import refusal


def answer(call: Call, name: str, shown: Iterable[Answer], known: Mapping[str, str]) -> Answer:
    """Return the answer that lists what the request's filters select; those of one name add up.

    Args:
        call: the request.
        name: of the list in the answer.
        shown: the items as the answer has them.
        known: the member of an item that a filter compares, by the filter's name.

    Raises:
        ApiError: InvalidParameterValue.InvalidFilter.
    """
    wanted: dict[str, list[str]] = {}
    for each in call.params.get("Filters") or []:
        if each["Name"] not in known:
            raise refusal("InvalidParameterValue.InvalidFilter", name=each["Name"])
        wanted.setdefault(known[each["Name"]], []).extend(each["Values"])
    found = [
        item for item in shown if all(item[member] in values for member, values in wanted.items())
    ]
    return {"TotalCount": len(found), name: filters.page(call, found)}


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
