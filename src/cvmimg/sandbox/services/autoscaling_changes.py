"""as: create, change and delete launch configurations and scaling groups."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cvmimg.sandbox.services import images, networks, resource_tags
from cvmimg.sandbox.services.autoscaling import CONFIGURATION, GROUP
from cvmimg.sandbox.services.instances import login_settings
from cvmimg.sandbox.state import documents, ids
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog

_MAX_CONFIGURATIONS = 50
_MAX_USER_DATA = 16 * 1024


@action("as", "CreateLaunchConfiguration", writes=True)
def create_launch_configuration(call: Call) -> dict[str, Any]:
    """Create a launch configuration."""
    held = call.store.count(CONFIGURATION, call.account, call.region, call.now)
    if held >= _MAX_CONFIGURATIONS:
        raise refusal("LimitExceeded.LaunchConfigurationQuotaNotEnough", held=held)
    request = _kept(call.params)
    identifier = ids.new_id(call, "asc")
    configuration = {
        **documents.new(call, CONFIGURATION, identifier),
        **_configuration(call, request, identifier),
        **resource_tags.on_creation(call, call.params.get("Tags", [])),
    }
    call.store.put(configuration)
    return {"LaunchConfigurationId": identifier}


@action("as", "ModifyLaunchConfigurationAttributes", writes=True)
def modify_launch_configuration_attributes(call: Call) -> dict[str, Any]:
    """Change a launch configuration; an image replaces an image family, and the other way round."""
    configuration = _require_configuration(call, call.params["LaunchConfigurationId"])
    changes = {k: v for k, v in _kept(call.params).items() if k != "LaunchConfigurationId"}
    request = {**_request_of(configuration), **changes}
    for given, replaced in (("ImageId", "ImageFamily"), ("ImageFamily", "ImageId")):
        if given in changes and replaced not in changes:
            request.pop(replaced, None)
    if "InstanceTypes" in changes:
        request.pop("InstanceType", None)
    changed = _configuration(call, request, configuration["Id"])
    version = configuration.get("Version", 1) + 1
    call.store.put({**configuration, **changed, "Version": version, "Updated": call.now})
    return {}


@action("as", "DeleteLaunchConfiguration", writes=True)
def delete_launch_configuration(call: Call) -> dict[str, Any]:
    """Delete a launch configuration that no scaling group uses."""
    configuration = _require_configuration(call, call.params["LaunchConfigurationId"])
    groups = call.store.page(GROUP, call.account, call.region, call.now)
    if any(group["Configuration"] == configuration["Id"] for group in groups):
        raise refusal("ResourceInUse.LaunchConfigurationIdInUse", configuration=configuration["Id"])
    call.store.put({**configuration, "Gone": call.now})
    return {}


@action("as", "CreateAutoScalingGroup", writes=True)
def create_auto_scaling_group(call: Call) -> dict[str, Any]:
    """Create a scaling group without instances."""
    request = _kept(call.params)
    identifier = ids.new_id(call, "asg")
    group = {
        **documents.new(call, GROUP, identifier),
        **_group(call, request, identifier),
        **resource_tags.on_creation(call, call.params.get("Tags", [])),
    }
    call.store.put(group)
    return {"AutoScalingGroupId": identifier}


@action("as", "ModifyAutoScalingGroup", writes=True)
def modify_auto_scaling_group(call: Call) -> dict[str, Any]:
    """Change a scaling group, for example to another launch configuration."""
    group = _require_group(call, call.params["AutoScalingGroupId"])
    before = {
        "AutoScalingGroupName": group["Name"],
        "LaunchConfigurationId": group["Configuration"],
        "VpcId": group["VpcId"],
        "SubnetIds": group.get("SubnetIds") or [group["SubnetId"]],
        "MinSize": 0,
        "MaxSize": 4,
        **group.get("Request", {}),
    }
    changes = {k: v for k, v in call.params.items() if k != "AutoScalingGroupId"}
    call.store.put({**group, **_group(call, {**before, **changes}, group["Id"])})
    return {}


@action("as", "DeleteAutoScalingGroup", writes=True)
def delete_auto_scaling_group(call: Call) -> dict[str, Any]:
    """Delete a scaling group."""
    call.store.put({**_require_group(call, call.params["AutoScalingGroupId"]), "Gone": call.now})
    return {}


def _kept(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that are kept: all except the password and the tags."""
    kept = {name: value for name, value in params.items() if name != "Tags"}
    if "LoginSettings" in kept:
        kept["LoginSettings"] = login_settings.without_password(kept["LoginSettings"])
    return kept


