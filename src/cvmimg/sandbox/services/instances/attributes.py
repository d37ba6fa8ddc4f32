"""cvm: DescribeInstancesAttributes and ModifyInstancesAttribute."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox.services import instances, networks
from cvmimg.sandbox.services.instances import launch_checks
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call, action

_MEMBERS = {
    "InstanceName": "Name",
    "HostName": "HostName",
    "CamRoleName": "CamRoleName",
    "DisableApiTermination": "DisableApiTermination",
    "UserData": "UserData",
}
"""The members of a document that ModifyInstancesAttribute sets, by parameter."""


@action("cvm", "DescribeInstancesAttributes")
def describe_instances_attributes(call: Call) -> dict[str, Any]:
    """Return the user data of instances."""
    found = [instances.require(call, each) for each in call.params["InstanceIds"]]
    wanted = call.params["Attributes"]
    return {
        "InstanceSet": [
            {
                "InstanceId": instance["Id"],
                "Attributes": {"UserData": instance["UserData"]} if "UserData" in wanted else {},
            }
            for instance in found
        ]
    }


@action("cvm", "ModifyInstancesAttribute", writes=True)
def modify_instances_attribute(call: Call) -> dict[str, Any]:
    """Change attributes of instances."""
    found = [instances.require(call, each) for each in call.params["InstanceIds"]]
    launch_checks.check_user_data(call.params.get("UserData", ""))
    changes = {_MEMBERS[name]: value for name, value in call.params.items() if name in _MEMBERS}
    if "SecurityGroups" in call.params:
        groups = networks.security_groups_for_launch(call, call.params["SecurityGroups"])
        changes["SecurityGroupIds"] = groups
    for instance in found:
        _refuse_host_name(call, instance)
        instances.refuse_if_operating(call, instance)
    for instance in found:
        call.store.put({**instance, **changes})
    return {}


def _refuse_host_name(call: Call, instance: Document) -> None:
    """A host name changes while the instance is stopped, unless it may be restarted."""
    if "HostName" in call.params and not call.params.get("AutoReboot"):
        instances.refuse_unless(call, instance, {"STOPPED"})
