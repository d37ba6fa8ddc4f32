"""sts: GetCallerIdentity and AssumeRole."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import ApiError
from cvmimg.sandbox.world.accounts import ACCOUNTS

_ROLE = re.compile(r"qcs::cam::uin/(?P<account>\d+):(?P<kind>role|roleName)/(?P<role>[\w+=,.@/-]+)")
_DEFAULT_SECONDS = 7200


@action("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    """Return the caller's identity."""
    return dict(call.caller or {})


@action("sts", "AssumeRole")
def assume_role(call: Call) -> dict[str, Any]:
    """Issue temporary credentials; every role exists in both accounts and trusts every caller."""
    role = _ROLE.fullmatch(call.params["RoleArn"])
    if role is None:
        raise ApiError(
            "InvalidParameter.ParamError",
            "RoleArn is malformed.",
            "RoleArn 不是合法的角色资源描述。",
        )
    if role["account"] not in ACCOUNTS:
        raise ApiError("ResourceNotFound.RoleNotFound", "The role does not exist.", "角色不存在。")
    session = call.params["RoleSessionName"]
    seconds = call.params.get("DurationSeconds", _DEFAULT_SECONDS)
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
