"""Resource ids: their patterns, and how new ones are made."""

from __future__ import annotations

import hashlib
import string
from typing import Any

from cvmimg.sandbox.wire.call import Call

INSTANCE = r"ins-[a-z0-9]{8,16}"
IMAGE = r"img-[a-z0-9]{8,16}"
SNAPSHOT = r"snap-[a-z0-9]{8,16}"
LAUNCH_TEMPLATE = r"lt-[a-z0-9]{8,16}"
LAUNCH_CONFIGURATION = r"asc-[a-z0-9]{8}"
SCALING_GROUP = r"asg-[a-z0-9]{8}"
SCALING_ACTIVITY = r"asa-[a-z0-9]{8}"
VPC = r"vpc-[a-z0-9]{8}"
SUBNET = r"subnet-[a-z0-9]{8}"
SECURITY_GROUP = r"sg-[a-z0-9]{8}"
KEY_PAIR = r"skey-[a-z0-9]{8}"
COMMAND = r"cmd-[a-z0-9]{8}"
AGENT_INSTANCE = r"(?:ins|lhins|rins)-[a-z0-9]{8}"
"""Instance ids in tat."""

_ALPHABET = string.digits + string.ascii_lowercase
_LENGTH = 8


def id_of(prefix: str, *place: Any) -> str:
    """Return an id such as "img-0yc6rie8"; the same arguments give the same id."""
    seed = "/".join(map(str, (prefix, *place)))
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big")
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return f"{prefix}-{''.join(digits)}"


def new_id(call: Call, prefix: str, *place: Any) -> str:
    """Return an id for a resource that ``call`` creates; ``place`` makes several differ."""
    return id_of(prefix, call.request_id, *place)
