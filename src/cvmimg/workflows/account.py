"""Test credentials and a region before they are saved."""

from __future__ import annotations

from cvmimg.clock import Clock
from cvmimg.cloud.client import Cloud, Endpoint
from cvmimg.cloud.credentials import Credentials
from cvmimg.cloud.region import describe_regions
from cvmimg.cloud.sts import account_id
from cvmimg.errors import CredentialsError, UsageError
from cvmimg.message import Message
from cvmimg.suggest import suggestion

_EVERYONES_REGION = "ap-guangzhou"
"""Accepted by the two calls, which are the same in every region; the user's may be mistyped."""


def account_of(credentials: Credentials, region: str, endpoint: Endpoint, clock: Clock) -> str:
    """Return the account of these credentials; empty if they do not permit asking for it.

    Raises:
        CredentialsError: the cloud rejects them.
        UsageError: the region does not exist.
        Unreachable: the cloud did not answer.
    """
    cloud = Cloud.connect(credentials, _EVERYONES_REGION, endpoint=endpoint, clock=clock)
    account = account_id(cloud)
    try:
        known = [each.region for each in describe_regions(cloud)]
    except CredentialsError:
        return account
    if region not in known:
        hint = suggestion(region, known, Message("CheckRegion"))
        raise UsageError(Message("RegionUnknown", region=region), hint=hint)
    return account
