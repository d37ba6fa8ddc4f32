"""cvm: reading instances, starting, stopping, rebooting and terminating them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cvmimg.sandbox import disks, documents, filters, instances, times
from cvmimg.sandbox.call import Call, action
from cvmimg.sandbox.errors import ApiError
from cvmimg.sandbox.store import Document


@action("cvm", "DescribeInstances")
def describe_instances(call: Call) -> dict[str, Any]:
    """The instances, the newest first."""
    total, page = _page(call)
    return {
        "TotalCount": total,
        "InstanceSet": [instances.shown(instance, call.now) for instance in page],
    }


@action("cvm", "DescribeInstancesStatus")
def describe_instances_status(call: Call) -> dict[str, Any]:
    """The states of instances, the newest first."""
    total, page = _page(call)
    statuses = [
        {"InstanceId": instance["Id"], "InstanceState": instances.state(instance, call.now)}
        for instance in page
    ]
    return {"TotalCount": total, "InstanceStatusSet": statuses}


@action("cvm", "StartInstances", writes=True)
def start_instances(call: Call) -> dict[str, Any]:
    """Start instances that are stopped."""
    for instance in _all_fit(call, {"STOPPED"}):
        call.store.put(
            instances.change_power(call, instance, "STARTING", "RUNNING", instances.START_SECONDS)
        )
    return {}


@action("cvm", "StopInstances", writes=True)
def stop_instances(call: Call) -> dict[str, Any]:
    """Stop instances that are running."""
    hard = call.params.get("StopType") == "HARD"
    seconds = instances.HARD_STOP_SECONDS if hard else instances.STOP_SECONDS
    for instance in _all_fit(call, {"RUNNING"}):
        stopped = instances.change_power(call, instance, "STOPPING", "STOPPED", seconds)
        call.store.put({**stopped, "StoppedMode": _stopped_mode(call, instance)})
    return {}


@action("cvm", "RebootInstances", writes=True)
def reboot_instances(call: Call) -> dict[str, Any]:
    """Reboot instances that are running."""
    for instance in _all_fit(call, {"RUNNING"}):
        call.store.put(
            instances.change_power(call, instance, "REBOOTING", "RUNNING", instances.REBOOT_SECONDS)
        )
    return {}


@action("cvm", "TerminateInstances", writes=True)
def terminate_instances(call: Call) -> dict[str, Any]:
    """Give instances back; a prepaid one goes to the recycle bin first."""
    found = _all_fit(call, {"RUNNING", "STOPPED", "SHUTDOWN"})
    if len({instance["InstanceChargeType"] for instance in found}) > 1:
        raise ApiError(
            "UnsupportedOperation.InstanceMixedPricingModel",
            "The instances are not all paid for in the same way.",
            "实例的计费模式不一致。",
        )
    for instance in found:
        if instance["DisableApiTermination"]:
            raise ApiError(
                "UnsupportedOperation.InstancesProtected",
                f"The instance `{instance['Id']}` is protected from being terminated.",
                f"实例 `{instance['Id']}` 已开启销毁保护。",
            )
    for instance in found:
        _terminate(call, instance)
    return {}


def _terminate(call: Call, instance: Document) -> None:
    prepaid = instance["InstanceChargeType"] == "PREPAID"
    if prepaid and instances.state(instance, call.now) != "SHUTDOWN":
        bound = instances.change_power(
            call, instance, "STOPPING", "SHUTDOWN", instances.STOP_SECONDS
        )
        call.store.put({**bound, "RestrictState": "PROTECTIVELY_ISOLATED"})
        return
    ending = instances.change_power(
        call, instance, "TERMINATING", "TERMINATING", instances.TERMINATE_SECONDS
    )
    if call.task_fault is not None:
        call.store.put(ending)
        return
    gone = call.now + instances.TERMINATE_SECONDS
    call.store.put({**ending, "Gone": gone})
    for disk in disks.of_instance(call, instance["Id"]):
        ends = disk["DeleteWithInstance"] or disk["DiskUsage"] == disks.SYSTEM_DISK
        call.store.put({**disk, "Gone" if ends else "DetachAt": gone})


def _stopped_mode(call: Call, instance: Document) -> str:
    """What is asked for, where the instance can be stopped without being charged at all."""
    fits = (
        instance["InstanceChargeType"] == "POSTPAID_BY_HOUR"
        and instance["SystemDisk"]["DiskType"].startswith("CLOUD_")
        and all(disk["DiskType"].startswith("CLOUD_") for disk in instance["DataDisks"])
    )
    return str(call.params.get("StoppedMode", "KEEP_CHARGING")) if fits else "KEEP_CHARGING"


def _all_fit(call: Call, states: set[str]) -> list[Document]:
    """The instances asked for, once it is clear that all of them allow it: else none changes."""
    found = [instances.require(call, identifier) for identifier in call.params["InstanceIds"]]
    for instance in found:
        instances.refuse_unless(call, instance, states)
        instances.refuse_if_operating(call, instance)
    return found


def _page(call: Call) -> tuple[int, Sequence[Document]]:
    """How many instances there are, and those of the page."""
    if call.params.get("InstanceIds"):
        found = _named(call, call.params["InstanceIds"])
        return len(found), filters.page(call, found)
    place = (instances.KIND, call.account, call.region, call.now)
    if call.params.get("Filters"):
        named = filters.candidates(call, instances.KIND, ids="instance-id", names="instance-name")
        found = filters.keep(named, call.params["Filters"], _filters(call))
        return len(found), filters.page(call, found)
    offset, limit = filters.bounds(call)
    return call.store.count(*place), call.store.page(*place, offset=offset, limit=limit)


def _named(call: Call, identifiers: Iterable[str]) -> list[Document]:
    found = (documents.own(call, instances.KIND, identifier) for identifier in set(identifiers))
    return filters.newest_first(filter(None, found))


def _filters(call: Call) -> dict[str, filters.Values]:
    return {
        **_FILTERS,
        "instance-state": lambda instance: (instances.state(instance, call.now),),
        "creation-start-time": _After(call),
        "creation-end-time": _Before(call),
    }


class _After:
    """Passes, by giving the filter's own words, instances made at that time or later."""

    def __init__(self, call: Call, name: str = "creation-start-time") -> None:
        given = [each for each in call.params["Filters"] if each["Name"] == name]
        self._words = {word: _moment(word) for each in given for word in each["Values"]}

    def __call__(self, instance: Document) -> list[str]:
        return [w for w, moment in self._words.items() if instance["Created"] >= moment]


