"""Whose credentials these are, and temporary ones for a role (sts 2018-08-13)."""

from __future__ import annotations

from collections.abc import Mapping

from cvmimg.cloud.answers import read
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.models import AssumedRole, CallerIdentity
from cvmimg.errors import CvmimgError, Unreachable


def get_caller_identity(cloud: Cloud) -> CallerIdentity:
    """Read the account and user behind the credentials (GetCallerIdentity).

    Raises:
        CredentialsError: they are wrong or expired, or may not call this.
    """
    return read(cloud, "sts", "GetCallerIdentity", {}, CallerIdentity)


def account_id(cloud: Cloud) -> str:
    """Read the UIN of the account behind the credentials; empty if they do not permit that.

    Calls GetCallerIdentity, which a policy may forbid and a private endpoint may lack.

    Raises:
        CredentialsError: the credentials are wrong or have expired.
        Unreachable: the cloud did not answer.
    """
    try:
        return get_caller_identity(cloud).account_id
    except Unreachable:
        raise
    except CvmimgError as error:
        if locked_out(error.code):
            raise
        return ""


def assume_role(cloud: Cloud, role_arn: str, session_name: str) -> Credentials:
    """Get temporary credentials of a role (AssumeRole).

    Args:
        cloud: carries the keys that may assume the role.
        role_arn: the role's six-part name.
        session_name: names the session in the audit log.

    Raises:
        CredentialsError: the keys may not assume the role.
    """
    request = {"RoleArn": role_arn, "RoleSessionName": session_name}
    return _credentials(cloud, "sts", "AssumeRole", request)


def assume_role_with_web_identity(
    cloud: Cloud, role_arn: str, session_name: str, *, provider_id: str, token: str
) -> Credentials:
    """Get temporary credentials of a role for a token (AssumeRoleWithWebIdentity).

    Args:
        cloud: carries no credentials: the action is not signed.
        role_arn: the role's six-part name.
        session_name: names the session in the audit log.
        provider_id: the identity provider's name in the account.
        token: what the identity provider issued.

    Raises:
        CredentialsError: the token is not accepted for the role.
    """
    request = {
        "ProviderId": provider_id,
        "WebIdentityToken": token,
        "RoleArn": role_arn,
        "RoleSessionName": session_name,
    }
    return _credentials(cloud, "sts", "AssumeRoleWithWebIdentity", request)


def _credentials(
    cloud: Cloud, service: str, action: str, request: Mapping[str, str]
) -> Credentials:
    role = read(cloud, service, action, request, AssumedRole)
    keys, source = role.credentials, request["RoleArn"]
    return Credentials(
        keys.tmp_secret_id, keys.tmp_secret_key, keys.token, source, role.expired_time
    )
