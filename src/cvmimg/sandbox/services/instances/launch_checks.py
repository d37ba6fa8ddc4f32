"""Checks of RunInstances beyond those of InquiryPriceRunInstances."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence

from cvmimg.sandbox.services import resource_tags
from cvmimg.sandbox.services.instances import names
from cvmimg.sandbox.services.instances.launch_request import LaunchRequest
from cvmimg.sandbox.state import timestamps
from cvmimg.sandbox.state.kinds import ApiObject
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import refusal

_MAX_USER_DATA = 16 * 1024
_NOT_SIMULATED = ("DedicatedClusterId", "ChcIds", "NetworkInterfaces")
_MIN_TIMER_SECONDS = 300


def check(call: Call, request: LaunchRequest) -> None:
    """Refuse invalid parameters, and parameters that are not simulated.

    Raises:
        ApiError: with the code of RunInstances.
    """
    for name in _NOT_SIMULATED:
        if name in request.params:
            raise refusal("UnsupportedOperation", "launch-checks.check", name=name)
    if request.params.get("DisasterRecoverGroupIds"):
        raise refusal("FailedOperation.DisasterRecoverGroupNotFound")
    if request.params.get("HpcClusterId"):
        raise refusal("ResourceNotFound.HpcCluster")
    _check_timer(call, request.params.get("ActionTimer"))
    check_user_data(request.params.get("UserData", ""))
    windows = request.image["Platform"] == "Windows"
    check_host_name(request.params.get("HostName", ""), windows=windows, count=request.count)
    _check_tags(request.params.get("TagSpecification", []))
    resource_tags.check_specification(call, request.params)


def _check_timer(call: Call, timer: ApiObject | None) -> None:
    if timer is None:
        return
    try:
        moment = timestamps.seconds(timer["ActionTime"])
    except (KeyError, ValueError) as error:
        raise refusal(
            "InvalidParameterValue.InvalidTimeFormat", "launch-checks.timer-form"
        ) from error
    known_action = timer.get("TimerAction") == "TerminateInstances"
    if not known_action or moment < call.now + _MIN_TIMER_SECONDS:
        raise refusal("InvalidParameterValue", "launch-checks.timer-action")


def check_user_data(user_data: str) -> None:
    """Refuse malformed or long user data.

    Raises:
        ApiError: InvalidParameterValue.InvalidUserDataFormat or .TooLarge.
    """
    try:
        size = len(base64.b64decode(user_data, validate=True))
    except (binascii.Error, ValueError) as error:
        raise refusal("InvalidParameterValue.InvalidUserDataFormat") from error
    if size > _MAX_USER_DATA:
        raise refusal("InvalidParameterValue.TooLarge")


def check_host_name(pattern: str, *, windows: bool, count: int = 1) -> None:
    """Refuse an invalid host name, or a pattern of such names.

    Raises:
        ApiError: InvalidParameterValue.IllegalHostName.
    """
    if not pattern:
        return
    segment = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    form = segment if windows else rf"{segment}(\.{segment})*"
    for name in names.numbered(pattern, count, ["10.0.0.1"] * count):
        fits = re.fullmatch(form, name) and "--" not in name
        long_enough = 2 <= len(name) <= (15 if windows else 60)
        if not fits or not long_enough or (windows and name.isdigit()):
            raise refusal("InvalidParameterValue.IllegalHostName", name=name)


def _check_tags(specifications: Sequence[ApiObject]) -> None:
    for specification in specifications:
        keys = [tag["Key"] for tag in specification["Tags"]]
        if len(set(keys)) < len(keys):
            raise refusal("InvalidParameterValue.DuplicateTags")
