"""as: launch configurations."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox.services import answers, autoscaling, filters, images, networks, resource_tags
from cvmimg.sandbox.services.autoscaling import CONFIGURATION, GROUP
from cvmimg.sandbox.services.instances import launch_checks, login_settings
from cvmimg.sandbox.state import documents, ids, timestamps
from cvmimg.sandbox.state.kinds import (
    ApiObject,
    LaunchConfiguration,
    LaunchConfigurationSettings,
    ScalingGroup,
    Subnet,
)
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog

_MAX_CONFIGURATIONS = 50


@action("as", "CreateLaunchConfiguration", writes=True)
def create_launch_configuration(call: Call) -> Answer:
    """Create a launch configuration."""
    held = documents.count(call, CONFIGURATION)
    if held >= _MAX_CONFIGURATIONS:
        raise refusal("LimitExceeded.LaunchConfigurationQuotaNotEnough", held=held)
    request = _kept(call, "Tags")
    identifier = ids.new_id(call, "asc")
    configuration: LaunchConfiguration = {
        **documents.new(call, CONFIGURATION, identifier),
        **_configuration(call, request, identifier),
        "Version": 1,
        "Updated": call.now,
        **resource_tags.on_creation(call, call.params.get("Tags", [])),
    }
    call.store.put(configuration)
    return {"LaunchConfigurationId": identifier}


@action("as", "ModifyLaunchConfigurationAttributes", writes=True)
def modify_launch_configuration_attributes(call: Call) -> None:
    """Change a launch configuration; an image replaces an image family, and the other way round."""
    configuration = require(call, call.params["LaunchConfigurationId"])
    changes = _kept(call, "LaunchConfigurationId")
    request = {**configuration["Request"], **changes}
    for given, replaced in (("ImageId", "ImageFamily"), ("ImageFamily", "ImageId")):
        if given in changes and replaced not in changes:
            request.pop(replaced, None)
    if "InstanceTypes" in changes:
        request.pop("InstanceType", None)
    changed = _configuration(call, request, configuration["Id"])
    version = configuration["Version"] + 1
    call.store.put({**configuration, **changed, "Version": version, "Updated": call.now})


@action("as", "DeleteLaunchConfiguration", writes=True)
def delete_launch_configuration(call: Call) -> None:
    """Delete a launch configuration that no scaling group uses."""
    configuration = require(call, call.params["LaunchConfigurationId"])
    if _groups(call, configuration):
        raise refusal("ResourceInUse.LaunchConfigurationIdInUse", configuration=configuration["Id"])
    call.store.put({**configuration, "Gone": call.now})


@action("as", "DescribeLaunchConfigurations")
def describe_launch_configurations(call: Call) -> Answer:
    """List launch configurations, newest first."""
    found = autoscaling.selected(
        call, CONFIGURATION, "LaunchConfigurationIds", "launch-configuration"
    )
    return filters.answer(call, "LaunchConfigurationSet", found, _to_response)


def _kept(call: Call, dropped: str) -> dict[str, Any]:
    """Return the parameters that are kept: all except the password and the ``dropped`` one."""
    kept = documents.params_without(call, dropped)
    if "LoginSettings" in kept:
        kept["LoginSettings"] = login_settings.without_password(kept["LoginSettings"])
    return kept


def _configuration(
    call: Call, request: dict[str, Any], identifier: str
) -> LaunchConfigurationSettings:
    """Return the members of a launch configuration.

    Raises:
        ApiError: a parameter is invalid.
    """
    name = request["LaunchConfigurationName"]
    code = "InvalidParameterValue.LaunchConfigurationNameDuplicated"
    autoscaling.refuse_taken_name(call, CONFIGURATION, name, identifier, code)
    _check_image(call, request)
    launch_checks.check_user_data(request.get("UserData") or "")
    return {
        "Name": name,
        "ImageId": request.get("ImageId", ""),
        "ImageFamily": request.get("ImageFamily", ""),
        "InstanceTypes": _instance_types(request),
        "SecurityGroupIds": _security_groups(call, request.get("SecurityGroupIds", [])),
        "Request": request,
    }


def _check_image(call: Call, request: ApiObject) -> None:
    given = [name for name in ("ImageId", "ImageFamily") if request.get(name)]
    if len(given) != 1:
        raise refusal(
            "InvalidParameter.Conflict" if given else "InvalidParameter.MustOneParameter",
            "configurations.image",
        )
    image_id = request.get("ImageId")
    if image_id and images.usable(call, image_id) is None:
        raise refusal("InvalidParameterValue.ImageNotFound", id=image_id)


def _instance_types(request: ApiObject) -> list[str]:
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


def _groups(call: Call, configuration: LaunchConfiguration) -> list[ScalingGroup]:
    """Return the scaling groups that use a launch configuration."""
    groups = documents.listed(call, GROUP)
    return [group for group in groups if group["Configuration"] == configuration["Id"]]


def _to_response(call: Call, each: LaunchConfiguration) -> Answer:
    request = each["Request"]
    blank = answers.of("LaunchConfiguration", each)
    return {
        **blank,
        **{name: request[name] for name in _AS_GIVEN if name in request},
        **{name: {**blank[name], **request.get(name, {})} for name in _COMPLETED},
        "InstanceType": each["InstanceTypes"][0],
        "DataDisks": [{**_DISK, **disk} for disk in request.get("DataDisks", [])],
        "LoginSettings": {"KeyIds": request.get("LoginSettings", {}).get("KeyIds", [])},
        "AutoScalingGroupAbstractSet": [
            {"AutoScalingGroupId": group["Id"], "AutoScalingGroupName": group["Name"]}
            for group in _groups(call, each)
        ],
        "CreatedTime": timestamps.iso(each["Created"]),
        "UpdatedTime": timestamps.iso(each["Updated"]),
        "InstanceNameSettings": {
            **blank["InstanceNameSettings"],
            "InstanceName": each["Name"],
            **request.get("InstanceNameSettings", {}),
        },
        "Tags": autoscaling.tags_to_response(each, "launch-configuration"),
    }


_DISK = {"DiskType": "CLOUD_PREMIUM", "DiskSize": 50}
_COMPLETED = (
    "SystemDisk",
    "InternetAccessible",
    "EnhancedService",
    "InstanceChargePrepaid",
    "HostNameSettings",
)
"""Objects whose missing members have defaults."""
_AS_GIVEN = (
    "ProjectId",
    "UserData",
    "InstanceChargeType",
    "InstanceMarketOptions",
    "InstanceTags",
    "CamRoleName",
    "DiskTypePolicy",
)


def require(call: Call, identifier: str) -> LaunchConfiguration:
    """Return the caller's launch configuration of that id.

    Raises:
        ApiError: ResourceNotFound.LaunchConfigurationIdNotFound.
    """
    missing = refusal("ResourceNotFound.LaunchConfigurationIdNotFound", id=identifier)
    return documents.require(call, CONFIGURATION, identifier, missing)


def launch_request(
    call: Call, configuration: LaunchConfiguration, instance_type: str, subnet: Subnet, count: int
) -> dict[str, Any]:
    """Return the parameters of RunInstances that a launch configuration stands for.

    Args:
        call: the call that launches; its time decides which image of a family is the newest.
        configuration: the launch configuration.
        instance_type: one of its instance types.
        subnet: where to launch.
        count: number of instances, of which one is enough.
    """
    request = configuration["Request"]
    services = dict(request.get("EnhancedService", {}))
    if "AutomationToolsService" in services:
        services["AutomationService"] = services.pop("AutomationToolsService")
    tags = [{"ResourceType": "instance", "Tags": request.get("InstanceTags", [])}]
    names = request.get("InstanceNameSettings", {}), request.get("HostNameSettings", {})
    return {
        **{name: request[name] for name in _OF_RUN_INSTANCES if name in request},
        "Placement": {"Zone": subnet["Zone"], "ProjectId": request.get("ProjectId", 0)},
        "VirtualPrivateCloud": {"VpcId": subnet["Parent"], "SubnetId": subnet["Id"]},
        "ImageId": _image_id(call, configuration),
        "InstanceType": instance_type,
        "InstanceCount": count,
        "MinCount": 1,
        "InstanceName": names[0].get("InstanceName", f"as-{configuration['Name']}"),
        "DataDisks": [{**_DISK, **disk} for disk in request.get("DataDisks", [])],
        "EnhancedService": services,
        "TagSpecification": tags if tags[0]["Tags"] else [],
        **({"HostName": names[1]["HostName"]} if names[1].get("HostName") else {}),
    }


_OF_RUN_INSTANCES = (
    "SystemDisk",
    "InternetAccessible",
    "LoginSettings",
    "SecurityGroupIds",
    "UserData",
    "InstanceChargeType",
    "InstanceChargePrepaid",
    "InstanceMarketOptions",
    "CamRoleName",
)
"""Parameters that RunInstances has, too."""


def _image_id(call: Call, configuration: LaunchConfiguration) -> str:
    if configuration["ImageId"]:
        return str(configuration["ImageId"])
    newest = images.newest_of_family(call, configuration["ImageFamily"])
    return newest["Id"] if newest else ""
