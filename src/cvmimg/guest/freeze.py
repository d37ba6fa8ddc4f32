"""Freeze file systems for the moment at which snapshots are started."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, cast, get_args

from cvmimg.errors import PreconditionFailed, TaskFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.answer import reason, run_script, text_of
from cvmimg.guest.facts import GuestFacts, Mount
from cvmimg.guest.fstab.devices import CloudDisk, Devices
from cvmimg.guest.packing import encode
from cvmimg.guest.script import load
from cvmimg.guest.text import shown
from cvmimg.message import Message

LONGEST_SECONDS = 120
"""After this time a freeze ends by itself."""

FreezeEnd = Literal["held", "expired"]
"""How a freeze ended: "held" until it was thawed, or "expired" earlier, by itself or by a restart,
so that nothing may be assumed of what happened meanwhile."""


def mount_points_on(facts: GuestFacts, cloud_disks: Iterable[CloudDisk]) -> tuple[str, ...]:
    """Return a mount point of each file system on the data disks among ``cloud_disks``.

    The system disk's are left out: a guest with a frozen root cannot thaw itself. A file system
    that is mounted twice is named once: freezing it again would be refused as busy.
    """
    disks = list(cloud_disks)
    devices = Devices(facts, disks)
    mounts = {mount.target: mount for mount in facts.mounts}
    found: dict[str, str] = {}
    for target, names in devices.data_mounts():
        on_disks = [devices.cloud_disk(name) for name in names]
        if on_disks and all(disk is not None and not disk.is_system for disk in on_disks):
            found.setdefault(_file_system(facts, devices, mounts[target]), target)
    return tuple(found.values())


def freeze(
    access: GuestAccess, targets: Sequence[str], operation: str, *, attempt: int = 1
) -> None:
    """Flush and freeze the file systems at ``targets``.

    Run again with the same operation and attempt it does nothing: neither while that freeze is in
    force, nor after it has ended (then this run was delivered late). A higher attempt ends an
    earlier freeze of the same operation.

    Args:
        access: runs scripts in the guest.
        targets: mount points, each of another file system.
        operation: the operation's id.
        attempt: a number that grows with each freeze of the operation.

    Raises:
        PreconditionFailed: one cannot be frozen, or the freeze of another operation is in force;
            nothing that this freeze froze stays frozen.
        TaskFailed: this freeze has ended already.
        GuestUnreachable: the guest could not be queried.
    """
    parameters = {**_parameters(targets, operation, attempt), "seconds": str(LONGEST_SECONDS)}
    answer = run_script(access, load("freeze"), parameters)
    state = answer.get("state")
    if state == b"ended":
        raise TaskFailed(Message("FreezeEnded", operation=operation))
    if state != b"frozen":
        output = shown(answer.get("output", b"").strip())
        raise PreconditionFailed(Message("FreezeRefused", reason=reason(answer), output=output))


def thaw(access: GuestAccess, targets: Sequence[str], operation: str, *, attempt: int = 1) -> bool:
    """Thaw the file systems at ``targets``; return whether all were frozen until now.

    Run again it returns the same. After it, a ``freeze`` with this attempt or a lower one that is
    delivered late does nothing.

    Raises:
        GuestUnreachable: the guest could not be queried; the freeze ends by itself after a while.
    """
    answer = run_script(access, load("thaw"), _parameters(targets, operation, attempt))
    return _state(answer) == "held"


def _state(answer: dict[str, bytes]) -> FreezeEnd:
    state = text_of(answer, "state")
    if state not in get_args(FreezeEnd):
        raise TaskFailed(Message("FreezeStateUnknown"))
    return cast(FreezeEnd, state)


def _file_system(facts: GuestFacts, devices: Devices, mount: Mount) -> str:
    """Return what identifies a file system, however often it is mounted."""
    if mount.fs_type != "btrfs":
        return mount.number
    # Each subvolume of a btrfs has a number of its own.
    names = devices.find(mount.source)
    groups = (uuid for uuid, members in facts.btrfs.items() if set(names) & set(members))
    return next(groups, mount.source)


def _parameters(targets: Sequence[str], operation: str, attempt: int) -> dict[str, str]:
    encoded = ",".join(map(encode, targets))
    return {"targets": encoded, "operation": operation, "attempt": str(attempt)}
