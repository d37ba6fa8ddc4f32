"""Who the credentials belong to (sts 2018-08-13)."""

from __future__ import annotations

from dataclasses import dataclass

from cvmimg.cloud.answers import parse
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.models import CallerIdentity
from cvmimg.errors import CvmimgError, Unreachable


@dataclass(frozen=True)
class Identity:
    """The account behind the credentials.

    Attributes:
        account_id: its UIN; empty if the credentials may not ask for it.
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
    """Read the account behind the credentials, or learn that it is not to be known.

    Rests on GetCallerIdentity, which a policy may forbid and a private endpoint may lack.

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