class _Before(_After):
    """Passes, by giving the filter's own words, instances made at that time or earlier."""

    def __init__(self, call: Call) -> None:
        super().__init__(call, "creation-end-time")

    def __call__(self, instance: Document) -> list[str]:
        return [w for w, moment in self._words.items() if instance["Created"] <= moment]


def _moment(text: str) -> float:
    try:
        return times.seconds(text)
    except ValueError as error:
        raise ApiError(
            "InvalidParameterValue.InvalidTimeFormat",
            f"`{text}` is not a time.",
            f"`{text}` 不是合法的时间格式。",
        ) from error


_FILTERS: dict[str, filters.Values] = {
    **filters.TAGS,
    "zone": lambda instance: (instance["Placement"]["Zone"],),
    "project-id": lambda instance: (str(instance["Placement"]["ProjectId"]),),
    "host-id": lambda _: (),
    "dedicated-cluster-id": lambda _: (),
    "vpc-id": lambda instance: (instance["VirtualPrivateCloud"]["VpcId"],),
    "subnet-id": lambda instance: (instance["VirtualPrivateCloud"]["SubnetId"],),
    "instance-id": filters.one("Id"),
    "uuid": filters.one("Uuid"),
    "security-group-id": lambda instance: instance["SecurityGroupIds"],
    "instance-name": filters.one("Name"),
    "instance-charge-type": filters.one("InstanceChargeType"),
    "private-ip-address": lambda instance: instance["PrivateIpAddresses"],
    "public-ip-address": lambda instance: instance["PublicIpAddresses"] or (),
    "ipv6-address": lambda _: (),
}
