"""Check ``disks``: every disk that goes into the image can be imaged."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status, hinted, passed
from cvmimg.cloud.models import Instance
from cvmimg.message import Message

MOST_DATA_DISKS = 20
"""Data disks that one instance can have."""


def check(facts: Facts) -> CheckResult:
    """Require attached, unencrypted cloud disks without a snapshot or rollback in progress."""
    if facts.instance is None:
        return _snapshots(facts)
    problems = [*_chosen_problems(facts, facts.instance), *_busy_problems(facts, facts.instance)]
    if problems:
        return _failed(problems)
    included = len(facts.chosen_data_disk_ids)
    left_out = len(facts.instance.data_disks) - included
    details = (Message("disks.left-out", count=left_out),) if left_out else ()
    summary = Message("DisksReady", count=included) if included else Message("SystemDiskReady")
    return CheckResult(Status.PASS, summary, details)


def _failed(problems: list[Message]) -> CheckResult:
    remedies = (Message("DisksNotReady.hint"),)
    if len(problems) == 1:
        return CheckResult(Status.FAIL, problems[0], remedies=remedies)
    summary = Message("DisksNotReady", count=len(problems))
    return CheckResult(Status.FAIL, summary, tuple(problems), remedies)


def _chosen_problems(facts: Facts, instance: Instance) -> list[Message]:
    attached = {disk.disk_id: disk for disk in instance.data_disks}
    problems = []
    if len(facts.chosen_data_disk_ids) > MOST_DATA_DISKS:
        count = len(facts.chosen_data_disk_ids)
        problems.append(Message("TooManyDataDisks", count=count, limit=MOST_DATA_DISKS))
    for disk_id in facts.chosen_data_disk_ids:
        if disk_id == instance.system_disk.disk_id:
            problems.append(Message("DiskIsSystemDisk", disk=disk_id))
        elif disk_id not in attached:
            problems.append(Message("DiskNotAttached", disk=disk_id, instance=instance.instance_id))
        elif not attached[disk_id].disk_type.startswith("CLOUD_"):
            kind = attached[disk_id].disk_type
            problems.append(Message("DiskIsLocal", disk=disk_id, type=kind))
        elif attached[disk_id].encrypt:
            problems.append(Message("DiskEncrypted", disk=disk_id))
    if instance.system_disk.encrypt:
        problems.append(Message("SystemDiskEncrypted", disk=instance.system_disk.disk_id))
    return problems


def _busy_problems(facts: Facts, instance: Instance) -> list[Message]:
    included = {instance.system_disk.disk_id, *facts.chosen_data_disk_ids}
    problems = [
        Message(
            "DiskSnapshotInProgress",
            disk=snapshot.disk_id,
            snapshot=snapshot.snapshot_id,
            percent=snapshot.percent or 0,
        )
        for snapshot in facts.snapshots
        if snapshot.disk_id in included and snapshot.snapshot_state == "CREATING"
    ]
    problems += [
        Message("DiskRollingBack", disk=disk.disk_id)
        for disk in facts.disks
        if disk.disk_id in included and disk.rollbacking
    ]
    return problems


def _snapshots(facts: Facts) -> CheckResult:
    unready = [s.snapshot_id for s in facts.snapshots if s.snapshot_state != "NORMAL"]
    system = [s.snapshot_id for s in facts.snapshots if s.disk_usage == "SYSTEM_DISK"]
    if len(system) != 1:
        return hinted(Status.FAIL, "SystemSnapshots", count=len(system))
    if unready:
        return hinted(Status.FAIL, "SnapshotsNotReady", snapshots=unready)
    return passed("SnapshotsReady", count=len(facts.snapshots))
