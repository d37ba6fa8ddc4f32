"""Scaling groups and launch configurations: documents and members.

An instance that belongs to a group has the group as its ``Parent``, and a member ``Scaling``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from cvmimg.sandbox.services import filters, instances
from cvmimg.sandbox.state import documents, kinds
from cvmimg.sandbox.state.kinds import D, Document, Instance, Kind, Scaling, ScalingGroup
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import refusal

CONFIGURATION = kinds.LAUNCH_CONFIGURATION
GROUP = kinds.SCALING_GROUP
ACTIVITY = kinds.SCALING_ACTIVITY

_REACTION_SECONDS = 5.0
"""How long a group takes to notice that it has too few or too many instances."""


def require_group(call: Call) -> ScalingGroup:
    """Return the requested scaling group.

    Raises:
        ApiError: ResourceNotFound.AutoScalingGroupNotFound.
    """
    identifier = call.params["AutoScalingGroupId"]
    missing = refusal("ResourceNotFound.AutoScalingGroupNotFound", id=identifier)
    return documents.require(call, GROUP, identifier, missing)


def awake(call: Call, group: ScalingGroup) -> ScalingGroup:
    """Return ``group``, about to compare its instances with its desired capacity."""
    return {**group, "Failures": 0, "Due": call.now + _REACTION_SECONDS}


def instance_was_terminated(call: Call, instance: Instance) -> None:
    """Let the group of a terminated instance notice it, if it has a group."""
    group = documents.own(call, GROUP, instance.get("Parent", ""))
    if group is not None:
        call.store.put(awake(call, group))


def members(call: Call, group: ScalingGroup) -> list[Instance]:
    """Return the instances of a group that are not being terminated, oldest first."""
    return [
        instance
        for instance in call.store.children(instances.KIND, group["Id"])
        if documents.exists(instance, call.now)
        and instances.state(instance, call.now) != "TERMINATING"
    ]


def in_service(held: Sequence[Instance], now: float) -> list[Instance]:
    """Return those members of a group that have been launched."""
    return [each for each in held if lifecycle(each, now) == "IN_SERVICE"]


def lifecycle(instance: Instance, now: float) -> str:
    """Return the LifeCycleState of an instance of a group."""
    state = instances.state(instance, now)
    others = {
        "PENDING": "CREATING",
        "LAUNCH_FAILED": "CREATION_FAILED",
        "TERMINATING": "TERMINATING",
    }
    return others.get(state, "IN_SERVICE")


def joined(call: Call, instance: Instance, group: ScalingGroup, creation: str) -> Instance:
    """Return ``instance`` as a member of ``group``.

    Args:
        call: the request.
        instance: the instance.
        group: its group from now on.
        creation: AUTO_CREATION or MANUAL_ATTACHING.
    """
    scaling: Scaling = {
        "Configuration": group["Configuration"],
        "ConfigurationName": group["ConfigurationName"],
        "Version": _version(call, group),
        "GroupName": group["Name"],
        "Creation": creation,
        "Added": call.now,
        "Protected": False,
    }
    return {**instance, "Parent": group["Id"], "Scaling": scaling}


def _version(call: Call, group: ScalingGroup) -> int:
    configuration = documents.own(call, CONFIGURATION, group["Configuration"])
    return configuration["Version"] if configuration else 1


def left(instance: Instance) -> Instance:
    """Return ``instance`` as a member of no group."""
    kept = {k: v for k, v in instance.items() if k not in ("Parent", "Scaling")}
    return cast("Instance", kept)


def refuse_taken_name(call: Call, kind: Kind[Any], name: str, identifier: str, code: str) -> None:
    """Refuse a name that another document of ``kind`` has.

    Raises:
        ApiError: with ``code``.
    """
    if documents.is_taken(call, kind, name, identifier):
        raise refusal(code, "autoscaling.taken-name", name=name)


def selected(call: Call, kind: Kind[D], ids: str, name: str) -> list[D]:
    """Return the documents of ``kind`` that the request's ids or filters select, newest first.

    Args:
        call: the request.
        kind: CONFIGURATION or GROUP.
        ids: the parameter that lists ids.
        name: of the resource in filters.

    Raises:
        ApiError: InvalidParameterValue.Filter.
    """
    vague = f"vague-{name}-name"
    known: filters.Known = {
        f"{name}-id": "Id",
        f"{name}-name": "Name",
        vague: "Name",
        **({"launch-configuration-id": "Configuration"} if kind == GROUP else {}),
    }
    chosen = filters.wanted(call, documents.listed(call, kind), ids)
    return filters.select(
        call, chosen, known, fuzzy=(vague,), unknown="InvalidParameterValue.Filter"
    )


def tags_to_response(document: Document, resource_type: str) -> list[dict[str, Any]]:
    """Return the tags of a group or configuration as its answers have them."""
    return [{**tag, "ResourceType": resource_type} for tag in document["Tags"]]
