"""Checks ``windows``: what a copy of a Windows system needs to become a separate instance.

The script in the guest prints facts alone: values of the registry, how services start (2
automatically, 3 on demand, 4 never), and whether keys and programs exist. All is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator

from cvmimg.checks.facts import Facts
from cvmimg.checks.observed import warn_if
from cvmimg.checks.result import CheckResult, Status, hinted
from cvmimg.guest.facts import GuestFacts
from cvmimg.message import Message

_FINISHED = {"GeneralizationState": "7", "CleanupState": "2"}
"""Values of Sysprep's state when no run of it is unfinished."""
_DOMAIN_CONTROLLER = 4
"""The least role in a domain that is a controller's."""
_CLOUDBASE_INIT = "cloudbase-init"
_AUTOMATIC, _DISABLED = "2", "4"
_FOR_SYSPREP = ("sppsvc", "CryptSvc", "TrustedInstaller", "MSDTC", "AppXSvc", "StateRepository")
_ANTIVIRUS = {
    "ZhuDongFangYu": "360 Total Security",
    "QQPCRTP": "Tencent PC Manager",
    "HipsDaemon": "Huorong",
    "SafeDogGuardCenter": "Safedog",
    "YunSuoAgent": "Yunsuo",
    "YunSuoDaemon": "Yunsuo",
    "D_Safe": "D Safe",
    "kxescore": "Kingsoft",
    "McShield": "McAfee",
    "SepMasterService": "Symantec",
    "ntrtscan": "Trend Micro",
    "ekrn": "ESET",
    "avp": "Kaspersky",
}
"""By service, products that are known to block cloudbase-init or Sysprep."""
SERVICES = (*_FOR_SYSPREP, _CLOUDBASE_INIT, *_ANTIVIRUS)
"""The services that the checks ask about."""


def sysprep_state(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find what keeps Sysprep from working; a failure only if it is to run."""
    status = Status.FAIL if facts.request.sysprep else Status.PASS
    blocking = list(_blocking_sysprep(guest))
    if blocking:
        return warn_if(blocking, "SysprepBlocked", status)
    starts = guest.seen("service")
    disabled = [name for name in _FOR_SYSPREP if starts.get(name) == _DISABLED]
    return warn_if(disabled, "SysprepServicesDisabled", status)


def windows_reboot(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find updates that wait for a reboot; with Sysprep a failure."""
    status = Status.FAIL if facts.request.sysprep else Status.WARN
    return warn_if(_pending(guest), "WindowsRebootPending", status)


def cloudbase_init(guest: GuestFacts, _: Facts) -> CheckResult:
    """Require cloudbase-init, which sets up a new instance."""
    start = guest.seen("service").get(_CLOUDBASE_INIT)
    if start is None:
        return hinted(Status.WARN, "CloudbaseInitMissing")
    broken = list[Message]()
    if _is_missing(guest, _CLOUDBASE_INIT):
        broken.append(Message("windows.program-missing"))
    if start == _DISABLED:
        broken.append(Message("windows.service-disabled"))
    elif start != _AUTOMATIC:
        broken.append(Message("windows.service-manual"))
    return warn_if(broken, "CloudbaseInitBroken")


def antivirus(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find antivirus products that are known to block cloudbase-init or Sysprep."""
    starts = guest.seen("service")
    active = [name for name in _ANTIVIRUS if starts.get(name, _DISABLED) != _DISABLED]
    return warn_if((_ANTIVIRUS[name] for name in active), "AntivirusBlocks")


def _blocking_sysprep(guest: GuestFacts) -> Iterator[str | Message]:
    values, system = guest.seen("registry-value"), guest.seen("system-value")
    for name, finished in _FINISHED.items():
        if values.get(name, finished) != finished:
            yield f"{name} {values[name]}"
    if _is_missing(guest, "sysprep.exe"):
        yield Message("windows.sysprep-missing")
    if _has_key(guest, "Upgrade"):
        yield Message("windows.upgraded")
    if _number(system.get("RearmCount"), 1) < 1:
        yield Message("windows.no-rearm")
    if _number(system.get("DomainRole"), 0) >= _DOMAIN_CONTROLLER:
        yield Message("windows.domain-controller")


def _pending(guest: GuestFacts) -> Iterator[Message]:
    values = guest.seen("registry-value")
    if _has_key(guest, "RebootPending"):
        yield Message("windows.component-servicing")
    if _has_key(guest, "RebootRequired"):
        yield Message("windows.windows-update")
    if _number(values.get("PendingFileRenameOperations"), 0):
        yield Message("windows.file-renames")
    if values.get("ActiveComputerName") != values.get("ComputerName"):
        yield Message("windows.computer-name")


def _has_key(guest: GuestFacts, name: str) -> bool:
    return guest.seen("registry-key").get(name) == "True"


def _is_missing(guest: GuestFacts, program: str) -> bool:
    return guest.seen("program").get(program) == "False"


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() else otherwise
