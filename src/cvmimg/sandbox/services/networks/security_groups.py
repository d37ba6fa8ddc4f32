"""vpc: security groups and their policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cvmimg.sandbox.services import filters, instances, networks, resource_tags
from cvmimg.sandbox.services.networks import listing
from cvmimg.sandbox.state import documents, ids, timestamps
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import ApiError

_MAX_POLICIES = 100
_DIRECTIONS = ("Ingress", "Egress")


@action("vpc", "DescribeSecurityGroups")
def describe_security_groups(call: Call) -> dict[str, Any]:
    """List security groups."""
    total, page = listing.page(call, networks.SECURITY_GROUP, "SecurityGroupIds", _FILTERS)
    found = [_to_response(call, each) for each in page]
    return {"TotalCount": total, "SecurityGroupSet": found}


@action("vpc", "CreateSecurityGroup", writes=True)
def create_security_group(call: Call) -> dict[str, Any]:
    """Create a security group without policies."""
    group = {
        **documents.new(call, networks.SECURITY_GROUP, ids.new_id(call, "sg")),
        "Name": call.params["GroupName"],
        "Description": call.params["GroupDescription"],
        "Default": False,
        "Policies": {"Ingress": [], "Egress": []},
        **resource_tags.on_creation(call, call.params.get("Tags", [])),
    }
    call.store.put(group)
    return {"SecurityGroup": _to_response(call, group)}


@action("vpc", "DeleteSecurityGroup", writes=True)
def delete_security_group(call: Call) -> dict[str, Any]:
    """Delete a security group that no instance uses."""
    group = listing.require(call, networks.SECURITY_GROUP, call.params["SecurityGroupId"])
    listed = call.store.page(instances.KIND, call.account, call.region, call.now)
    if any(group["Id"] in instance["SecurityGroupIds"] for instance in listed):
        raise listing.in_use(group["Id"])
    call.store.delete(networks.SECURITY_GROUP, group["Id"])
    return {}


@action("vpc", "CreateSecurityGroupPolicies", writes=True)
def create_security_group_policies(call: Call) -> dict[str, Any]:
    """Add policies to a security group, of one direction at a time."""
    group = listing.require(call, networks.SECURITY_GROUP, call.params["SecurityGroupId"])
    given = call.params["SecurityGroupPolicySet"]
    added = {name: given.get(name, []) for name in _DIRECTIONS}
    if all(added.values()) or not any(added.values()):
        raise ApiError(
            "InvalidParameter",
            "Exactly one of Ingress and Egress is required.",
            "`Ingress` 与 `Egress` 必须且只能指定一个。",
        )
    policies = {name: [*added[name], *group["Policies"][name]] for name in _DIRECTIONS}
    if max(map(len, policies.values())) > _MAX_POLICIES:
        raise ApiError(
            "LimitExceeded.SecurityGroupPolicySet",
            "The security group has too many policies.",
            "安全组规则数量超过限制。",
        )
    call.store.put({**group, "Policies": policies})
    return {}


@action("vpc", "DescribeSecurityGroupPolicies")
def describe_security_group_policies(call: Call) -> dict[str, Any]:
    """Return the policies of a security group."""
    group = listing.find(call, networks.SECURITY_GROUP, call.params["SecurityGroupId"])
    policies = {
        name: [
            _policy_to_response(group, index, policy)
            for index, policy in enumerate(group["Policies"][name])
        ]
        for name in _DIRECTIONS
    }
    return {"SecurityGroupPolicySet": {"Version": "1", **policies}}


def _to_response(call: Call, group: Document) -> dict[str, Any]:
    created = timestamps.china(group["Created"])
    return {
        "SecurityGroupId": group["Id"],
        "SecurityGroupName": group["Name"],
        "SecurityGroupDesc": group["Description"],
        "ProjectId": "0",
        "IsDefault": group["Default"],
        "CreatedTime": created,
        "UpdateTime": created,
        "TagSet": resource_tags.of(group, call.now),
    }


def _policy_to_response(group: Document, index: int, policy: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Protocol": "ALL",
        "Port": "ALL",
        "CidrBlock": "",
        "Ipv6CidrBlock": "",
        "SecurityGroupId": "",
        "Action": "ACCEPT",
        "PolicyDescription": "",
        **policy,
        "PolicyIndex": index,
        "ModifyTime": timestamps.china(group["Created"]),
    }


_FILTERS: Mapping[str, filters.Values] = {
    "security-group-id": filters.member("Id"),
    "security-group-name": filters.member("Name"),
    "project-id": lambda _: ("0",),
}
