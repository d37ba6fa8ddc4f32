"""as: scaling groups."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox.services import agenda, answers, autoscaling, filters, networks, resource_tags
from cvmimg.sandbox.services.autoscaling import GROUP, activities, configurations
from cvmimg.sandbox.state import documents, ids, timestamps
from cvmimg.sandbox.state.kinds import ApiObject, ScalingGroup, ScalingGroupSettings, Subnet
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

_MAX_GROUPS = 50


@action("as", "CreateAutoScalingGroup", writes=True)
def create_auto_scaling_group(call: Call) -> Answer:
    """Create a scaling group, which then launches its instances."""
    held = documents.count(call, GROUP)
    if held >= _MAX_GROUPS:
        raise refusal("LimitExceeded.AutoScalingGroupLimitExceeded", held=held)
    request = documents.params_without(call, "Tags")
    identifier = ids.new_id(call, "asg")
    group: ScalingGroup = {
        **documents.new(call, GROUP, identifier),
        **_group(call, request, identifier),
        "Enabled": True,
        "Failures": 0,
        **resource_tags.on_creation(call, call.params.get("Tags", [])),
    }
    call.store.put(autoscaling.awake(call, group))
    return {"AutoScalingGroupId": identifier}


@action("as", "ModifyAutoScalingGroup", writes=True)
def modify_auto_scaling_group(call: Call) -> None:
    """Change a scaling group, for example to another launch configuration."""
    group = autoscaling.require_group(call)
    changes = documents.params_without(call, "AutoScalingGroupId")
    before = {**group["Request"], "DesiredCapacity": group["Desired"]}
    changed: ScalingGroup = {**group, **_group(call, {**before, **changes}, group["Id"])}
    call.store.put(autoscaling.awake(call, changed))


@action("as", "ModifyDesiredCapacity", writes=True)
def modify_desired_capacity(call: Call) -> None:
    """Change how many instances a scaling group has, within its limits or with new ones."""
    group = autoscaling.require_group(call)
    if not group["Enabled"]:
        raise refusal("ResourceUnavailable.AutoScalingGroupDisabled", id=group["Id"])
    sizes = documents.params_without(call, "AutoScalingGroupId")
    request = {**group["Request"], **sizes}
    _check_sizes(request)
    changed: ScalingGroup = {**group, "Request": request, "Desired": sizes["DesiredCapacity"]}
    call.store.put(autoscaling.awake(call, changed))


@action("as", "EnableAutoScalingGroup", writes=True)
def enable_auto_scaling_group(call: Call) -> None:
    """Let a scaling group change its number of instances again."""
    group = autoscaling.require_group(call)
    call.store.put(autoscaling.awake(call, {**group, "Enabled": True}))


@action("as", "DisableAutoScalingGroup", writes=True)
def disable_auto_scaling_group(call: Call) -> None:
    """Let a scaling group keep its instances as they are."""
    call.store.put({**autoscaling.require_group(call), "Enabled": False})


@action("as", "DeleteAutoScalingGroup", writes=True)
def delete_auto_scaling_group(call: Call) -> None:
    """Delete a scaling group without instances."""
    group = autoscaling.require_group(call)
    if activities.running(call, group) is not None:
        raise refusal("ResourceInUse.ActivityInProgress", id=group["Id"])
    if autoscaling.members(call, group):
        raise refusal("ResourceInUse.InstanceInGroup", id=group["Id"])
    call.store.put({**agenda.scheduled(group, None), "Gone": call.now})


@action("as", "DescribeAutoScalingGroups")
def describe_auto_scaling_groups(call: Call) -> Answer:
    """List scaling groups, newest first."""
    found = autoscaling.selected(call, GROUP, "AutoScalingGroupIds", "auto-scaling-group")
    return filters.answer(call, "AutoScalingGroupSet", found, _to_response)


def _group(call: Call, request: dict[str, Any], identifier: str) -> ScalingGroupSettings:
    """Return the members of a scaling group.

    Raises:
        ApiError: a parameter is invalid.
    """
    name = request["AutoScalingGroupName"]
    code = "InvalidParameterValue.GroupNameDuplicated"
    autoscaling.refuse_taken_name(call, GROUP, name, identifier, code)
    configuration = configurations.require(call, request["LaunchConfigurationId"])
    _check_sizes(request)
    subnets = [_subnet(call, request["VpcId"], each) for each in request.get("SubnetIds") or ()]
    if not subnets:
        raise refusal("MissingParameter.InScenario")
    return {
        "Name": name,
        "Configuration": configuration["Id"],
        "ConfigurationName": configuration["Name"],
        "VpcId": request["VpcId"],
        "SubnetIds": [subnet["Id"] for subnet in subnets],
        "Desired": request.get("DesiredCapacity", request["MinSize"]),
        "Request": request,
    }


def _check_sizes(request: ApiObject) -> None:
    least, most = request["MinSize"], request["MaxSize"]
    desired = request.get("DesiredCapacity", least)
    if not least <= desired <= most:
        raise refusal(
            "InvalidParameterValue.AssertDesiredCapacityFailed",
            desired=desired,
            least=least,
            most=most,
        )


def _subnet(call: Call, vpc_id: str, identifier: str) -> Subnet:
    found = networks.find(call, networks.SUBNET, identifier)
    if found is None or found["Parent"] != vpc_id:
        raise refusal("InvalidParameterValue.InvalidSubnetId", id=identifier, vpc_id=vpc_id)
    return found


def _to_response(call: Call, each: ScalingGroup) -> Answer:
    request = each["Request"]
    busy = activities.running(call, each) is not None
    held = autoscaling.members(call, each)
    return {
        **answers.of("AutoScalingGroup", each),
        "CreatedTime": timestamps.iso(each["Created"]),
        "EnabledStatus": "ENABLED" if each["Enabled"] else "DISABLED",
        "InActivityStatus": "IN_ACTIVITY" if busy else "NOT_IN_ACTIVITY",
        "MinSize": request["MinSize"],
        "MaxSize": request["MaxSize"],
        "InstanceCount": len(held),
        "InServiceInstanceCount": len(autoscaling.in_service(held, call.now)),
        "DefaultCooldown": request.get("DefaultCooldown", 300),
        "ZoneSet": request.get("Zones", []),
        "TerminationPolicySet": request.get("TerminationPolicies", ["OLDEST_INSTANCE"]),
        "RetryPolicy": request.get("RetryPolicy", "IMMEDIATE_RETRY"),
        "Tags": autoscaling.tags_to_response(each, "auto-scaling-group"),
        "ServiceSettings": {**answers.of("ServiceSettings"), **request.get("ServiceSettings", {})},
    }
