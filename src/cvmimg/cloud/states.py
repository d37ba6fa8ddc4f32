"""The states of images, instances and snapshots, and which of them can still become which."""

from __future__ import annotations

from enum import Enum
from typing import Literal

PowerState = Literal["RUNNING", "STOPPED"]
"""The two states in which an instance stays until somebody changes it."""

IMAGE_READY = "NORMAL"
IMAGE_IN_PROGRESS = ("CREATING", "SYNCING", "IMPORTING")
"""An image in one of these becomes NORMAL, or ends in a state whose name ends with FAILED."""

INSTANCE_IN_TRANSITION = (
    "PENDING",
    "STARTING",
    "STOPPING",
    "REBOOTING",
    "ENTER_RESCUE_MODE",
    "EXIT_RESCUE_MODE",
    "ENTER_SERVICE_LIVE_MIGRATE",
    "SERVICE_LIVE_MIGRATE",
    "EXIT_SERVICE_LIVE_MIGRATE",
)
"""An instance leaves these by itself."""
INSTANCE_ENDED = ("LAUNCH_FAILED", "SHUTDOWN", "TERMINATING", "TERMINATED")
"""An instance in one of these never runs again."""
_INSTANCE_STEADY = ("RUNNING", "STOPPED", "RESCUE_MODE")

SNAPSHOT_READY = "NORMAL"
SNAPSHOT_IN_PROGRESS = ("CREATING", "COPYING_FROM_REMOTE", "CHECKING_COPIED", "ROLLBACKING")
SNAPSHOT_GONE = ("TORECYCLE",)
"""A deleted snapshot that waits in the recycle bin."""


class Phase(Enum):
    """What a state means for whoever waits for another one."""

    MOVING = "the wanted state can still be reached"
    DONE = "this is the wanted state"
    FAILED = "the wanted state can no longer be reached"
    UNKNOWN = "not a known state: the wanted one may still be reached"


def image_phase(state: str) -> Phase:
    """Classify the state of an image that is to become NORMAL."""
    if state == IMAGE_READY:
        return Phase.DONE
    if state.endswith("FAILED"):
        return Phase.FAILED
    return Phase.MOVING if state in IMAGE_IN_PROGRESS else Phase.UNKNOWN


def instance_phase(state: str, goal: PowerState) -> Phase:
    """Classify the state of an instance that is to become ``goal``."""
    if state == goal:
        return Phase.DONE
    if state in INSTANCE_ENDED:
        return Phase.FAILED
    known = state in INSTANCE_IN_TRANSITION or state in _INSTANCE_STEADY
    return Phase.MOVING if known else Phase.UNKNOWN


def snapshot_phase(state: str) -> Phase:
    """Classify the state of a snapshot that is to become NORMAL."""
    if state == SNAPSHOT_READY:
        return Phase.DONE
    if state in SNAPSHOT_GONE:
        return Phase.FAILED
    return Phase.MOVING if state in SNAPSHOT_IN_PROGRESS else Phase.UNKNOWN