def _request_of(configuration: Document) -> dict[str, Any]:
    """Return the parameters that would create a launch configuration."""
    named = {
        "LaunchConfigurationName": configuration["Name"],
        "ImageId": configuration["ImageId"],
        "ImageFamily": configuration["ImageFamily"],
        "InstanceType": configuration["InstanceType"],
        "SecurityGroupIds": configuration["SecurityGroupIds"],
    }
    return {**{k: v for k, v in named.items() if v}, **configuration.get("Request", {})}


def _configuration(call: Call, request: dict[str, Any], identifier: str) -> dict[str, Any]:
    """Return the members of a launch configuration.

    Raises:
        ApiError: a parameter is invalid.
    """
    name = request["LaunchConfigurationName"]
    code = "InvalidParameterValue.LaunchConfigurationNameDuplicated"
    _refuse_taken_name(call, CONFIGURATION, name, identifier, code)
    _check_image(call, request)
    _check_user_data(request.get("UserData") or "")
    return {
        "Name": name,
        "ImageId": request.get("ImageId", ""),
        "ImageFamily": request.get("ImageFamily", ""),
        "InstanceType": _instance_types(request)[0],
        "SecurityGroupIds": _security_groups(call, request.get("SecurityGroupIds", [])),
        "Request": request,
    }


def _check_image(call: Call, request: Mapping[str, Any]) -> None:
    given = [name for name in ("ImageId", "ImageFamily") if request.get(name)]
    if len(given) != 1:
        raise refusal(
            "InvalidParameter.Conflict" if given else "InvalidParameter.MustOneParameter",
            "autoscaling-changes.image",
        )
    image_id = request.get("ImageId")
    if image_id and images.usable(call, image_id) is None:
        raise images.not_found(image_id)


def _instance_types(request: Mapping[str, Any]) -> list[str]:
    single, several = request.get("InstanceType"), request.get("InstanceTypes")
    if single and several:
        raise refusal("InvalidParameter.Conflict")
    found = [single] if single else list(several or [catalog.DEFAULT_INSTANCE_TYPE])
    for name in found:
        if name not in catalog.INSTANCE_TYPES:
            raise refusal("InvalidParameterValue.InvalidInstanceType", name=name)
    return found


def _security_groups(call: Call, wanted: list[str]) -> list[str]:
    for identifier in wanted:
        if networks.find(call, networks.SECURITY_GROUP, identifier) is None:
            raise refusal("InvalidParameterValue.InvalidSecurityGroupId", id=identifier)
    return list(wanted)


def _check_user_data(user_data: str) -> None:
    try:
        size = len(base64.b64decode(user_data, validate=True))
    except (binascii.Error, ValueError) as error:
        raise refusal("InvalidParameterValue.UserDataFormatError") from error
    if size > _MAX_USER_DATA:
        raise refusal("InvalidParameterValue.UserDataSizeExceeded")


def _group(call: Call, request: dict[str, Any], identifier: str) -> dict[str, Any]:
    """Return the members of a scaling group.

    Raises:
        ApiError: a parameter is invalid.
    """
    name = request["AutoScalingGroupName"]
    code = "InvalidParameterValue.GroupNameDuplicated"
    _refuse_taken_name(call, GROUP, name, identifier, code)
    configuration = _require_configuration(call, request["LaunchConfigurationId"])
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
        "Zones": sorted({subnet["Zone"] for subnet in subnets}),
        "Request": request,
    }


def _check_sizes(request: Mapping[str, Any]) -> None:
    least, most = request["MinSize"], request["MaxSize"]
    desired = request.get("DesiredCapacity", least)
    if not least <= desired <= most:
        raise refusal(
            "InvalidParameterValue.AssertDesiredCapacityFailed",
            desired=desired,
            least=least,
            most=most,
        )
    if desired:
        raise refusal("UnsupportedOperation", "autoscaling-changes.sizes")


def _subnet(call: Call, vpc_id: str, identifier: str) -> Document:
    found = networks.find(call, networks.SUBNET, identifier)
    if found is None or found["Parent"] != vpc_id:
        raise refusal("InvalidParameterValue.InvalidSubnetId", id=identifier, vpc_id=vpc_id)
    return found


def _refuse_taken_name(call: Call, kind: str, name: str, identifier: str, code: str) -> None:
    others = call.store.named(kind, call.account, call.region, name)
    if any(o["Id"] != identifier and documents.exists(o, call.now) for o in others):
        raise refusal(code, "autoscaling-changes.taken-name", name=name)


def _require_configuration(call: Call, identifier: str) -> Document:
    found = documents.own(call, CONFIGURATION, identifier)
    if found is None:
        raise refusal("ResourceNotFound.LaunchConfigurationIdNotFound", id=identifier)
    return found


def _require_group(call: Call, identifier: str) -> Document:
    found = documents.own(call, GROUP, identifier)
    if found is None:
        raise refusal("ResourceNotFound.AutoScalingGroupIdNotFound", id=identifier)
    return found
