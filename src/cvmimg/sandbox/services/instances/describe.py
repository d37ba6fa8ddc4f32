"""cvm: DescribeInstances, DescribeInstancesStatus and DescribeTaskInfo."""

from __future__ import annotations

import operator
from collections.abc import Callable

from cvmimg.sandbox.services import filters, instances
from cvmimg.sandbox.state import documents, timestamps
from cvmimg.sandbox.state.kinds import Instance
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal


@action("cvm", "DescribeInstances")
def describe_instances(call: Call) -> Answer:
    """List instances, newest first."""
    filters.check_tag_keys(call)
    if call.params.get("Filters"):
        named = filters.candidates(call, instances.KIND, ids="instance-id", names="instance-name")
        found = filters.select(call, named, _filters(call))
        return filters.answer(call, "InstanceSet", found, instances.to_response)
    return _answer(call, "InstanceSet", instances.to_response)


@action("cvm", "DescribeInstancesStatus")
def describe_instances_status(call: Call) -> Answer:
    """List the states of instances, newest first."""
    return _answer(call, "InstanceStatusSet", _status)


def _status(call: Call, instance: Instance) -> Answer:
    return {"InstanceId": instance["Id"], "InstanceState": instances.state(instance, call.now)}


@action("cvm", "DescribeTaskInfo")
def describe_task_info(_: Call) -> Answer:
    """List repair tasks: there are none."""
    return {"TotalCount": 0, "RepairTaskInfoSet": []}


def _answer(call: Call, name: str, to_response: Callable[[Call, Instance], Answer]) -> Answer:
    """Return the answer that lists instances by their ids, or all, as its member ``name``."""
    if call.params.get("InstanceIds"):
        owned = documents.owned(call, instances.KIND, call.params["InstanceIds"])
        return filters.answer(call, name, filters.newest_first(owned), to_response)
    total, page = filters.listed_page(call, instances.KIND)
    return {"TotalCount": total, name: [to_response(call, each) for each in page]}


def _filters(call: Call) -> filters.Known:
    return {
        **_FILTERS,
        "instance-state": lambda instance: (instances.state(instance, call.now),),
        "creation-start-time": _created(call, "creation-start-time", operator.ge),
        "creation-end-time": _created(call, "creation-end-time", operator.le),
    }


def _created(call: Call, name: str, fits: Callable[[float, float], bool]) -> filters.Values:
    """Return what the filter ``name`` compares: those of its times that an instance's fits."""
    given = [each for each in call.params["Filters"] if each["Name"] == name]
    moments = {word: _moment(word) for each in given for word in each["Values"]}
    return lambda instance: [
        w for w, moment in moments.items() if fits(instance["Created"], moment)
    ]


def _moment(text: str) -> float:
    malformed = refusal("InvalidParameterValue.InvalidTimeFormat", "describe.moment", text=text)
    return timestamps.parsed(text, malformed)


_FILTERS: filters.Known = {
    "zone": lambda instance: (instance["Placement"]["Zone"],),
    "project-id": lambda instance: (str(instance["Placement"]["ProjectId"]),),
    "host-id": lambda _: (),
    "dedicated-cluster-id": lambda _: (),
    "vpc-id": lambda instance: (instance["VirtualPrivateCloud"]["VpcId"],),
    "subnet-id": lambda instance: (instance["VirtualPrivateCloud"]["SubnetId"],),
    "instance-id": "Id",
    "uuid": "Uuid",
    "security-group-id": lambda instance: instance["SecurityGroupIds"],
    "instance-name": "Name",
    "instance-charge-type": "InstanceChargeType",
    "private-ip-address": lambda instance: instance["PrivateIpAddresses"],
    "public-ip-address": lambda instance: instance["PublicIpAddresses"] or (),
    "ipv6-address": lambda _: (),
}
