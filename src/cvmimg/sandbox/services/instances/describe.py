"""cvm: DescribeInstances, DescribeInstancesStatus and DescribeTaskInfo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cvmimg.sandbox.services import filters, instances
from cvmimg.sandbox.state import documents, timestamps
from cvmimg.sandbox.state.kinds import Instance
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal


@action("cvm", "DescribeInstances")
def describe_instances(call: Call) -> Answer:
    """List instances, newest first."""
    filters.check_tag_keys(call)
    total, page = _page(call)
    return {
        "TotalCount": total,
        "InstanceSet": [instances.to_response(instance, call.now) for instance in page],
    }


@action("cvm", "DescribeInstancesStatus")
def describe_instances_status(call: Call) -> Answer:
    """List the states of instances, newest first."""
    total, page = _page(call)
    statuses = [
        {"InstanceId": instance["Id"], "InstanceState": instances.state(instance, call.now)}
        for instance in page
    ]
    return {"TotalCount": total, "InstanceStatusSet": statuses}


@action("cvm", "DescribeTaskInfo")
def describe_task_info(_: Call) -> Answer:
    """List repair tasks: there are none."""
    return {"TotalCount": 0, "RepairTaskInfoSet": []}


def _page(call: Call) -> tuple[int, Sequence[Instance]]:
    """Return the total number and the instances of the page."""
    if call.params.get("InstanceIds"):
        found = _named(call, call.params["InstanceIds"])
        return len(found), filters.page(call, found)
    place = (instances.KIND, call.account, call.region, call.now)
    if call.params.get("Filters"):
        named = filters.candidates(call, instances.KIND, ids="instance-id", names="instance-name")
        found = filters.select(call, named, _filters(call))
        return len(found), filters.page(call, found)
    offset, limit = filters.bounds(call)
    return call.store.count(*place), call.store.page(*place, offset=offset, limit=limit)


def _named(call: Call, identifiers: Iterable[str]) -> list[Instance]:
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
    """Matches instances created at the filter's time or later."""

    def __init__(self, call: Call, name: str = "creation-start-time") -> None:
        given = [each for each in call.params["Filters"] if each["Name"] == name]
        self._words = {word: _moment(word) for each in given for word in each["Values"]}

    def __call__(self, instance: Instance) -> list[str]:
        return [w for w, moment in self._words.items() if instance["Created"] >= moment]


class _Before(_After):
    """Matches instances created at the filter's time or earlier."""

    def __init__(self, call: Call) -> None:
        super().__init__(call, "creation-end-time")

    def __call__(self, instance: Instance) -> list[str]:
        return [w for w, moment in self._words.items() if instance["Created"] <= moment]


def _moment(text: str) -> float:
    try:
        return timestamps.seconds(text)
    except ValueError as error:
        raise refusal(
            "InvalidParameterValue.InvalidTimeFormat", "describe.moment", text=text
        ) from error


_FILTERS: dict[str, filters.Values] = {
    "zone": lambda instance: (instance["Placement"]["Zone"],),
    "project-id": lambda instance: (str(instance["Placement"]["ProjectId"]),),
    "host-id": lambda _: (),
    "dedicated-cluster-id": lambda _: (),
    "vpc-id": lambda instance: (instance["VirtualPrivateCloud"]["VpcId"],),
    "subnet-id": lambda instance: (instance["VirtualPrivateCloud"]["SubnetId"],),
    "instance-id": filters.member("Id"),
    "uuid": filters.member("Uuid"),
    "security-group-id": lambda instance: instance["SecurityGroupIds"],
    "instance-name": filters.member("Name"),
    "instance-charge-type": filters.member("InstanceChargeType"),
    "private-ip-address": lambda instance: instance["PrivateIpAddresses"],
    "public-ip-address": lambda instance: instance["PublicIpAddresses"] or (),
    "ipv6-address": lambda _: (),
}
