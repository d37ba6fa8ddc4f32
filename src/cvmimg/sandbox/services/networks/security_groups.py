"""vpc: security groups and their policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from cvmimg.sandbox.services import answers, filters, instances, networks, resource_tags
from cvmimg.sandbox.services.networks import listing, policy_limits
from cvmimg.sandbox.state import documents, ids, timestamps
from cvmimg.sandbox.state.kinds import ApiObject, SecurityGroup
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

_MAX_POLICIES = 100
_DIRECTIONS = ("Ingress", "Egress")


@action("vpc", "DescribeSecurityGroups")
def describe_security_groups(call: Call) -> Answer:
    """List security groups."""
    kind = networks.SECURITY_GROUP
    return listing.answer(call, kind, "SecurityGroup", _FILTERS, _to_response)


@action("vpc", "CreateSecurityGroup", writes=True)
def create_security_group(call: Call) -> Answer:
    """Create a security group without policies."""
    group: SecurityGroup = {
        **documents.new(call, networks.SECURITY_GROUP, ids.new_id(call, "sg")),
        "Name": call.params["GroupName"],
        "Description": call.params["GroupDescription"],
        "Default": False,
        "Policies": {"Ingress": [], "Egress": []},
        "Version": 1,
        **resource_tags.on_creation(call, call.params.get("Tags", [])),
    }
    call.store.put(group)
    return {"SecurityGroup": _to_response(call, group)}


@action("vpc", "DeleteSecurityGroup", writes=True)
def delete_security_group(call: Call) -> None:
    """Delete a security group that no instance uses."""
    group = _require(call)
    listed = documents.listed(call, instances.KIND)
    if any(group["Id"] in instance["SecurityGroupIds"] for instance in listed):
        raise listing.in_use(group["Id"])
    call.store.delete(networks.SECURITY_GROUP, group["Id"])


@action("vpc", "CreateSecurityGroupPolicies", writes=True)
def create_security_group_policies(call: Call) -> None:
    """Add policies to a security group, of one direction at a time."""
    group = _require(call)
    given = call.params["SecurityGroupPolicySet"]
    direction = _one_direction(given)
    _refuse_other_version(group, given)
    added = [*given[direction], *group["Policies"][direction]]
    policies = {**group["Policies"], direction: added}
    _check(call, given[direction], policies)
    _put_policies(call, group, policies)


@action("vpc", "ModifySecurityGroupAttribute", writes=True)
def modify_security_group_attribute(call: Call) -> None:
    """Change the name or the description of a security group."""
    group = _require(call)
    members = {"GroupName": "Name", "GroupDescription": "Description"}
    call.store.put({**group, **documents.given(call, members)})


@action("vpc", "ModifySecurityGroupPolicies", writes=True)
def modify_security_group_policies(call: Call) -> None:
    """Replace all policies of a security group, whatever their version; "0" removes them."""
    group = _require(call)
    given = call.params["SecurityGroupPolicySet"]
    removes_all = given.get("Version") == "0"
    policies = {name: [] if removes_all else given.get(name) or [] for name in _DIRECTIONS}
    if not removes_all and not any(policies.values()):
        raise refusal("InvalidParameter", "security-groups.modify-security-group-policies")
    _check(call, chain.from_iterable(policies.values()), policies)
    _put_policies(call, group, policies)


@action("vpc", "DeleteSecurityGroupPolicies", writes=True)
def delete_security_group_policies(call: Call) -> None:
    """Delete policies of one direction, by index or by content."""
    group = _require(call)
    given = call.params["SecurityGroupPolicySet"]
    direction = _one_direction(given)
    _refuse_other_version(group, given)
    found = [
        _find_policy(group["Policies"][direction], wanted) for wanted in given.get(direction, [])
    ]
    kept = [p for index, p in enumerate(group["Policies"][direction]) if index not in found]
    _put_policies(call, group, {**group["Policies"], direction: kept})


@action("vpc", "DescribeSecurityGroupAssociationStatistics")
def describe_security_group_association_statistics(call: Call) -> Answer:
    """Count the instances that use security groups."""
    listed = documents.listed(call, instances.KIND)
    wanted = dict.fromkeys(call.params["SecurityGroupIds"])
    groups = [listing.find(call, networks.SECURITY_GROUP, each)["Id"] for each in wanted]
    used = {each: sum(each in i["SecurityGroupIds"] for i in listed) for each in groups}
    return {
        "SecurityGroupAssociationStatisticsSet": [
            {
                "SecurityGroupId": group,
                **dict.fromkeys(("CDB", "ENI", "SG", "CLB"), 0),
                "CVM": count,
                "TotalCount": count,
                "InstanceStatistics": [{"InstanceType": "CVM", "InstanceCount": count}],
            }
            for group, count in used.items()
        ]
    }


@action("vpc", "DescribeSecurityGroupPolicies")
def describe_security_group_policies(call: Call) -> Answer:
    """Return the policies of a security group."""
    group = listing.find(call, networks.SECURITY_GROUP, call.params["SecurityGroupId"])
    policies = {
        name: [
            _policy_to_response(group, index, policy)
            for index, policy in enumerate(group["Policies"][name])
        ]
        for name in _DIRECTIONS
    }
    return {"SecurityGroupPolicySet": {"Version": _version(group), **policies}}


def _require(call: Call) -> SecurityGroup:
    """Return the requested security group, which must not be the default one."""
    return listing.require(call, networks.SECURITY_GROUP, call.params["SecurityGroupId"])


def _one_direction(given: ApiObject) -> str:
    """Return "Ingress" or "Egress", whichever the request has."""
    found = [name for name in _DIRECTIONS if given.get(name)]
    if len(found) != 1:
        raise refusal("InvalidParameter", "security-groups.one-direction")
    return found[0]


def _version(group: SecurityGroup) -> str:
    return str(group["Version"])


def _refuse_other_version(group: SecurityGroup, given: ApiObject) -> None:
    if given.get("Version", _version(group)) != _version(group):
        raise refusal(
            "UnsupportedOperation.VersionMismatch", group=group["Id"], version=_version(group)
        )


def _check(call: Call, given: Iterable[ApiObject], policies: Mapping[str, Sequence[Any]]) -> None:
    """Refuse an invalid policy among the given ones, and a group with too many policies."""
    for policy in given:
        policy_limits.check(call, policy)
    if max(map(len, policies.values())) > _MAX_POLICIES:
        raise refusal("LimitExceeded.SecurityGroupPolicySet")


def _put_policies(call: Call, group: SecurityGroup, policies: ApiObject) -> None:
    call.store.put({**group, "Policies": policies, "Version": int(_version(group)) + 1})


def _find_policy(policies: Sequence[ApiObject], wanted: ApiObject) -> int:
    """Return the position of the policy with the wanted index or content."""
    for index, policy in enumerate(policies):
        content = {**answers.of("SecurityGroupPolicy"), **policy}
        same = all(content.get(name) == wanted[name] for name in _IDENTITY if name in wanted)
        if index == wanted.get("PolicyIndex", index if same else -1):
            return index
    raise refusal("ResourceNotFound", "security-groups.find-policy")


def _to_response(call: Call, group: SecurityGroup) -> Answer:
    created = timestamps.china(group["Created"])
    return {
        **answers.of("SecurityGroup", group),
        "CreatedTime": created,
        "UpdateTime": created,
        "TagSet": resource_tags.of(group, call.now),
    }


def _policy_to_response(group: SecurityGroup, index: int, policy: ApiObject) -> Answer:
    return {
        **answers.of("SecurityGroupPolicy"),
        **policy,
        "PolicyIndex": index,
        "ModifyTime": timestamps.china(group["Created"]),
    }


_IDENTITY = ("Protocol", "Port", "CidrBlock", "Ipv6CidrBlock", "SecurityGroupId", "Action")
"""The members that make two policies the same."""

_FILTERS: filters.Known = {
    "security-group-id": "Id",
    "security-group-name": "Name",
    "project-id": lambda _: ("0",),
}
