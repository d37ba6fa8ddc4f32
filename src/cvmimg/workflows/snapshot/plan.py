"""The plan of snapshots of an instance's data disks: which disks, and what refuses them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cvmimg.checks.disks import MOST_DATA_DISKS
from cvmimg.cloud import cbs
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import DataDisk, Disk, Instance
from cvmimg.errors import NotFound, PreconditionFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.freeze import mount_points_on
from cvmimg.guest.fstab.devices import CloudDisk
from cvmimg.guest.read import GuestUnreadable, read_guest
from cvmimg.message import Message
from cvmimg.workflows.find_instance import find_instance


@dataclass(frozen=True)
class SnapshotPlan:
    """The data disks of one instance that snapshots are to be made of, in the source's order."""

    instance: Instance
    disks: tuple[DataDisk, ...]

    @property
    def gib(self) -> int:
        """The size of all disks, in GiB: what the snapshots hold at the most."""
        return sum(disk.disk_size for disk in self.disks)


def plan_snapshots(cloud: Cloud, reference: str, disk_ids: Sequence[str] = ()) -> SnapshotPlan:
    """Choose the data disks and refuse what cannot work; nothing is changed.

    Calls DescribeInstances, DescribeDisks and DescribeSnapshots.

    Args:
        cloud: where to ask.
        reference: whose disks: the id or the exact name of an instance.
        disk_ids: which of them; empty means all data disks.

    Raises:
        NotFound: the instance does not exist, or a disk is not one of its data disks.
        UsageError: several instances have the name.
        PreconditionFailed: there is no data disk, or one cannot be snapshotted now; the message
            names every disk and why.
    """
    instance = find_instance(cloud, reference)
    disks = _chosen(instance, disk_ids)
    problems = _problems(cloud, disks)
    if problems:
        raise PreconditionFailed(
            Message("SnapshotsNotMade", problems=problems), code="DiskNotReady"
        )
    return SnapshotPlan(instance, disks)


def mount_points(plan: SnapshotPlan, access: GuestAccess) -> tuple[str, ...]:
    """Where the disks of ``plan`` are mounted in the guest, for freezing; looks inside.

    Raises:
        PreconditionFailed: the guest cannot be looked into.
    """
    seen = read_guest(access)
    if isinstance(seen, GuestUnreadable):
        raise PreconditionFailed(
            Message("GuestNotSeen", instance=plan.instance.instance_id, reason=seen.message)
        )
    disks = [CloudDisk(disk.disk_id, disk.disk_size) for disk in plan.disks]
    system = plan.instance.system_disk
    return mount_points_on(seen, [CloudDisk(system.disk_id, is_system=True), *disks])


def _chosen(instance: Instance, disk_ids: Sequence[str]) -> tuple[DataDisk, ...]:
    attached = [disk.disk_id for disk in instance.data_disks]
    unknown = [disk_id for disk_id in disk_ids if disk_id not in attached]
    if unknown:
        raise NotFound(
            Message("NotADataDisk", disks=unknown, instance=instance.instance_id),
            code="InvalidDiskId.NotFound",
            hint=Message("DataDisksAre", disks=attached) if attached else None,
        )
    chosen = tuple(d for d in instance.data_disks if not disk_ids or d.disk_id in disk_ids)
    if not chosen:
        raise PreconditionFailed(Message("NoDataDisk", instance=instance.instance_id))
    return chosen


def _problems(cloud: Cloud, disks: Sequence[DataDisk]) -> list[Message]:
    if len(disks) > MOST_DATA_DISKS:
        return [Message("TooManyDataDisks", count=len(disks), limit=MOST_DATA_DISKS)]
    cloud_disks = [disk for disk in disks if disk.disk_type.startswith("CLOUD_")]
    problems = [
        Message("DiskIsLocal", disk=disk.disk_id, type=disk.disk_type)
        for disk in disks
        if disk not in cloud_disks
    ]
    if cloud_disks:
        known = cbs.describe_disks(cloud, disk_ids=[disk.disk_id for disk in cloud_disks])
        problems += [problem for disk in known for problem in _disk_problems(cloud, disk)]
    return problems


def _disk_problems(cloud: Cloud, disk: Disk) -> list[Message]:
    if not disk.snapshot_ability:
        return [Message("DiskWithoutSnapshots", disk=disk.disk_id, type=disk.disk_type)]
    if disk.encrypt:
        return [Message("EncryptedDiskWithoutSnapshots", disk=disk.disk_id)]
    if disk.rollbacking:
        return [Message("DiskRollingBack", disk=disk.disk_id)]
    making = cbs.describe_snapshots(cloud, disk_id=disk.disk_id, snapshot_state="CREATING")
    return [
        Message(
            "DiskSnapshotInProgress",
            disk=disk.disk_id,
            snapshot=each.snapshot_id,
            percent=each.percent or 0,
        )
        for each in making
    ]
