"""What the readiness checks have in common: they report what was observed in the guest."""

from __future__ import annotations

from collections.abc import Iterable

from cvmimg.checks.facts import Facts
from cvmimg.checks.fstab import cloud_disks
from cvmimg.checks.result import CheckResult, Status, passed
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab.devices import Devices
from cvmimg.message import Message


def report(guest: GuestFacts, kind: str, code: str) -> CheckResult:
    """Warn with ``code`` and the names of what was observed of a kind; pass if nothing was."""
    return warn_if(guest.seen(kind), code)


def warn_if(names: Iterable[str | Message], code: str, status: Status = Status.WARN) -> CheckResult:
    """Return ``status`` with ``code`` and these names, each once; pass if there are none."""
    found = [name for _, name in sorted({str(name): name for name in names}.items())]
    if not found:
        return passed("NothingFound")
    return CheckResult(status, Message(code, names=found), remedies=(Message(f"{code}.hint"),))


def notice_if(names: Iterable[str], code: str) -> CheckResult:
    """Pass with ``code`` and these names: worth knowing, but normal on a healthy system."""
    return warn_if(names, code, Status.PASS)


def in_image(paths: Iterable[str], guest: GuestFacts, facts: Facts) -> list[str]:
    """Return those of the paths that are on a disk that the image includes."""
    if facts.instance is None:
        return list(paths)
    devices = Devices(guest, cloud_disks(facts, facts.instance))
    elsewhere = {
        mount.target.rstrip("/"): not disks or devices.has_left_out(disks)
        for mount in guest.mounts
        if mount.target != "/"
        for disks in [devices.disks_of(mount)]
    }
    return [path for path in paths if not _nearest(elsewhere, path)]


def _nearest(targets: dict[str, bool], path: str) -> bool:
    """Return the value of the mount point that holds ``path``; False if it is the root."""
    while path:
        if path in targets:
            return targets[path]
        path = path.rpartition("/")[0]
    return False
