"""VPCs, subnets and security groups.

In each region, each account has a default VPC with a subnet in each zone, and a default security
group. These are not stored: they follow from the account and the region.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from cvmimg.sandbox.services import instances
from cvmimg.sandbox.state import documents, ids, kinds, timestamps
from cvmimg.sandbox.state.kinds import ApiObject, D, Document, Instance, Kind, Subnet
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog, regions

VPC, SUBNET, SECURITY_GROUP = kinds.VPC, kinds.SUBNET, kinds.SECURITY_GROUP

_DEFAULT = "DEFAULT"
_CREATED = timestamps.seconds("2024-01-01T00:00:00Z")
"""When the default resources were created."""
_RESERVED = 4
"""Addresses at the start of a subnet that instances do not get."""

_PATTERNS = {VPC: ids.VPC, SUBNET: ids.SUBNET, SECURITY_GROUP: ids.SECURITY_GROUP}


@cache
def defaults(account: str, region: str) -> Mapping[str, tuple[Any, ...]]:
    """Return the default resources of ``account`` in ``region``, by kind."""
    index = regions.IDS.index(region)
    vpc = ids.id_of("vpc", account, region)

    def document(kind: str, identifier: str, **fields: Any) -> Document:
        made = kinds.base(kind, identifier, account, region, _CREATED)
        return {**made, "Default": True, "Tags": [], **fields}

    subnets = tuple(
        document(
            SUBNET,
            ids.id_of("subnet", account, zone.id),
            Parent=vpc,
            Name=f"Default-Subnet-{number}",
            Zone=zone.id,
            Cidr=f"10.{index}.{number * 16}.0/20",
        )
        for number, zone in enumerate(catalog.zones(region))
    )
    group = document(
        SECURITY_GROUP,
        ids.id_of("sg", account, region),
        Name="default",
        Description="System created security group",
        Policies={"Ingress": [], "Egress": []},
        Version=1,
    )
    return {
        VPC: (document(VPC, vpc, Name="Default-VPC", Cidr=f"10.{index}.0.0/16", DnsServers=[]),),
        SUBNET: subnets,
        SECURITY_GROUP: (group,),
    }


def default_subnet(account: str, region: str, zone: str) -> Subnet:
    """Return the default subnet of a zone.

    Raises:
        ValueError: the zone is not in the region.
    """
    subnets: tuple[Subnet, ...] = defaults(account, region)[SUBNET]
    for subnet in subnets:
        if subnet["Zone"] == zone:
            return subnet
    raise ValueError(f"{zone} is not a zone of the region")


def default_security_group(account: str, region: str) -> str:
    """Return the id of the default security group."""
    return str(defaults(account, region)[SECURITY_GROUP][0]["Id"])


def default_key_pair(account: str, region: str) -> str:
    """Return the id of the default key pair."""
    return ids.id_of("skey", account, region)


def all_of(call: Call, kind: Kind[D]) -> list[D]:
    """Return the caller's resources of a kind: the created ones first."""
    stored = documents.listed(call, kind)
    return [*stored, *defaults(call.account, call.region)[kind]]


def find(call: Call, kind: Kind[D], identifier: str) -> D | None:
    """Return the caller's resource of that kind and id, or None."""
    preset: tuple[D, ...] = defaults(call.account, call.region)[kind]
    for each in preset:
        if each["Id"] == identifier:
            return each
    return documents.own(call, kind, identifier)


def subnet_for_launch(call: Call, requested: ApiObject | None, zone: str) -> Subnet:
    """Return the requested subnet, or the default one of the zone.

    Raises:
        ApiError: the VPC or subnet does not exist, or they do not match.
    """
    vpc_id = (requested or {}).get("VpcId", _DEFAULT)
    subnet_id = (requested or {}).get("SubnetId", _DEFAULT)
    if _DEFAULT in (vpc_id, subnet_id):
        return default_subnet(call.account, call.region, zone)
    _check_pattern(VPC, vpc_id, "VpcIdMalformed")
    _check_pattern(SUBNET, subnet_id, "SubnetIdMalformed")
    if find(call, VPC, vpc_id) is None:
        raise refusal("InvalidParameterValue.VpcIdNotExist", vpc=vpc_id)
    found = find(call, SUBNET, subnet_id)
    if found is None:
        raise refusal("InvalidParameterValue.SubnetNotExist", subnet=subnet_id)
    if found["Parent"] != vpc_id:
        raise refusal("InvalidParameterValue.VpcIdSubnetIdNotMatch", subnet=subnet_id, vpc=vpc_id)
    if found["Zone"] != zone:
        raise refusal("InvalidParameterValue.SubnetIdZoneIdNotMatch", subnet=subnet_id, zone=zone)
    return found


def security_groups_for_launch(call: Call, requested: Sequence[str]) -> list[str]:
    """Return the requested security groups, or the default one.

    Raises:
        ApiError: InvalidSecurityGroupId.NotFound.
    """
    for identifier in requested:
        if find(call, SECURITY_GROUP, identifier) is None:
            raise refusal("InvalidSecurityGroupId.NotFound", id=identifier)
    return list(requested) or [default_security_group(call.account, call.region)]


def used_addresses(call: Call, vpc: str) -> dict[str, Instance]:
    """Return the private addresses in use in a VPC, with their instances."""
    return {
        address: instance
        for instance in documents.listed(call, instances.KIND)
        if instance["VirtualPrivateCloud"]["VpcId"] == vpc
        for address in instance["PrivateIpAddresses"]
    }


def addresses(call: Call, subnet: Subnet, requested: Sequence[str], count: int) -> list[str]:
    """Return the requested private addresses in a subnet, or free ones.

    Raises:
        ApiError: they are too few, not in the subnet or in use.
    """
    network = ipaddress.ip_network(subnet["Cidr"])
    taken = set(used_addresses(call, subnet["Parent"]))
    if requested:
        return _requested_addresses(requested, network, taken, count)
    hosts = (str(network[number]) for number in range(_RESERVED, network.num_addresses - 1))
    candidates = [address for _, address in zip(range(count + len(taken)), hosts, strict=False)]
    found = [address for address in candidates if address not in taken][:count]
    if len(found) < count:
        raise refusal("FailedOperation.NoAvailableIpAddressCountInSubnet", subnet=subnet["Id"])
    return found


def _requested_addresses(
    requested: Sequence[str],
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
    taken: set[str],
    count: int,
) -> list[str]:
    if len(requested) != count:
        raise refusal("InvalidParameterValue.Range", "networks.addresses")
    for address in requested:
        try:
            inside = ipaddress.ip_address(address) in network
        except ValueError as error:
            raise refusal("InvalidParameterValue.IPAddressMalformed", address=address) from error
        if not inside:
            raise refusal("VpcAddrNotInSubNet", address=address)
        if address in taken:
            raise refusal("VpcIpIsUsed", address=address)
    return list(requested)


def _check_pattern(kind: str, identifier: str, code: str) -> None:
    if not re.fullmatch(_PATTERNS[kind], identifier):
        raise refusal(f"InvalidParameterValue.{code}", "networks.malformed", id=identifier)
