"""Which cloud a command talks to: the endpoint, the credentials and the region."""

from __future__ import annotations

from cvmimg.cli.settings import Invocation
from cvmimg.cloud.client import CredentialsProvider, Endpoint
from cvmimg.cloud.find_credentials import Places, find_credentials, find_profile, find_region
from cvmimg.cloud.find_credentials import profile_names as with_credentials
from cvmimg.cloud.ids import REGION, is_id
from cvmimg.config import profile_names
from cvmimg.errors import CredentialsError, UsageError
from cvmimg.message import Message
from cvmimg.suggest import did_you_mean


def places_of(invocation: Invocation) -> Places:
    """Return the places where credentials and the region are looked for."""
    return Places(invocation.environment, invocation.home)


def endpoint_of(invocation: Invocation) -> Endpoint:
    """Return the hosts of the services: --endpoint, else a domain of the profile or environment.

    Raises:
        UsageError: the endpoint or the domain is invalid.
    """
    if invocation.settings.endpoint:
        return Endpoint.parse(invocation.settings.endpoint)
    places = places_of(invocation)
    domain = invocation.profile.domain or places.variable("TENCENTCLOUD_DOMAIN")
    if not domain:
        return Endpoint()
    protocol = places.variable("TENCENTCLOUD_PROTOCOL") or "https"
    return Endpoint.of_domain(domain, protocol.lower())


def credentials_of(invocation: Invocation) -> CredentialsProvider:
    """Return the credentials: those of the named profile, else the first that are found.

    Raises:
        UsageError: the profile does not exist.
        CredentialsError: there are none, or they cannot be used.
    """
    profile, places = invocation.profile, places_of(invocation)
    named = named_profile(invocation)
    found = find_profile(places, named) if named else None
    if found is not None:
        return found
    # A mistyped name must not end up in another account.
    if profile.credentials:
        raise CredentialsError(Message("ProfileCredentialsMissing", profile=named))
    require_profile(invocation)
    return find_credentials(places)


def require_profile(invocation: Invocation) -> None:
    """Refuse a named profile that neither the config file nor the files with credentials have.

    Raises:
        UsageError: the profile does not exist.
        CredentialsError: a file that may have it cannot be read.
    """
    name, places = invocation.settings.profile, places_of(invocation)
    if not name or invocation.profile.found or find_profile(places, name) is not None:
        return
    known = [*profile_names(invocation.environment), *with_credentials(places)]
    raise UsageError(
        Message("ProfileNotFound", profile=name), hint=did_you_mean(name, lambda: known)
    )


def region_of(invocation: Invocation) -> str:
    """Return the region.

    Raises:
        UsageError: no region is set, or it has not the shape of one: it can become part of hosts.
    """
    settings = invocation.settings
    region = settings.region or find_region(places_of(invocation), named_profile(invocation)).name
    if not region:
        raise UsageError(Message("RegionMissing"))
    if not is_id(REGION, region):
        raise UsageError(Message("RegionInvalid", region=region))
    return region


def named_profile(invocation: Invocation) -> str:
    """Return the tccli or SDK profile that the user named; empty for the default one."""
    return invocation.profile.credentials or invocation.settings.profile
