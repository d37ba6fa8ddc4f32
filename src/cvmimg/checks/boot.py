"""Checks ``boot``: a new instance, which lacks the data disks, boots and boots without delay."""

from __future__ import annotations

from dataclasses import replace

from cvmimg.checks.facts import Facts
from cvmimg.checks.observed import devices_of, in_image, warn_if
from cvmimg.checks.result import CheckResult, Status
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab.rules import KERNEL_NAME
from cvmimg.message import Message

_SYSTEM_TARGETS = ("/", "/boot", "/boot/efi", "/efi", "/usr", "/var")
_OPTIONS = ("kernel-option", "boot-option")
"""The options of the running kernel, and those of the boot loader's default entry."""
_NEEDED_DRIVERS = ("virtio_pci", "virtio_blk")
_NVME = "nvme"


def system_disks(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Require that the system's own file systems are on disks that the image includes."""
    devices = devices_of(guest, facts)
    missing = [
        target
        for target, names in devices.data_mounts()
        if target in _SYSTEM_TARGETS and devices.has_left_out(names)
    ]
    return warn_if(missing, "SystemOnDataDisk", Status.FAIL)


def kernel_options(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find options of the kernel that name a device which new instances may lack."""

    def lacks(device: str) -> bool:
        if facts.instance is None:
            return False
        devices = devices_of(guest, facts)
        disks = devices.disks(devices.find(device))
        return not disks or devices.has_left_out(disks)

    roots = _values(guest, "root")
    found = [f"root={value}" for value in roots if KERNEL_NAME.match(value)]
    found += [f"resume={value}" for value in _values(guest, "resume") if lacks(value)]
    wanted = guest.seen("initramfs-option").get("resume")
    found += [f"RESUME={wanted}"] if wanted and lacks(wanted) else []
    return warn_if(found, "KernelOptions")


def initramfs(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find kernels without an initramfs, and a default entry whose kernel is missing."""
    kernels = guest.seen("kernel")
    following, state = next(iter(guest.seen("next-kernel").items()), ("", ""))
    if state == "missing":
        return warn_if([following], "NextKernelMissing", Status.FAIL)
    if kernels.get(following) == "no":
        return warn_if([following], "NextInitramfsMissing", Status.FAIL)
    return warn_if((name for name, has in kernels.items() if has == "no"), "InitramfsMissing")


def virtio_drivers(guest: GuestFacts, _: Facts) -> CheckResult:
    """Require the drivers of the system disk in the kernel to boot next, or in its initramfs."""
    drivers = guest.seen("driver")
    missing = [name for name in _NEEDED_DRIVERS if drivers.get(name) == "missing"]
    if missing:
        return warn_if(missing, "VirtioMissing", Status.FAIL)
    where = drivers.get(_NVME)
    # Worth knowing, but normal on a healthy system.
    result = warn_if([_NVME] if where == "missing" else [], "NvmeMissing", Status.PASS)
    known = where in ("built-in", "initramfs")
    return replace(result, details=(Message(f"nvme.{where}"),)) if known else result


def file_systems(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find file systems with errors, or made read-only because of errors."""
    read_only = [mount.target for mount in guest.mounts if mount.target == "/" and mount.read_only]
    if read_only:
        return warn_if(read_only, "FileSystemReadOnly")
    errors = guest.seen("file-system-error")
    return warn_if((name for name in errors if _may_be_included(name, guest, facts)), "DiskErrors")


def pending_reboot(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find updates that take effect only after a reboot, so that they are untested."""
    running = next(iter(guest.seen("running-kernel")), "")
    following = next(iter(guest.seen("next-kernel")), "")
    names = list(guest.seen("reboot-required"))
    if running and following and running != following:
        names.append(f"Linux {following}")
    return warn_if(names, "RebootRequired")


def packages(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find installations that the package manager has not finished."""
    return warn_if(guest.seen("unfinished-packages"), "PackagesUnfinished")


def free_space(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find a full system disk, on which a first boot can fail."""
    full = guest.seen("full")
    included = in_image((name.partition(" ")[0] for name in full), guest, facts)
    return warn_if((name for name in full if name.partition(" ")[0] in included), "SystemDiskFull")


def accounts(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find immutable account files, in which cloud-init cannot create users or set passwords."""
    return warn_if(guest.seen("immutable"), "AccountsImmutable")


def selinux_relabel(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find a pending SELinux relabel, which makes a first boot take minutes longer."""
    names = list(guest.seen("relabel-pending"))
    if _values(guest, "autorelabel"):
        names.append("autorelabel=1")
    return warn_if(names, "RelabelPending")


def _values(guest: GuestFacts, name: str) -> list[str]:
    """Return the values of a kernel option, now and at the next boot."""
    found = (guest.seen(kind).get(name) for kind in _OPTIONS)
    return [value for value in found if value is not None]


def _may_be_included(name: str, guest: GuestFacts, facts: Facts) -> bool:
    """Return whether the image may include a device that the kernel reports errors of."""
    if not name.startswith("/dev/"):
        return True
    devices = devices_of(guest, facts)
    return not devices.has_left_out(devices.disks(devices.find(name)))
