"""The limits of a policy of a security group, as the description of its actions states them."""

from __future__ import annotations

import ipaddress
import re

from cvmimg.sandbox.services import networks
from cvmimg.sandbox.services.networks import listing
from cvmimg.sandbox.state.kinds import ApiObject
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import refusal

_PROTOCOLS = frozenset({"TCP", "UDP", "ICMP", "ICMPV6", "GRE", "ALL"})
_WITH_PORTS = frozenset({"TCP", "UDP"})
_ACTIONS = frozenset({"ACCEPT", "DROP"})
_PEERS = ("CidrBlock", "Ipv6CidrBlock", "SecurityGroupId", "AddressTemplate")
"""Members of which a policy has only one."""
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)
_LAST_PORT = 65535


def check(call: Call, policy: ApiObject) -> None:
    """Refuse an invalid policy.

    Raises:
        ApiError: with the code of the limit that it violates.
    """
    protocol = policy.get("Protocol", "ALL").upper()
    _check_word("Protocol", protocol, _PROTOCOLS)
    _check_word("Action", policy.get("Action", "ACCEPT").upper(), _ACTIONS)
    _check_port(protocol, policy.get("Port") or "ALL")
    given = [name for name in _PEERS if policy.get(name)]
    if len(given) > 1:
        raise refusal("InvalidParameter.Coexist", "policies.peers", names=" and ".join(given))
    _check_block(policy.get("CidrBlock"), ipaddress.IPv4Network)
    _check_block(policy.get("Ipv6CidrBlock"), ipaddress.IPv6Network)
    if policy.get("SecurityGroupId"):
        listing.find(call, networks.SECURITY_GROUP, policy["SecurityGroupId"])


def _check_word(name: str, word: str, allowed: frozenset[str]) -> None:
    if word not in allowed:
        raise refusal("InvalidParameterValue", "policies.word", name=name, word=word)


def _check_port(protocol: str, text: str) -> None:
    """Refuse anything but ALL, and for TCP and UDP numbers and ranges, separated by commas."""
    if text.upper() == "ALL":
        return
    found = [_PORTS.fullmatch(each) for each in text.split(",")]
    if protocol not in _WITH_PORTS or not all(found):
        raise refusal("InvalidParameterValue.Malformed", "policies.port", port=text)
    for each in filter(None, found):
        first = int(each[1])
        if not first <= int(each[2] or first) <= _LAST_PORT:
            raise refusal("InvalidParameterValue.Range", "policies.port", port=text)


def _check_block(
    text: str | None, form: type[ipaddress.IPv4Network] | type[ipaddress.IPv6Network]
) -> None:
    try:
        form(text or 0, strict=False)
    except ValueError as error:
        raise refusal("InvalidParameterValue.Malformed", "vpcs.cidr", cidr=text) from error
