"""VPCs, subnets, security groups and key pairs."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from cvmimg.sandbox.services import instances
from cvmimg.sandbox.state import ids
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import ApiError
from cvmimg.sandbox.world import catalog, regions

_DEFAULT = "DEFAULT"
_RESERVED = 4
"""Addresses at the start of a subnet that instances do not get."""


@dataclass(frozen=True)
class Subnet:
    """A subnet of a VPC."""

    id: str
    vpc: str
    zone: str
    cidr: str


@dataclass(frozen=True)
class DefaultNetwork:
    """The default resources of an account in a region: a VPC with a subnet in each zone."""

    subnets: Mapping[str, Subnet]
    security_group: str
    key_pair: str

    def in_zone(self, zone: str) -> Subnet:
        """Return the subnet of a zone.

        Raises:
            ValueError: the zone is not in the region.
        """
        for found in self.subnets.values():
            if found.zone == zone:
                return found
        raise ValueError(f"{zone} is not a zone of the region")


@cache
def of(account: str, region: str) -> DefaultNetwork:
    """Return the default network of ``account`` in ``region``."""
    vpc = ids.id_of("vpc", account, region)
    index = regions.IDS.index(region)
    subnets = (
        Subnet(
            ids.id_of("subnet", account, zone.id),
            vpc,
            zone.id,
            f"10.{index}.{number * 16}.0/20",
        )
        for number, zone in enumerate(catalog.zones(region))
    )
    return DefaultNetwork(
        {subnet.id: subnet for subnet in subnets},
        ids.id_of("sg", account, region),
        ids.id_of("skey", account, region),
    )


def subnet(call: Call, requested: Mapping[str, Any] | None, zone: str) -> Subnet:
    """Return the requested subnet, or the default one of the zone.

    Raises:
        ApiError: the VPC or subnet does not exist, or they do not match.
    """
    network = of(call.account, call.region)
    default = network.in_zone(zone)
    vpc_id = (requested or {}).get("VpcId", _DEFAULT)
    subnet_id = (requested or {}).get("SubnetId", _DEFAULT)
    if _DEFAULT in (vpc_id, subnet_id):
        return default
    _check_pattern(vpc_id, ids.VPC, "VpcIdMalformed")
    _check_pattern(subnet_id, ids.SUBNET, "SubnetIdMalformed")
    if vpc_id != default.vpc:
        raise _invalid("VpcIdNotExist", f"The VPC `{vpc_id}` does not exist.")
    found = network.subnets.get(subnet_id)
    if found is None:
        raise _invalid("SubnetNotExist", f"The subnet `{subnet_id}` does not exist.")
    if found.zone != zone:
        raise _invalid("SubnetIdZoneIdNotMatch", f"`{subnet_id}` is not in the zone {zone}.")
    return found


def security_groups(call: Call, requested_ids: Sequence[str]) -> list[str]:
    """Return the requested security groups, or the default one.

    Raises:
        ApiError: InvalidSecurityGroupId.NotFound.
    """
    own = of(call.account, call.region).security_group
    for identifier in requested_ids:
        if identifier != own:
            raise ApiError(
                "InvalidSecurityGroupId.NotFound",
                f"The security group `{identifier}` does not exist.",
                f"安全组 `{identifier}` 不存在。",
            )
    return [own]


def addresses(call: Call, place: Subnet, requested_ids: Sequence[str], count: int) -> list[str]:
    """Return the requested private addresses in a subnet, or free ones.

    Raises:
        ApiError: they are too few, not in the subnet or in use.
    """
    network = ipaddress.ip_network(place.cidr)
    taken = {
        address
        for instance in call.store.page(instances.KIND, call.account, call.region, call.now)
        for address in instance["PrivateIpAddresses"]
    }
    if requested_ids:
        return _given_addresses(requested_ids, network, taken, count)
    hosts = (str(network[number]) for number in range(_RESERVED, network.num_addresses - 1))
    free = [address for _, address in zip(range(count + len(taken)), hosts, strict=False)]
    found = [address for address in free if address not in taken][:count]
    if len(found) < count:
        raise ApiError(
            "FailedOperation.NoAvailableIpAddressCountInSubnet",
            f"The subnet `{place.id}` has not enough free addresses.",
            f"子网 `{place.id}` 可用 IP 数量不足。",
        )
    return found


def _given_addresses(
    requested_ids: Sequence[str],
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
    taken: set[str],
    count: int,
) -> list[str]:
    if len(requested_ids) != count:
        raise _invalid(
            "Range", "The number of private addresses must equal the number of instances."
        )
    for address in requested_ids:
        try:
            inside = ipaddress.ip_address(address) in network
        except ValueError as error:
            raise _invalid("IPAddressMalformed", f"`{address}` is not an IP address.") from error
        if not inside:
            raise ApiError(
                "VpcAddrNotInSubNet", f"`{address}` is not in the subnet.", "IP 不在子网网段内。"
            )
        if address in taken:
            raise ApiError("VpcIpIsUsed", f"`{address}` is in use.", f"IP `{address}` 已被占用。")
    return list(requested_ids)


def _check_pattern(text: str, pattern: str, code: str) -> None:
    if not re.fullmatch(pattern, text):
        raise _invalid(code, f"`{text}` is malformed.")


def _invalid(code: str, message: str) -> ApiError:
    return ApiError(f"InvalidParameterValue.{code}", message)
