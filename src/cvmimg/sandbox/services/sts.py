"""sts: GetCallerIdentity, AssumeRole and AssumeRoleWithWebIdentity."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

from cvmimg.sandbox.services import identity_providers, roles, web_identity
from cvmimg.sandbox.state.kinds import IdentityProvider
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world.accounts import ACCOUNTS

_ROLE = re.compile(r"qcs::cam::uin/(?P<account>\d+):(?P<kind>role|roleName)/(?P<role>[\w+=,.@/-]+)")
_DEFAULT_SECONDS = 7200


@action("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> Answer:
    """Return the caller's identity."""
    return dict(call.caller or {})


@action("sts", "AssumeRole")
def assume_role(call: Call) -> Answer:
    """Issue temporary credentials; every role exists in both accounts and trusts every caller."""
    role = _role(call)
    if role["account"] not in ACCOUNTS:
        raise refusal("ResourceNotFound.RoleNotFound")
    return _issue(call, role)


@action("sts", "AssumeRoleWithWebIdentity")
def assume_role_with_web_identity(call: Call) -> Answer:
    """Issue temporary credentials for a token of an identity provider; the call is not signed.

    The provider and the role must have been created, and the role's trust policy must allow the
    token: its issuer, audience and subject.
    """
    named = _role(call)
    account = named["account"]
    find = roles.find_by_id if named["kind"] == "role" else roles.find
    role = find(call.store, account, named["role"])
    if role is None:
        raise refusal("InternalError.GetRoleError")
    if call.params.get("DurationSeconds", 0) > role["SessionDuration"]:
        raise refusal("InvalidParameter.OverLimit")
    provider = identity_providers.find(call.store, account, call.params["ProviderId"])
    if provider is None:
        raise refusal("InvalidParameter.ParamError", "sts.assume-role-with-web-identity")
    claims = _claims(call, provider)
    resource = f"qcs::cam::uin/{account}:oidc-provider/{provider['Name']}"
    if not roles.trusts(role, resource, claims):
        raise refusal("UnauthorizedOperation")
    return _issue(call, named)


def _claims(call: Call, provider: IdentityProvider) -> dict[str, Any]:
    token = call.params["WebIdentityToken"]
    try:
        return web_identity.verify(token, provider, call.real_now)
    except web_identity.InvalidToken as error:
        raise refusal("InvalidParameter.WebIdentityTokenError", error=error) from error


def _role(call: Call) -> re.Match[str]:
    role = _ROLE.fullmatch(call.params["RoleArn"])
    if role is None:
        raise refusal("InvalidParameter.ParamError", "sts.role")
    return role


def _issue(call: Call, role: re.Match[str]) -> Answer:
    session = call.params["RoleSessionName"]
    seconds = call.params.get("DurationSeconds", _DEFAULT_SECONDS)
    if call.keys is None:
        raise refusal("InternalError.SystemError")
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
