"""sts: GetCallerIdentity, AssumeRole and AssumeRoleWithWebIdentity."""

from __future__ import annotations

import base64
import json
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
    role = _role(call)
    if role["account"] not in ACCOUNTS:
        raise ApiError("ResourceNotFound.RoleNotFound", "The role does not exist.", "角色不存在。")
    return _issue(call, role)


@action("sts", "AssumeRoleWithWebIdentity")
def assume_role_with_web_identity(call: Call) -> dict[str, Any]:
    """Issue temporary credentials for a token of an identity provider; the call is not signed.

    Every provider exists and every role trusts it; of the token only the form is checked.
    """
    if not _is_jwt(call.params["WebIdentityToken"]):
        raise ApiError(
            "InvalidParameter.WebIdentityTokenError",
            "The WebIdentityToken is not a JSON Web Token.",
            "WebIdentityToken 不合法。",
        )
    role = _role(call)
    if role["account"] not in ACCOUNTS:
        raise ApiError("InternalError.GetRoleError", "The role does not exist.", "角色不存在。")
    return _issue(call, role)


def _role(call: Call) -> re.Match[str]:
    role = _ROLE.fullmatch(call.params["RoleArn"])
    if role is None:
        raise ApiError(
            "InvalidParameter.ParamError",
            "RoleArn is malformed.",
            "RoleArn 不是合法的角色资源描述。",
        )
    return role


def _issue(call: Call, role: re.Match[str]) -> dict[str, Any]:
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


def _is_jwt(token: str) -> bool:
    parts = token.split(".")
    if len(parts) != 3:
        return False
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return False
    return isinstance(claims, dict)
