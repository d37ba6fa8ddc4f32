"""Networks, security groups and keys: what new instances are put into and opened with."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cvmimg.sandbox import documents, instances
from cvmimg.sandbox.call import ApiError, Call
from cvmimg.sandbox.store import Document

VPC, SUBNET, SECURITY_GROUP, KEY_PAIR = "vpc", "subnet", "security-group", "key-pair"

_DEFAULT = "DEFAULT"
_RESERVED = 4
"""Addresses at the start of a subnet that are not given to instances."""


def subnet(call: Call, told: Mapping[str, Any] | None, zone: str) -> Document:
    """The subnet that is asked for; else the default one of the zone.

    Raises:
        ApiError: the network or the subnet does not exist, or they do not belong together.
    """
    vpc_id = (told or {}).get("VpcId", _DEFAULT)
    subnet_id = (told or {}).get("SubnetId", _DEFAULT)
    if _DEFAULT in (vpc_id, subnet_id):
        return _default_subnet(call, zone)
    _check_form(vpc_id, r"vpc-[a-z0-9]{8}", "VpcIdMalformed")
    _check_form(subnet_id, r"subnet-[a-z0-9]{8}", "SubnetIdMalformed")
    if documents.own(call, VPC, vpc_id) is None:
        raise _invalid("VpcIdNotExist", f"The network `{vpc_id}` does not exist.")
    found = documents.own(call, SUBNET, subnet_id)
    if found is None:
        raise _invalid("SubnetNotExist", f"The subnet `{subnet_id}` does not exist.")
    if found["Parent"] != vpc_id:
        raise _invalid("VpcIdSubnetIdNotMatch", f"`{subnet_id}` is not a subnet of `{vpc_id}`.")
    if found["Zone"] != zone:
        raise _invalid("SubnetIdZoneIdNotMatch", f"`{subnet_id}` is not in the zone {zone}.")
    return found


def security_groups(call: Call, wanted: Sequence[str]) -> list[str]:
    """The security groups asked for; else the default one.

    Raises:
        ApiError: InvalidSecurityGroupId.NotFound.
    """
    for identifier in wanted:
        if documents.own(call, SECURITY_GROUP, identifier) is None:
            raise ApiError(
                "InvalidSecurityGroupId.NotFound",
                f"The security group `{identifier}` does not exist.",
                f"安全组 `{identifier}` 不存在。",
            )
    if wanted:
        return list(wanted)
    return [group["Id"] for group in call.store.every(SECURITY_GROUP, call.account, call.region)][
        :1
    ]


def check_keys(call: Call, wanted: Sequence[str]) -> None:
    """Refuse keys that do not exist.

    Raises:
        ApiError: InvalidKeyPairId.Malformed, or InvalidParameterValue.KeyPairNotFound.
    """
    for identifier in wanted:
        if not re.fullmatch(r"skey-[a-z0-9]{8}", identifier):
            raise ApiError(
                "InvalidKeyPairId.Malformed",
                f"`{identifier}` is not the id of a key pair.",
                f"密钥 ID `{identifier}` 格式不合法。",
            )
        if documents.own(call, KEY_PAIR, identifier) is None:
            raise _invalid("KeyPairNotFound", f"The key pair `{identifier}` does not exist.")


def addresses(call: Call, place: Document, wanted: Sequence[str], count: int) -> list[str]:
    """Private addresses in a subnet: those asked for, or the next free ones.

    Raises:
        ApiError: they are not as many, not in the subnet, taken, or used up.
    """
    network = ipaddress.ip_network(place["Cidr"])
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
            f"The subnet `{place['Id']}` has not as many free addresses.",
            f"子网 `{place['Id']}` 可用 IP 数量不足。",
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


def _default_subnet(call: Call, zone: str) -> Document:
    for found in call.store.every(SUBNET, call.account, call.region):
        if found["Zone"] == zone:
            return found
    raise _invalid("SubnetNotExist", f"There is no default subnet in {zone}.")


def _check_form(text: str, form: str, code: str) -> None:
    if not re.fullmatch(form, text):
        raise _invalid(code, f"`{text}` is malformed.")


def _invalid(code: str, message: str) -> ApiError:
    return ApiError(f"InvalidParameterValue.{code}", message)
