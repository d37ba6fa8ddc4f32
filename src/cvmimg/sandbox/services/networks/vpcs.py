"""vpc: VPCs, subnets and used addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from cvmimg.sandbox.services import answers, filters, networks, resource_tags
from cvmimg.sandbox.services.networks import listing
from cvmimg.sandbox.services.networks.listing import require
from cvmimg.sandbox.state import documents, ids, timestamps
from cvmimg.sandbox.state.kinds import Document, Subnet, Vpc
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog

_PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_VPC_MASKS, _SUBNET_MASKS = range(12, 29), range(12, 30)
_MAX_VPCS = 20


@action("vpc", "DescribeVpcs")
def describe_vpcs(call: Call) -> Answer:
    """List VPCs."""
    return listing.answer(call, networks.VPC, "Vpc", _VPC_FILTERS, _vpc_to_response)


@action("vpc", "CreateVpc", writes=True)
def create_vpc(call: Call) -> Answer:
    """Create a VPC."""
    if len(networks.all_of(call, networks.VPC)) >= _MAX_VPCS:
        raise refusal("LimitExceeded", "vpcs.limit")
    cidr = call.params.get("CidrBlock", "10.0.0.0/16")
    network = _network(cidr, _VPC_MASKS)
    if not any(_within(network, private) for private in _PRIVATE):
        raise refusal("InvalidParameterValue.Range", "vpcs.private", cidr=cidr)
    _refuse_malformed_servers(call)
    vpc: Vpc = {
        **documents.new(call, networks.VPC, ids.new_id(call, "vpc")),
        "Name": call.params["VpcName"],
        "Cidr": cidr,
        "Default": False,
        "DnsServers": call.params.get("DnsServers", []),
        "DomainName": call.params.get("DomainName", ""),
        **resource_tags.on_creation(call, call.params.get("Tags", [])),
    }
    call.store.put(vpc)
    return {"Vpc": _vpc_to_response(call, vpc)}


def _refuse_malformed_servers(call: Call) -> None:
    if not all(map(_is_address, call.params.get("DnsServers", []))):
        raise refusal("InvalidParameterValue.Malformed", "vpcs.dns")


@action("vpc", "DeleteVpc", writes=True)
def delete_vpc(call: Call) -> None:
    """Delete a VPC without subnets."""
    vpc = require(call, networks.VPC, call.params["VpcId"])
    if _subnets(call, vpc["Id"]):
        raise listing.in_use(vpc["Id"])
    call.store.delete(networks.VPC, vpc["Id"])


@action("vpc", "DescribeSubnets")
def describe_subnets(call: Call) -> Answer:
    """List subnets."""
    return listing.answer(call, networks.SUBNET, "Subnet", _SUBNET_FILTERS, _subnet_to_response)


@action("vpc", "CreateSubnet", writes=True)
def create_subnet(call: Call) -> Answer:
    """Create a subnet in a VPC and a zone."""
    vpc = listing.find(call, networks.VPC, call.params["VpcId"])
    if call.params["Zone"] not in [zone.id for zone in catalog.zones(call.region)]:
        raise refusal("InvalidParameterValue.UnavailableZone", zone=call.params["Zone"])
    cidr = str(call.params.get("CidrBlock", vpc["Cidr"]))
    network = _network(cidr, _SUBNET_MASKS)
    if not _within(network, ipaddress.ip_network(vpc["Cidr"])):
        raise refusal("InvalidParameterValue.SubnetRange", cidr=cidr, vpc_cidr=vpc["Cidr"])
    for other in _subnets(call, vpc["Id"]):
        if network.overlaps(ipaddress.ip_network(other["Cidr"])):
            raise refusal("InvalidParameterValue.SubnetConflict", cidr=cidr, other=other["Id"])
    subnet: Subnet = {
        **documents.new(call, networks.SUBNET, ids.new_id(call, "subnet")),
        "Parent": vpc["Id"],
        "Name": call.params["SubnetName"],
        "Zone": call.params["Zone"],
        "Cidr": cidr,
        "Default": False,
        **resource_tags.on_creation(call, call.params.get("Tags", [])),
    }
    call.store.put(subnet)
    return {"Subnet": _subnet_to_response(call, subnet)}


@action("vpc", "DeleteSubnet", writes=True)
def delete_subnet(call: Call) -> None:
    """Delete a subnet without instances."""
    subnet = require(call, networks.SUBNET, call.params["SubnetId"])
    if _addresses_in(call, subnet):
        raise listing.in_use(subnet["Id"])
    call.store.delete(networks.SUBNET, subnet["Id"])


@action("vpc", "ModifyVpcAttribute", writes=True)
def modify_vpc_attribute(call: Call) -> None:
    """Change the name, DNS servers or domain of a VPC."""
    vpc = require(call, networks.VPC, call.params["VpcId"])
    _refuse_malformed_servers(call)
    members = {"VpcName": "Name", "DnsServers": "DnsServers", "DomainName": "DomainName"}
    call.store.put({**vpc, **documents.given(call, members)})


@action("vpc", "ModifySubnetAttribute", writes=True)
def modify_subnet_attribute(call: Call) -> None:
    """Change the name of a subnet."""
    subnet = require(call, networks.SUBNET, call.params["SubnetId"])
    call.store.put({**subnet, **documents.given(call, {"SubnetName": "Name"})})


@action("vpc", "DescribeUsedIpAddress")
def describe_used_ip_address(call: Call) -> Answer:
    """List the addresses of a VPC that instances use."""
    params = call.params
    vpc = listing.find(call, networks.VPC, params["VpcId"])
    used = [
        {
            "VpcId": vpc["Id"],
            "SubnetId": instance["VirtualPrivateCloud"]["SubnetId"],
            "IpAddress": address,
            "ResourceType": "CVM",
            "ResourceId": instance["Id"],
        }
        for address, instance in networks.used_addresses(call, vpc["Id"]).items()
    ]
    wanted_subnet, wanted = params.get("SubnetId"), params.get("IpAddresses")
    found = [
        each
        for each in used
        if (not wanted_subnet or each["SubnetId"] == wanted_subnet)
        and (not wanted or each["IpAddress"] in wanted)
    ]
    return {"TotalCount": len(found), "IpAddressStates": filters.page(call, found)}


def _subnets(call: Call, vpc: str) -> list[Subnet]:
    return [each for each in networks.all_of(call, networks.SUBNET) if each["Parent"] == vpc]


def _addresses_in(call: Call, subnet: Subnet) -> list[str]:
    used = networks.used_addresses(call, subnet["Parent"])
    return [
        address
        for address, instance in used.items()
        if instance["VirtualPrivateCloud"]["SubnetId"] == subnet["Id"]
    ]


def _network(cidr: str, masks: Sequence[int]) -> ipaddress.IPv4Network:
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        raise refusal("InvalidParameterValue.Malformed", "vpcs.cidr", cidr=cidr) from error
    if network.prefixlen not in masks:
        raise refusal("InvalidParameterValue.Range", "vpcs.mask", cidr=cidr)
    return network


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _within(network: ipaddress.IPv4Network, other: Any) -> bool:
    return bool(network.subnet_of(other))


def _vpc_to_response(call: Call, vpc: Vpc) -> Answer:
    return {
        **answers.of("Vpc", vpc),
        "CreatedTime": timestamps.china(vpc["Created"]),
        "TagSet": resource_tags.of(vpc, call.now),
        "DnsServerSet": vpc["DnsServers"] or ["183.60.83.19", "183.60.82.98"],
        "DomainName": vpc.get("DomainName", ""),
    }


def _subnet_to_response(call: Call, subnet: Subnet) -> Answer:
    total = ipaddress.ip_network(subnet["Cidr"]).num_addresses - 3
    return {
        **answers.of("Subnet", subnet),
        "RouteTableId": ids.id_of("rtb", subnet["Parent"]),
        "CreatedTime": timestamps.china(subnet["Created"]),
        "AvailableIpAddressCount": total - len(_addresses_in(call, subnet)),
        "TotalIpAddressCount": total,
        "TagSet": resource_tags.of(subnet, call.now),
    }


def _is_default(document: Document) -> tuple[str]:
    return ("true" if document["Default"] else "false",)


_VPC_FILTERS: filters.Known = {
    "vpc-id": "Id",
    "vpc-name": "Name",
    "is-default": _is_default,
    "cidr-block": "Cidr",
}
_SUBNET_FILTERS: filters.Known = {
    "subnet-id": "Id",
    "subnet-name": "Name",
    "vpc-id": "Parent",
    "cidr-block": "Cidr",
    "is-default": _is_default,
    "zone": "Zone",
}
