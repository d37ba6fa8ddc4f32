"""cvm: attributes, projects and security groups of instances."""

from __future__ import annotations

from cvmimg.sandbox.services import instances, networks
from cvmimg.sandbox.services.instances import launch_checks
from cvmimg.sandbox.state.kinds import Instance
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

_MEMBERS = {
    "InstanceName": "Name",
    "HostName": "HostName",
    "CamRoleName": "CamRoleName",
    "DisableApiTermination": "DisableApiTermination",
    "UserData": "UserData",
}
"""The members of a document that ModifyInstancesAttribute sets, by parameter."""


@action("cvm", "DescribeInstancesAttributes")
def describe_instances_attributes(call: Call) -> Answer:
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
def modify_instances_attribute(call: Call) -> None:
    """Change attributes of instances."""
    found = [instances.require(call, each) for each in call.params["InstanceIds"]]
    launch_checks.check_user_data(call.params.get("UserData", ""))
    changes = {_MEMBERS[name]: value for name, value in call.params.items() if name in _MEMBERS}
    if "SecurityGroups" in call.params:
        groups = networks.security_groups_for_launch(call, call.params["SecurityGroups"])
        changes["SecurityGroupIds"] = groups
    for instance in found:
        launch_checks.check_host_name(
            call.params.get("HostName", ""), windows=instances.is_windows(instance)
        )
        instances.refuse_if_operating(call, instance)
    for instance in found:
        kept = instances.rebooted(call, instance) if _reboots(call, instance) else instance
        call.store.put({**kept, **changes})


@action("cvm", "ModifyInstancesProject", writes=True)
def modify_instances_project(call: Call) -> None:
    """Move instances to the default project, the only one."""
    found = _unoccupied(call)
    if call.params["ProjectId"] != 0:
        raise refusal("InvalidProjectId.NotFound", project_id=call.params["ProjectId"])
    for instance in found:
        call.store.put({**instance, "Operation": instances.operation(call, 0)})


@action("cvm", "AssociateSecurityGroups", writes=True)
def associate_security_groups(call: Call) -> None:
    """Add a security group to instances."""
    added = networks.security_groups_for_launch(call, call.params["SecurityGroupIds"])
    for instance in _unoccupied(call):
        _set_groups(call, instance, list(dict.fromkeys([*instance["SecurityGroupIds"], *added])))


@action("cvm", "DisassociateSecurityGroups", writes=True)
def disassociate_security_groups(call: Call) -> None:
    """Remove a security group from instances; the last one stays."""
    removed = networks.security_groups_for_launch(call, call.params["SecurityGroupIds"])
    found = _unoccupied(call)
    for instance in found:
        if not set(removed) <= set(instance["SecurityGroupIds"]):
            raise refusal(
                "FailedOperation.SecurityGroupActionFailed",
                "attributes.not-associated",
                instance=instance["Id"],
            )
        if set(removed) == set(instance["SecurityGroupIds"]):
            raise refusal(
                "FailedOperation.SecurityGroupActionFailed",
                "attributes.last-security-group",
                instance=instance["Id"],
            )
    for instance in found:
        kept = [group for group in instance["SecurityGroupIds"] if group not in removed]
        _set_groups(call, instance, kept)


def _unoccupied(call: Call) -> list[Instance]:
    """Return the requested instances if none has an operation in progress."""
    found = [instances.require(call, each) for each in dict.fromkeys(call.params["InstanceIds"])]
    for instance in found:
        instances.refuse_if_operating(call, instance)
    return found


def _set_groups(call: Call, instance: Instance, groups: list[str]) -> None:
    operation = instances.operation(call, 0)
    call.store.put({**instance, "SecurityGroupIds": groups, "Operation": operation})


def _reboots(call: Call, instance: Instance) -> bool:
    """Return whether the call reboots the instance, which a new host name does by default."""
    wanted = "HostName" in call.params and call.params.get("AutoReboot", True)
    return bool(wanted) and instances.state(instance, call.now) == "RUNNING"
