"""The script and parameters of RunCommand, checked as by the real service."""

from __future__ import annotations

import base64
import binascii
import json
import re

from cvmimg.sandbox.state.kinds import ApiObject
from cvmimg.sandbox.wire.errors import refusal

_MAX_CONTENT = 64 * 1024
_MAX_PARAMETERS = 20
_MAX_NAME = 64
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PLACEHOLDER = re.compile(rb"\{\{(?:tat-hidden:)?([A-Za-z0-9_-]{1,64})\}\}")
_COMMAND_NAME = re.compile(r"[\w.-]*")
_USER = re.compile(r"[A-Za-z0-9_.@\\-]{1,256}")


def check(params: ApiObject) -> None:
    """Check the parameters that have a specific error code.

    Raises:
        ApiError: with the real service's code.
    """
    if not _COMMAND_NAME.fullmatch(params.get("CommandName", "")):
        raise refusal("InvalidParameterValue.InvalidCommandName")
    if not params.get("WorkingDirectory", "/").startswith("/"):
        raise refusal("InvalidParameterValue.InvalidWorkingDirectory")
    if not _USER.fullmatch(params.get("Username", "root")):
        raise refusal("InvalidParameterValue.InvalidUsername")
    bucket = params.get("OutputCOSBucketUrl", "https://")
    if not bucket.startswith("https://"):
        raise refusal("InvalidParameterValue.InvalidOutputCOSBucketUrl")


def content(params: ApiObject) -> bytes:
    """Decode the script.

    Raises:
        ApiError: it is not base64, empty or too long.
    """
    encoded = params["Content"]
    if len(encoded) > _MAX_CONTENT:
        raise refusal("InvalidParameterValue.TooLong", "command.too-long")
    try:
        script = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise refusal("InvalidParameterValue.InvalidContent", "command.base64") from error
    if not script:
        raise refusal("InvalidParameterValue.InvalidContent", "command.empty")
    return script


def parameters(params: ApiObject, script: bytes) -> dict[str, str]:
    """Return the values of the script's placeholders, defaults included.

    Raises:
        ApiError: they are malformed or incomplete.
    """
    values = check_defaults(params)
    if not params.get("EnableParameter"):
        return {}
    values.update(_read(params.get("Parameters") or "{}"))
    missing = {name.decode() for name in _PLACEHOLDER.findall(script)} - set(values)
    if missing:
        raise refusal("InvalidParameterValue.LackOfParameterInfo", names=sorted(missing))
    return values


def check_defaults(params: ApiObject) -> dict[str, str]:
    """Return the default values of the script's placeholders.

    Raises:
        ApiError: they are malformed, or parameters are not enabled.
    """
    enabled = params.get("EnableParameter", False)
    given = ("Parameters", "DefaultParameters", "DefaultParameterConfs")
    if not enabled and any(params.get(name) for name in given):
        raise refusal("InvalidParameterValue.SupportParametersOnlyIfEnableParameter")
    return {**_defaults(params), **_read(params.get("DefaultParameters") or "{}")}


def _defaults(params: ApiObject) -> dict[str, str]:
    confs = params.get("DefaultParameterConfs") or []
    names = [conf.get("ParameterName", "") for conf in confs]
    if len(set(names)) < len(names):
        raise refusal("InvalidParameter.ParameterNameDuplicated")
    return {conf["ParameterName"]: conf.get("ParameterValue", "") for conf in confs}


def _read(text: str) -> dict[str, str]:
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise refusal("InvalidParameterValue.ParameterInvalidJsonFormat")
    if len(values) > _MAX_PARAMETERS:
        raise refusal("InvalidParameterValue.ParameterNumberExceeded", most=_MAX_PARAMETERS)
    for name, value in values.items():
        if len(name) > _MAX_NAME:
            raise refusal("InvalidParameterValue.ParameterKeyLenExceeded", name=name)
        if not _NAME.fullmatch(name):
            raise refusal("InvalidParameterValue.ParameterKeyContainsInvalidChar", name=name)
        if not isinstance(value, str):
            raise refusal("InvalidParameterValue.ParameterValueNotString", name=name)
    return values
