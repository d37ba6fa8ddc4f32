"""Networks, security groups and keys: what new instances are put into and opened with."""

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
"""Addresses at the start of a subnet that are not given to instances."""


@dataclass(frozen=True)
class Subnet:
    """A subnet of a network: ``cidr`` is its range of addresses."""

    id: str
    vpc: str
    zone: str
    cidr: str


@dataclass(frozen=True)
class Surroundings:
    """What an account finds in a region from the first: a network with a subnet in each zone."""

    subnets: Mapping[str, Subnet]
    security_group: str
    key_pair: str

    def in_zone(self, zone: str) -> Subnet:
        """The subnet of a zone.

        Raises:
            ValueError: the zone is not one of the region.
        """
        for found in self.subnets.values():
            if found.zone == zone:
                return found
        raise ValueError(f"{zone} is not a zone of the region")


@cache
def of(account: str, region: str) -> Surroundings:
    """What ``account`` finds in ``region``; always the same."""
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
    return Surroundings(
        {subnet.id: subnet for subnet in subnets},
        ids.id_of("sg", account, region),
        ids.id_of("skey", account, region),
    )


def subnet(call: Call, told: Mapping[str, Any] | None, zone: str) -> Subnet:
    """The subnet that is asked for; else the default one of the zone.

    Raises:
        ApiError: the network or the subnet does not exist, or they do not belong together.
    """
    there = of(call.account, call.region)
    default = there.in_zone(zone)
    vpc_id = (told or {}).get("VpcId", _DEFAULT)
    subnet_id = (told or {}).get("SubnetId", _DEFAULT)
    if _DEFAULT in (vpc_id, subnet_id):
        return default
    _check_form(vpc_id, ids.VPC, "VpcIdMalformed")
    _check_form(subnet_id, ids.SUBNET, "SubnetIdMalformed")
    if vpc_id != default.vpc:
        raise _invalid("VpcIdNotExist", f"The network `{vpc_id}` does not exist.")
    found = there.subnets.get(subnet_id)
    if found is None:
        raise _invalid("SubnetNotExist", f"The subnet `{subnet_id}` does not exist.")
    if found.zone != zone:
        raise _invalid("SubnetIdZoneIdNotMatch", f"`{subnet_id}` is not in the zone {zone}.")
    return found


def security_groups(call: Call, wanted: Sequence[str]) -> list[str]:
    """The security groups asked for; else the default one.

    Raises:
        ApiError: InvalidSecurityGroupId.NotFound.
    """
    own = of(call.account, call.region).security_group
    for identifier in wanted:
        if identifier != own:
            raise ApiError(
                "InvalidSecurityGroupId.NotFound",
                f"The security group `{identifier}` does not exist.",
                f"安全组 `{identifier}` 不存在。",
            )
    return [own]


def check_keys(call: Call, wanted: Sequence[str]) -> None:
    """Refuse keys that do not exist.

    Raises:
        ApiError: InvalidKeyPairId.Malformed, or InvalidParameterValue.KeyPairNotFound.
    """
    for identifier in wanted:
        if not re.fullmatch(ids.KEY_PAIR, identifier):
            raise ApiError(
                "InvalidKeyPairId.Malformed",
                f"`{identifier}` is not the id of a key pair.",
                f"密钥 ID `{identifier}` 格式不合法。",
            )
        if identifier != of(call.account, call.region).key_pair:
            raise _invalid("KeyPairNotFound", f"The key pair `{identifier}` does not exist.")


def addresses(call: Call, place: Subnet, wanted: Sequence[str], count: int) -> list[str]:
    """Private addresses in a subnet: those asked for, or the next free ones.

    Raises:
        ApiError: they are not as many, not in the subnet, taken, or used up.
    """
    network = ipaddress.ip_network(place.cidr)
    taken = {
        address
        for instance in call.store.page(instances.KIND, call.account, call.region, call.now)
        for address in instance["PrivateIpAddresses"]
    }
    if wanted:
        return _given_addresses(wanted, network, taken, count)
    hosts = (str(network[number]) for number in range(_RESERVED, network.num_addresses - 1))
    free = [address for _, address in zip(range(count + len(taken)), hosts, strict=False)]
    found = [address for address in free if address not in taken][:count]
    if len(found) < count:
        raise ApiError(
            "FailedOperation.NoAvailableIpAddressCountInSubnet",
            f"The subnet `{place.id}` has not as many free addresses.",
            f"子网 `{place.id}` 可用 IP 数量不足。",
        )
    return found


def _given_addresses(
    wanted: Sequence[str],
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
    taken: set[str],
    count: int,
) -> list[str]:
    if len(wanted) != count:
        raise _invalid("Range", "There must be as many private addresses as instances.")
    for address in wanted:
        try:
            inside = ipaddress.ip_address(address) in network
        except ValueError as error:
            raise _invalid("IPAddressMalformed", f"`{address}` is not an address.") from error
        if not inside:
            raise ApiError(
                "VpcAddrNotInSubNet", f"`{address}` is not in the subnet.", "IP 不在子网网段内。"
            )
        if address in taken:
            raise ApiError("VpcIpIsUsed", f"`{address}` is taken.", f"IP `{address}` 已被占用。")
    return list(wanted)


def _check_form(text: str, form: str, code: str) -> None:
    if not re.fullmatch(form, text):
        raise _invalid(code, f"`{text}` is malformed.")


def _invalid(code: str, message: str) -> ApiError:
    return ApiError(f"InvalidParameterValue.{code}", message)
