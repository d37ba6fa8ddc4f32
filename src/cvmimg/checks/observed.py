"""What the readiness checks have in common: they report what was observed in the guest."""

from __future__ import annotations

from collections.abc import Iterable

from cvmimg.checks.facts import Facts
from cvmimg.checks.fstab import cloud_disks
from cvmimg.checks.result import CheckResult, Status, hinted, passed
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab.devices import Devices
from cvmimg.message import Message


def warn_if(names: Iterable[str | Message], code: str, status: Status = Status.WARN) -> CheckResult:
    """Return ``status`` with ``code`` and these names, each once; pass if there are none."""
    found = [name for _, name in sorted({str(name): name for name in names}.items())]
    if not found:
        return passed("NothingFound")
    return hinted(status, code, names=found)


def devices_of(guest: GuestFacts, facts: Facts) -> Devices:
    """Return the guest's devices, with the disks of the instance."""
    return Devices(guest, cloud_disks(facts, facts.instance) if facts.instance else ())


def in_image(paths: Iterable[str], guest: GuestFacts, facts: Facts) -> list[str]:
    """Return those of the paths that are on a disk that the image includes."""
    if facts.instance is None:
        return list(paths)
    devices = devices_of(guest, facts)
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
