"""Checks ``boot``: a new instance, which lacks the data disks, boots and boots without delay."""

from __future__ import annotations

import re

from cvmimg.checks.facts import Facts
from cvmimg.checks.fstab import cloud_disks
from cvmimg.checks.observed import report, warn_if
from cvmimg.checks.result import CheckResult, Status
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab.devices import Devices

_SYSTEM_TARGETS = ("/", "/boot", "/boot/efi", "/efi", "/usr", "/var")
_KERNEL_NAME = re.compile(r"/dev/(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+)p?\d*")


def system_disks(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Require that the system's own file systems are on disks that the image includes."""
    if facts.instance is None:
        return warn_if([], "SystemOnDataDisk")
    devices = Devices(guest, cloud_disks(facts, facts.instance))
    missing = []
    for target, names in devices.data_mounts():
        disks = [devices.cloud_disk(name) for name in names]
        included = all(disk is None or disk.is_system or disk.in_image for disk in disks)
        if target in _SYSTEM_TARGETS and not included:
            missing.append(target)
    return warn_if(sorted(set(missing)), "SystemOnDataDisk", Status.FAIL)


def kernel_options(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find options of the kernel that name a device which new instances may lack."""
    options = guest.observed.get("kernel-option", {})
    found = [f"root={value}" for value in _values(options, "root") if _KERNEL_NAME.match(value)]
    if facts.instance is not None:
        devices = Devices(guest, cloud_disks(facts, facts.instance))
        for value in _values(options, "resume"):
            disks = [devices.cloud_disk(name) for name in devices.disks(devices.find(value))]
            if not disks or any(disk and not (disk.is_system or disk.in_image) for disk in disks):
                found.append(f"resume={value}")
    return warn_if(found, "KernelOptions")


def initramfs(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find installed kernels without an initramfs."""
    kernels = guest.observed.get("kernel", {})
    return warn_if(sorted(name for name, has in kernels.items() if has == "no"), "InitramfsMissing")


def pending_reboot(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find updates that take effect only after a reboot, so that they are untested."""
    return report(guest, "reboot-required", "RebootRequired")


def packages(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find installations that the package manager has not finished."""
    return report(guest, "unfinished-packages", "PackagesUnfinished")


def free_space(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find a full system disk, on which a first boot can fail."""
    return report(guest, "full", "SystemDiskFull")


def accounts(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find immutable account files, in which cloud-init cannot create users or set passwords."""
    return report(guest, "immutable", "AccountsImmutable")


def selinux_relabel(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find a pending SELinux relabel, which makes a first boot take minutes longer."""
    return report(guest, "relabel-pending", "RelabelPending")


def _values(options: dict[str, str], name: str) -> list[str]:
    return [options[name]] if name in options else []
