"""Checks ``windows``: what a copy of a Windows system needs to become a separate instance."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.observed import report, warn_if
from cvmimg.checks.result import CheckResult, Status
from cvmimg.guest.facts import GuestFacts
from cvmimg.message import Message


def sysprep_state(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find what keeps Sysprep from working; a failure only if it is to run."""
    status = Status.FAIL if facts.request.sysprep else Status.PASS
    state = guest.observed.get("sysprep-state", {})
    if state:
        names = (f"{name} {value}".strip() for name, value in state.items())
        return warn_if(names, "SysprepBlocked", status)
    services = guest.observed.get("sysprep-service", ())
    return warn_if(services, "SysprepServicesDisabled", status)


def windows_reboot(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find updates that wait for a reboot; with Sysprep a failure."""
    status = Status.FAIL if facts.request.sysprep else Status.WARN
    return warn_if(guest.observed.get("windows-reboot", ()), "WindowsRebootPending", status)


def cloudbase_init(guest: GuestFacts, _: Facts) -> CheckResult:
    """Require cloudbase-init, which sets up a new instance."""
    if "cloudbase-init" not in guest.observed:
        hint = Message("CloudbaseInitMissing.hint")
        return CheckResult(Status.WARN, Message("CloudbaseInitMissing"), remedies=(hint,))
    return report(guest, "cloudbase-init-broken", "CloudbaseInitBroken")


def antivirus(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find antivirus products that are known to block cloudbase-init or Sysprep."""
    return report(guest, "antivirus", "AntivirusBlocks")
