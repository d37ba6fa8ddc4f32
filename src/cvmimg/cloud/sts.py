"""Who the credentials belong to (sts 2018-08-13)."""

from __future__ import annotations

from cvmimg.cloud.answers import parse
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import CallerIdentity


def get_caller_identity(cloud: Cloud) -> CallerIdentity:
    """The account and user behind the credentials (GetCallerIdentity).

    Raises:
        CredentialsError: they are wrong or expired.
    """
    answer = cloud.read("sts", "GetCallerIdentity", {}, has=("AccountId",))
    return parse(CallerIdentity, answer, action="GetCallerIdentity")
