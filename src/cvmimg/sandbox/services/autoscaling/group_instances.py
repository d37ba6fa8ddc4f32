"""as: the instances of scaling groups."""

from __future__ import annotations

from collections.abc import Sequence

from cvmimg.sandbox.services import answers, autoscaling, filters, instances
from cvmimg.sandbox.services.autoscaling import activities, capacity
from cvmimg.sandbox.state import documents, timestamps
from cvmimg.sandbox.state.kinds import Instance, ScalingGroup
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

_ATTACH_SECONDS, _DETACH_SECONDS, _REMOVE_SECONDS = 10.0, 10.0, 30.0


@action("as", "DescribeAutoScalingInstances")
def describe_auto_scaling_instances(call: Call) -> Answer:
    """List the instances of scaling groups, newest first."""
    listed = filters.wanted(call, documents.listed(call, instances.KIND), "InstanceIds")
    chosen = [each for each in listed if "Scaling" in each]
    found = filters.select(call, chosen, _FILTERS, unknown="InvalidParameterValue.Filter")
    return filters.answer(call, "AutoScalingInstanceSet", found, _to_response)


@action("as", "AttachInstances", writes=True)
def attach_instances(call: Call) -> Answer:
    """Add running or stopped instances to a scaling group, which then wants as many more."""
    group = _idle_group(call)
    found = [_attachable(call, group, each) for each in _wanted(call)]
    desired = group["Desired"] + len(found)
    if desired > group["Request"]["MaxSize"]:
        raise refusal("ResourceInsufficient.AutoScalingGroupAboveMaxSize", id=group["Id"])
    for instance in found:
        call.store.put(autoscaling.joined(call, instance, group, "MANUAL_ATTACHING"))
    return _change(call, group, desired, "ATTACH_INSTANCES", found, _ATTACH_SECONDS)


@action("as", "DetachInstances", writes=True)
def detach_instances(call: Call) -> Answer:
    """Remove instances from a scaling group, and keep them."""
    group = _idle_group(call)
    found = _removable(call, group)
    for instance in found:
        call.store.put(autoscaling.left(instance))
    desired = group["Desired"] - len(found)
    return _change(call, group, desired, "DETACH_INSTANCES", found, _DETACH_SECONDS)


@action("as", "RemoveInstances", writes=True)
def remove_instances(call: Call) -> Answer:
    """Remove instances from a scaling group, and terminate those that it launched itself."""
    group = _idle_group(call)
    found = _removable(call, group)
    for instance in found:
        if instances.operating(instance, call.now):
            raise refusal("ResourceUnavailable.InstanceInOperation", id=instance["Id"])
    capacity.remove(call, found)
    desired = group["Desired"] - len(found)
    return _change(call, group, desired, "REMOVE_INSTANCES", found, _REMOVE_SECONDS)


@action("as", "SetInstancesProtection", writes=True)
def set_instances_protection(call: Call) -> None:
    """Protect instances from being terminated by their group, or stop to protect them."""
    group = autoscaling.require_group(call)
    protected = call.params["ProtectedFromScaleIn"]
    for instance in _members(call, autoscaling.members(call, group)):
        scaling = {**instance["Scaling"], "Protected": protected}
        call.store.put({**instance, "Scaling": scaling})
    call.store.put(autoscaling.awake(call, group))


def _wanted(call: Call) -> Sequence[str]:
    return list(dict.fromkeys(call.params["InstanceIds"]))


def _idle_group(call: Call) -> ScalingGroup:
    """Return the requested group, which must have no activity in progress."""
    group = autoscaling.require_group(call)
    if activities.running(call, group) is not None:
        raise refusal("ResourceUnavailable.AutoScalingGroupInActivity", id=group["Id"])
    return group


def _attachable(call: Call, group: ScalingGroup, identifier: str) -> Instance:
    missing = refusal("ResourceNotFound.InstancesNotFound", id=identifier)
    found = documents.require(call, instances.KIND, identifier, missing)
    if "Scaling" in found:
        raise refusal("ResourceUnavailable.InstancesAlreadyInAutoScalingGroup", id=identifier)
    if instances.state(found, call.now) not in ("RUNNING", "STOPPED"):
        raise refusal("ResourceUnavailable.InstanceCannotAttach", id=identifier)
    if found["VirtualPrivateCloud"]["VpcId"] != group["VpcId"]:
        raise refusal("ResourceUnavailable.CvmVpcInconsistent", id=identifier)
    return found


def _members(call: Call, held: Sequence[Instance]) -> list[Instance]:
    """Return the requested instances, which must be among the members ``held`` of the group."""
    by_id = {each["Id"]: each for each in held}
    wanted = _wanted(call)
    for identifier in wanted:
        if identifier not in by_id:
            raise refusal("ResourceNotFound.InstancesNotInAutoScalingGroup", id=identifier)
    return [by_id[identifier] for identifier in wanted]


def _removable(call: Call, group: ScalingGroup) -> list[Instance]:
    """Return the requested members; an enabled group must keep its minimum in service."""
    held = autoscaling.members(call, group)
    found = _members(call, held)
    removed = {each["Id"] for each in found}
    kept = [each for each in autoscaling.in_service(held, call.now) if each["Id"] not in removed]
    if group["Enabled"] and len(kept) < group["Request"]["MinSize"]:
        raise refusal("ResourceInsufficient.InServiceInstanceBelowMinSize", id=group["Id"])
    return found


def _change(
    call: Call,
    group: ScalingGroup,
    desired: int,
    kind: str,
    changed: Sequence[Instance],
    seconds: float,
) -> Answer:
    """Give the group its new desired capacity, and return the activity."""
    call.store.put(autoscaling.awake(call, {**group, "Desired": max(0, desired)}))
    names = [instance["Id"] for instance in changed]
    return {"ActivityId": activities.start(call, group, kind, names, seconds)}


def _to_response(call: Call, instance: Instance) -> Answer:
    scaling = instance["Scaling"]
    running = instances.state(instance, call.now) == "RUNNING"
    return {
        **answers.of("AutoScalingInstance", scaling),
        "InstanceId": instance["Id"],
        "AutoScalingGroupId": instance["Parent"],
        "LifeCycleState": autoscaling.lifecycle(instance, call.now),
        "HealthStatus": "HEALTHY" if running else "UNHEALTHY",
        "Zone": instance["Placement"]["Zone"],
        "AddTime": timestamps.iso(scaling["Added"]),
        "InstanceType": instance["InstanceType"],
    }


_FILTERS: filters.Known = {
    "instance-id": "Id",
    "auto-scaling-group-id": "Parent",
}
