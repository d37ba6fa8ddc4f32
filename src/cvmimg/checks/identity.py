"""Checks ``identity``: a new instance gets its own names and addresses."""

from __future__ import annotations

from dataclasses import replace

from cvmimg.checks.facts import Facts
from cvmimg.checks.observed import in_image, warn_if
from cvmimg.checks.result import CheckResult, Status, hinted, passed
from cvmimg.guest.facts import GuestFacts
from cvmimg.message import Message

_HARMLESS_AGENTS = frozenset(("docker",))
"""Agents whose copied identity is harmless, unless they are members of a cluster."""
_GROWTH_MODULE = "growpart"


def cloud_init(guest: GuestFacts, _: Facts) -> CheckResult:
    """Require that cloud-init is installed, enabled and runs: it sets up a new instance."""
    if "cloud-init" not in guest.observed:
        return hinted(Status.WARN, "CloudInitMissing")
    broken = warn_if(guest.seen("cloud-init-broken"), "CloudInitBroken")
    if broken.status is not Status.PASS:
        return broken
    return warn_if(_disabled(guest), "CloudInitDisabled")


def cloud_init_modules(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find modules that cloud-init does not run: for users, keys, passwords, files and scripts."""
    if "cloud-init" not in guest.observed:
        return passed("NothingFound")
    return warn_if(guest.seen("missing-module").keys() - {_GROWTH_MODULE}, "ModulesMissing")


def datasource(guest: GuestFacts, _: Facts) -> CheckResult:
    """Require that cloud-init looks for this cloud's data, where it has a list of sources."""
    if "other-datasource" in guest.observed:
        return warn_if(guest.seen("other-datasource"), "OtherDatasource")
    lists = guest.seen("datasources")
    return warn_if((path for path, known in lists.items() if known == "no"), "DatasourceMissing")


def manual_cache(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find settings with which cloud-init takes a new instance for this one."""
    return warn_if(guest.seen("manual-cache"), "CacheTrusted")


def network(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find network configuration with this instance's own addresses."""
    static = set(guest.seen("static-network"))
    generated = set(guest.seen("generated-network"))
    if _runs(guest) and not _disabled(guest, "network-config"):
        # cloud-init writes its own files anew, and with ifcfg files this one too.
        rules = {path for path in static if generated and path.endswith("persistent-net.rules")}
        return warn_if(static - rules, "StaticNetwork")
    return warn_if(static | generated, "StaticNetwork")


def network_config(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find configuration that keeps cloud-init from setting up the network."""
    return warn_if(_disabled(guest, "network-config"), "NetworkConfigDisabled")


def machine_id(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find a machine id that all new instances would share."""
    result = warn_if(guest.seen("machine-id"), "MachineIdShared")
    return _with_possible_fix(result, "machine-id", guest)


def host_keys(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find SSH host keys that new instances would share, as cloud-init does not replace them."""
    replaces = (
        _runs(guest)
        and "keep-host-keys" not in guest.observed
        and "ssh" not in guest.seen("missing-module")
    )
    result = warn_if([] if replaces else guest.seen("host-key"), "HostKeysShared")
    return _with_possible_fix(result, "host-keys", guest)


def hostname(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find configuration with which new instances keep this instance's host name or address."""
    kept = guest.seen("preserve-hostname") | guest.seen("own-hostname")
    return _with_possible_fix(warn_if(kept, "HostnameKept"), "hostname", guest)


def agents(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find agents, subscriptions and memberships that are registered as this instance."""
    found = guest.seen("agent")
    included = set(in_image(found.values(), guest, facts))
    names = {name for name, path in found.items() if path in included}
    status = Status.PASS if names <= _HARMLESS_AGENTS else Status.WARN
    return _with_possible_fix(warn_if(names, "AgentsRegistered", status), "agents", guest)


def disk_growth(guest: GuestFacts, _: Facts) -> CheckResult:
    """Require growpart: without it the root does not grow with a larger system disk."""
    if "growpart" not in guest.observed:
        return hinted(Status.WARN, "GrowpartMissing")
    skips = "cloud-init" in guest.observed and _GROWTH_MODULE in guest.seen("missing-module")
    disabled = [*guest.seen("growth-disabled"), *(["cloud_init_modules"] if skips else [])]
    return warn_if(disabled, "GrowthDisabled")


def _with_possible_fix(result: CheckResult, check: str, guest: GuestFacts) -> CheckResult:
    """Return ``result``, without the advice to use ``launch --fix`` where it would have no effect.

    cloud-init runs the fix, as a script in user data.
    """
    runs = (
        _runs(guest)
        and not guest.seen("cloud-init-broken")
        and "scripts-user" not in guest.seen("missing-module")
    )
    if runs or not result.remedies:
        return result
    return replace(result, remedies=(Message("readiness.fix-needs-cloud-init", check=check),))


def _runs(guest: GuestFacts) -> bool:
    """Return whether cloud-init is installed and enabled."""
    return "cloud-init" in guest.observed and not _disabled(guest)


def _disabled(guest: GuestFacts, what: str = "cloud-init") -> list[str]:
    """Return where cloud-init, or its configuration of the network, is disabled."""
    by_kernel = ["/proc/cmdline"] if what in guest.seen("kernel-option") else []
    return [*guest.seen(f"{what}-disabled"), *by_kernel]
