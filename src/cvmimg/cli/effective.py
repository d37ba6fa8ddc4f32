"""The effective settings, each with its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from cvmimg.cli.connection import (
    credentials_of,
    endpoint_of,
    named_profile,
    places_of,
    require_profile,
)
from cvmimg.cli.session import SANDBOX_REGION
from cvmimg.cli.settings import Invocation, Rank, Settings
from cvmimg.cloud.find_credentials import find_region
from cvmimg.config import CONFIG_VARIABLE, STATE_VARIABLE, config_path, state_dir
from cvmimg.errors import CredentialsError, CvmimgError

DEFAULT = "default"


@dataclass(frozen=True)
class Setting:
    """A setting.

    Attributes:
        key: its name, such as "region" or "create.timeout".
        value: the effective value; None if there is none.
        source: where it comes from: a flag, an environment variable, a file and profile, "default".
    """

    key: str
    value: Any
    source: str


def effective_settings(invocation: Invocation) -> list[Setting]:
    """Return all settings.

    Raises:
        UsageError: the config file is wrong, or the named profile does not exist.
        CredentialsError: a file that may have the profile cannot be read.
    """
    require_profile(invocation)
    environment = invocation.environment
    own = [
        _option(invocation, each.name, each.default)
        for each in fields(Settings)
        if each.name != "region"
    ]
    return [
        _place("config", str(config_path(environment)), CONFIG_VARIABLE, invocation),
        _place("state_dir", str(state_dir(environment)), STATE_VARIABLE, invocation),
        region_setting(invocation),
        _credentials(invocation),
        _hosts(invocation),
        *own,
        *_of_commands(invocation),
    ]


def region_setting(invocation: Invocation) -> Setting:
    """Return the region and its source; the value is empty if no region is set.

    Raises:
        CvmimgError: a file that may name it cannot be read.
    """
    named = _option(invocation, "region", "")
    if named.value:
        return named
    if invocation.settings.sandbox:
        return Setting("region", SANDBOX_REGION, DEFAULT)
    found = find_region(places_of(invocation), named_profile(invocation))
    return Setting("region", found.name, found.source or DEFAULT)


def _place(key: str, path: str, variable: str, invocation: Invocation) -> Setting:
    return Setting(key, path, variable if invocation.environment.get(variable) else DEFAULT)


def _option(invocation: Invocation, name: str, default: Any) -> Setting:
    value, rank = getattr(invocation.settings, name), invocation.rank_of(name)
    if rank is Rank.FLAG:
        return Setting(name, value, f"--{name.replace('_', '-')}")
    if rank is Rank.ENVIRONMENT:
        return Setting(name, value, f"CVMIMG_{name.upper()}")
    if name in invocation.profile.settings and value != default:
        return Setting(name, value, invocation.profile.place)
    return Setting(name, value, DEFAULT)


def _credentials(invocation: Invocation) -> Setting:
    if invocation.settings.sandbox:
        return Setting("credentials", "sandbox", "sandbox")
    try:
        found = credentials_of(invocation)
    except CredentialsError:
        return Setting("credentials", None, "not found")
    return Setting("credentials", found.stable_id, found.source)


def _hosts(invocation: Invocation) -> Setting:
    if invocation.settings.sandbox:
        return Setting("hosts", "sandbox", "sandbox")
    try:
        endpoint = endpoint_of(invocation)
    except CvmimgError:
        return Setting("hosts", None, "invalid")
    host = endpoint.host or f"*.{endpoint.root_domain}"
    domain = invocation.profile.domain
    source = invocation.profile.place if domain else _domain_source(invocation)
    return Setting("hosts", f"{endpoint.scheme}://{host}", source)


def _domain_source(invocation: Invocation) -> str:
    if invocation.settings.endpoint:
        return _option(invocation, "endpoint", "").source
    variable = "TENCENTCLOUD_DOMAIN"
    return variable if places_of(invocation).variable(variable) else DEFAULT


def _of_commands(invocation: Invocation) -> Iterator[Setting]:
    profile = invocation.profile
    for command, options in profile.commands.items():
        for name, value in options.items():
            yield Setting(f"{command}.{name}", value, profile.place)
