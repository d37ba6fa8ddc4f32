"""Scaling groups launch and terminate instances until they have as many as desired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cvmimg.sandbox.services import agenda, autoscaling, instances, networks
from cvmimg.sandbox.services.autoscaling import GROUP, activities, configurations
from cvmimg.sandbox.services.instances import power, run
from cvmimg.sandbox.state import tasks
from cvmimg.sandbox.state.kinds import Instance, ScalingGroup
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import ApiError

_LAUNCH_SECONDS, _TERMINATE_SECONDS = 45.0, 30.0
_MOST_AT_ONCE = 100
_RETRY_SECONDS = 60.0
_MOST_RETRIES = 5
_MOST_DOUBLINGS = 12


@agenda.acts(GROUP)
def meet_desired_capacity(call: Call, group: ScalingGroup, _now: float) -> None:
    """Launch or terminate instances of a group that has too few or too many."""
    busy_until = activities.running(call, group)
    if busy_until is not None:
        call.store.put(agenda.scheduled(group, busy_until))
        return
    held = autoscaling.members(call, group)
    missing = group["Desired"] - len(held)
    if not group["Enabled"] or missing == 0:
        due, failures = None, 0
    elif missing > 0:
        due, failures = _scale_out(call, group, min(missing, _MOST_AT_ONCE))
    else:
        due, failures = _scale_in(call, group, held, -missing), 0
    call.store.put({**agenda.scheduled(group, due), "Failures": failures})


def _scale_out(call: Call, group: ScalingGroup, count: int) -> tuple[float | None, int]:
    """Launch up to ``count`` instances; return when to look again, and the failures in a row."""
    errors: list[ApiError] = []
    for attempt in _attempts(call, group, count):
        try:
            launched = run.launch(attempt)
        except ApiError as error:
            errors.append(error)
            continue
        for identifier in launched:
            instance = instances.require(call, identifier)
            call.store.put(autoscaling.joined(call, instance, group, "AUTO_CREATION"))
        activities.start(call, group, "SCALE_OUT", launched, _LAUNCH_SECONDS)
        return call.now + _LAUNCH_SECONDS, 0
    activities.start(call, group, "SCALE_OUT", [], 0, errors)
    failures = group["Failures"] + 1
    return _next_attempt(group["Request"].get("RetryPolicy"), call.now, failures), failures


def _attempts(call: Call, group: ScalingGroup, count: int) -> Iterator[Call]:
    """Yield a RunInstances call for each subnet and instance type, the preferred ones first."""
    configuration = configurations.require(call, group["Configuration"])
    for subnet_id in group["SubnetIds"]:
        subnet = networks.find(call, networks.SUBNET, subnet_id)
        if subnet is None:
            continue
        for instance_type in configuration["InstanceTypes"]:
            params = configurations.launch_request(
                call, configuration, instance_type, subnet, count
            )
            yield replace(call, service="cvm", action="RunInstances", params=params)


def _next_attempt(policy: str | None, now: float, failures: int) -> float | None:
    """Return when to try again after ``failures`` in a row; None for never."""
    if policy == "NO_RETRY":
        return None
    if policy == "INCREMENTAL_INTERVALS":
        return now + _RETRY_SECONDS * float(2 ** min(failures, _MOST_DOUBLINGS))
    return now + _RETRY_SECONDS if failures <= _MOST_RETRIES else None


def _scale_in(
    call: Call, group: ScalingGroup, held: Sequence[Instance], count: int
) -> float | None:
    """Remove up to ``count`` of the instances ``held``; return when to look again."""
    removable = [each for each in held if not each["Scaling"]["Protected"]]
    idle = [each for each in removable if not instances.operating(each, call.now)]
    if group["Request"].get("TerminationPolicies") == ["NEWEST_INSTANCE"]:
        idle.reverse()
    if not idle:
        latest = [each["Operation"] for each in removable]
        ends = [tasks.end(operation["Task"]) for operation in latest if operation is not None]
        return min((end for end in ends if end is not None), default=None)
    removed = idle[:count]
    remove(call, removed)
    names = [each["Id"] for each in removed]
    activities.start(call, group, "SCALE_IN", names, _TERMINATE_SECONDS)
    return call.now + _TERMINATE_SECONDS


def remove(call: Call, removed: Sequence[Instance]) -> None:
    """Remove instances from their group: terminate those that it launched itself."""
    terminating = replace(call, service="cvm", action="TerminateInstances")
    for instance in removed:
        launched = instance["Scaling"]["Creation"] == "AUTO_CREATION"
        if launched:
            power.terminate(terminating, instance)
        if not launched or instance["InstanceChargeType"] == "PREPAID":  # isolated, not gone
            call.store.put(autoscaling.left(instances.require(call, instance["Id"])))
