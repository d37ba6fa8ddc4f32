"""sts: who is asking, and credentials that end."""

# ruff: noqa: RUF001 - Chinese messages have Chinese punctuation

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

from cvmimg.sandbox.accounts import ACCOUNTS
from cvmimg.sandbox.call import ApiError, Call, action

_ROLE = re.compile(r"qcs::cam::uin/(?P<account>\d+):(?P<kind>role|roleName)/(?P<role>[\w+=,.@/-]+)")
_SESSION = re.compile(r"[\w+=,.@-]{2,128}", re.ASCII)
_DEFAULT_SECONDS, _MOST_SECONDS = 7200, 43200


@action("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    """Who signed this request."""
    return dict(call.caller or {})


@action("sts", "AssumeRole")
def assume_role(call: Call) -> dict[str, Any]:
    """Temporary credentials; every role exists, in both accounts, and trusts every caller."""
    role = _ROLE.fullmatch(call.params["RoleArn"])
    if role is None:
        raise ApiError(
            "InvalidParameter.ParamError",
            "RoleArn is not the resource description of a role.",
            "RoleArn 不是合法的角色资源描述。",
        )
    if role["account"] not in ACCOUNTS:
        raise ApiError("ResourceNotFound.RoleNotFound", "The role does not exist.", "角色不存在。")
    session = call.params["RoleSessionName"]
    if not _SESSION.fullmatch(session):
        raise ApiError(
            "InvalidParameter.ParamError",
            "RoleSessionName is 2 to 128 letters, digits or any of =,.@_-.",
            "RoleSessionName 长度为 2 到 128，仅支持字母、数字及 =,.@_-。",
        )
    seconds = call.params.get("DurationSeconds", _DEFAULT_SECONDS)
    if not 0 < seconds <= _MOST_SECONDS:
        raise ApiError(
            "InvalidParameter.OverTimeError",
            f"DurationSeconds is at most {_MOST_SECONDS}.",
            f"DurationSeconds 最长为 {_MOST_SECONDS} 秒。",
        )
    if call.keys is None:
        raise ApiError("InternalError.SystemError", "No key ring.")
    issued = call.keys.issue(role["account"], role["role"], session, int(call.now) + seconds)
    expires = datetime.fromtimestamp(issued.expires, timezone.utc)
    return {
        "Credentials": {
            "Token": issued.token,
            "TmpSecretId": issued.secret_id,
            "TmpSecretKey": issued.secret_key,
        },
        "ExpiredTime": issued.expires,
        "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
