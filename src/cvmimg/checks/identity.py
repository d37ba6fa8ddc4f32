"""Checks ``identity``: a new instance becomes one of its own, with its own names and addresses."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.observed import report, warn_if
from cvmimg.checks.result import CheckResult, Status, passed
from cvmimg.guest.facts import GuestFacts
from cvmimg.message import Message


def cloud_init(guest: GuestFacts, _: Facts) -> CheckResult:
    """Require that cloud-init is installed and enabled: it sets up a new instance."""
    if "cloud-init" not in guest.observed:
        return _warning("CloudInitMissing")
    disabled = sorted(guest.observed.get("cloud-init-disabled", ()))
    if "cloud-init" in guest.observed.get("kernel-option", {}):
        disabled.append("/proc/cmdline")
    return warn_if(disabled, "CloudInitDisabled")


def datasource(guest: GuestFacts, _: Facts) -> CheckResult:
    """Require that cloud-init looks for this cloud's data, where it has a list of sources."""
    lists = guest.observed.get("datasources", {})
    foreign = sorted(path for path, known in lists.items() if known == "no")
    return warn_if(foreign if "yes" not in lists.values() else [], "DatasourceMissing")


def network(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find network configuration with this instance's own addresses."""
    return report(guest, "static-network", "StaticNetwork")


def network_config(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find configuration that keeps cloud-init from setting up the network."""
    return report(guest, "network-config-disabled", "NetworkConfigDisabled")


def machine_id(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find a machine id, which all new instances would share."""
    return report(guest, "machine-id", "MachineIdShared")


def host_keys(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find SSH host keys that new instances would share, as cloud-init does not replace them."""
    replaces = "cloud-init" in guest.observed and not (
        "cloud-init-disabled" in guest.observed or "keep-host-keys" in guest.observed
    )
    return warn_if([] if replaces else sorted(guest.observed.get("host-key", ())), "HostKeysShared")


def hostname(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find configuration with which new instances keep this instance's host name."""
    kept = guest.observed.get("preserve-hostname", {}) | guest.observed.get("own-hostname", {})
    return warn_if(sorted(kept), "HostnameKept")


def agents(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find agents, subscriptions and memberships that are registered as this instance."""
    return report(guest, "agent", "AgentsRegistered")


def disk_growth(guest: GuestFacts, _: Facts) -> CheckResult:
    """Require growpart: without it the root does not grow with a larger system disk."""
    return passed("NothingFound") if "growpart" in guest.observed else _warning("GrowpartMissing")


def _warning(code: str) -> CheckResult:
    return CheckResult(Status.WARN, Message(code), remedies=(Message(f"{code}.hint"),))
