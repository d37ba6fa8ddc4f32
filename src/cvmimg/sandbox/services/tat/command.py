"""What RunCommand asks for: the script and its parameters, checked as the real service does."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from cvmimg.sandbox.wire.errors import ApiError

_MOST_CONTENT = 64 * 1024
_MOST_PARAMETERS = 20
_LONGEST_NAME = 64
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PLACEHOLDER = re.compile(rb"\{\{(?:tat-hidden:)?([A-Za-z0-9_-]{1,64})\}\}")
_COMMAND_NAME = re.compile(r"[\w.-]*")
_USER = re.compile(r"[A-Za-z0-9_.@\\-]{1,256}")


def check(params: dict[str, Any]) -> None:
    """Check what has a code of its own.

    Raises:
        ApiError: with the real service's code.
    """
    if not _COMMAND_NAME.fullmatch(params.get("CommandName", "")):
        raise _invalid("InvalidCommandName", "The command name holds a forbidden character.")
    if not params.get("WorkingDirectory", "/").startswith("/"):
        raise _invalid("InvalidWorkingDirectory", "The working directory is not an absolute path.")
    if not _USER.fullmatch(params.get("Username", "root")):
        raise _invalid("InvalidUsername", "The user name is malformed.")
    bucket = params.get("OutputCOSBucketUrl", "https://")
    if not bucket.startswith("https://"):
        raise _invalid("InvalidOutputCOSBucketUrl", "The bucket's URL does not begin with https.")


def content(params: dict[str, Any]) -> bytes:
    """The script.

    Raises:
        ApiError: it is no base64, empty, or too long.
    """
    encoded = params["Content"]
    if len(encoded) > _MOST_CONTENT:
        raise _invalid("TooLong", "The content is longer than 64 KB.")
    try:
        script = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _invalid("InvalidContent", "The content is not encoded in base64.") from error
    if not script:
        raise _invalid("InvalidContent", "The content is empty.")
    return script


def parameters(params: dict[str, Any], script: bytes) -> dict[str, str]:
    """The values of the script's placeholders; defaults where there is no other value.

    Raises:
        ApiError: they are malformed, or one is lacking.
    """
    enabled = params.get("EnableParameter", False)
    given = [name for name in ("Parameters", "DefaultParameters") if params.get(name)]
    if not enabled and (given or params.get("DefaultParameterConfs")):
        raise _invalid(
            "SupportParametersOnlyIfEnableParameter", "Parameters need EnableParameter to be true."
        )
    if not enabled:
        return {}
    values = _defaults(params)
    for name in ("DefaultParameters", "Parameters"):
        values.update(_read(params.get(name) or "{}"))
    lacking = {name.decode() for name in _PLACEHOLDER.findall(script)} - set(values)
    if lacking:
        raise _invalid("LackOfParameterInfo", f"No value is given for {sorted(lacking)}.")
    return values


def _defaults(params: dict[str, Any]) -> dict[str, str]:
    confs = params.get("DefaultParameterConfs") or []
    names = [conf.get("ParameterName", "") for conf in confs]
    if len(set(names)) < len(names):
        raise ApiError(
            "InvalidParameter.ParameterNameDuplicated",
            "A parameter is named twice.",
            "参数名重复。",
        )
    return {conf["ParameterName"]: conf.get("ParameterValue", "") for conf in confs}


def _read(text: str) -> dict[str, str]:
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise _invalid("ParameterInvalidJsonFormat", "The parameters are no JSON object.")
    if len(values) > _MOST_PARAMETERS:
        raise _invalid("ParameterNumberExceeded", "There are more than 20 parameters.")
    for name, value in values.items():
        if len(name) > _LONGEST_NAME:
            raise _invalid("ParameterKeyLenExceeded", f"The name {name} is too long.")
        if not _NAME.fullmatch(name):
            raise _invalid("ParameterKeyContainsInvalidChar", f"The name {name} is malformed.")
        if not isinstance(value, str):
            raise _invalid("ParameterValueNotString", f"The value of {name} is not a string.")
    return values


def _invalid(code: str, message: str) -> ApiError:
    return ApiError(f"InvalidParameterValue.{code}", message)
