"""Whose credentials these are, and temporary ones for a role (sts 2018-08-13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cvmimg.cloud.answers import parse
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.models import AssumedRole, CallerIdentity
from cvmimg.errors import CvmimgError, Unreachable


@dataclass(frozen=True)
class Identity:
    """The account behind the credentials.

    Attributes:
        account_id: its UIN; empty if the credentials do not permit reading it.
    """

    account_id: str = ""

    @property
    def known(self) -> bool:
        """Whether the account is known."""
        return bool(self.account_id)


def get_caller_identity(cloud: Cloud) -> CallerIdentity:
    """Read the account and user behind the credentials (GetCallerIdentity).

    Raises:
        CredentialsError: they are wrong or expired, or may not call this.
    """
    answer = cloud.read("sts", "GetCallerIdentity", {}, has=("AccountId",))
    return parse(CallerIdentity, answer, action="GetCallerIdentity")


def identity(cloud: Cloud) -> Identity:
    """Read the account behind the credentials, if they permit that.

    Calls GetCallerIdentity, which a policy may forbid and a private endpoint may lack.

    Raises:
        CredentialsError: the credentials are wrong or have expired.
        Unreachable: the cloud did not answer.
    """
    try:
        return Identity(get_caller_identity(cloud).account_id)
    except Unreachable:
        raise
    except CvmimgError as error:
        if locked_out(error.code):
            raise
        return Identity()


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
    answer = cloud.read("sts", "AssumeRole", request, has=("Credentials",))
    return _credentials(answer, "AssumeRole", role_arn)


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
    answer = cloud.read("sts", "AssumeRoleWithWebIdentity", request, has=("Credentials",))
    return _credentials(answer, "AssumeRoleWithWebIdentity", role_arn)


def _credentials(answer: Mapping[str, Any], action: str, role_arn: str) -> Credentials:
    role = parse(AssumedRole, answer, action=action)
    keys = role.credentials
    return Credentials(
        keys.tmp_secret_id, keys.tmp_secret_key, keys.token, role_arn, role.expired_time
    )
