"""Why a guest could not be reached."""

from __future__ import annotations

from enum import Enum
from typing import Any

from cvmimg.errors import Unreachable
from cvmimg.message import Message


class Reason(str, Enum):
    """Why a script could not be run in a guest."""

    STOPPED = "stopped"
    AGENT_OFFLINE = "agent-offline"
    AGENT_MISSING = "agent-missing"
    NOT_IN_VPC = "not-in-vpc"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    GARBLED = "garbled"
    COPY = "copy"


class GuestUnreachable(Unreachable):
    """A script could not be run in the guest, or its output did not arrive.

    Attributes:
        reason: which case it is.
    """

    def __init__(self, message: Message, reason: Reason, **details: Any) -> None:
        super().__init__(message, **details)
        self.reason = reason
