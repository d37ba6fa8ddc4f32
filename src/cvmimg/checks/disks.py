"""Check ``disks``: every disk that goes into the image can be put there."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud.models import DataDisk, Instance

ID = "disks"
MOST_DATA_DISKS = 20
"""Data disks that one instance can hold."""


def check(facts: Facts) -> CheckResult:
    """Whether the disks exist, are cloud disks, unencrypted, and have no snapshot in the making."""
    if facts.instance is None:
        return _snapshots(facts)
    problems = [*_chosen_problems(facts, facts.instance), *_busy_problems(facts, facts.instance)]
    if problems:
        return CheckResult(
            ID,
            Status.FAIL,
            problems[0] if len(problems) == 1 else f"{len(problems)} disks stand in the way",
            "\n".join(problems) if len(problems) > 1 else "",
            "leave these disks out (--data-disk chooses), or mend what is said of them",
        )
    count = len(facts.chosen_data_disk_ids)
    left_out = len(facts.instance.data_disks) - count
    return CheckResult(
        ID,
        Status.PASS,
        f"the system disk and {count} data disk{'' if count == 1 else 's'} go into the image"
        if count
        else "the system disk goes into the image",
        f"left out: {left_out} data disk{'' if left_out == 1 else 's'}" if left_out else "",
    )


def _chosen_problems(facts: Facts, instance: Instance) -> list[str]:
    attached = {disk.disk_id: disk for disk in instance.data_disks}
    problems = []
    if len(facts.chosen_data_disk_ids) > MOST_DATA_DISKS:
        problems.append(f"{len(facts.chosen_data_disk_ids)} data disks are more than 20")
    for disk_id in facts.chosen_data_disk_ids:
        if disk_id == instance.system_disk.disk_id:
            problems.append(f"{disk_id} is the system disk, which is in the image anyway")
        elif disk_id not in attached:
            problems.append(f"{disk_id} is not attached to {instance.instance_id}")
        else:
            problems += _kind_problems(attached[disk_id])
    if instance.system_disk.encrypt:
        problems.append(f"the system disk {instance.system_disk.disk_id} is encrypted")
    return problems


def _kind_problems(disk: DataDisk) -> list[str]:
    if not disk.disk_type.startswith("CLOUD_"):
        return [f"{disk.disk_id} is a local disk ({disk.disk_type}), of which no snapshot is made"]
    if disk.encrypt:
        return [f"{disk.disk_id} is encrypted"]
    return []


def _busy_problems(facts: Facts, instance: Instance) -> list[str]:
    concerned = {instance.system_disk.disk_id, *facts.chosen_data_disk_ids}
    problems = [
        f"{snapshot.disk_id} has the snapshot {snapshot.snapshot_id} in the making"
        f" ({snapshot.percent}%)"
        for snapshot in facts.snapshots
        if snapshot.disk_id in concerned and snapshot.snapshot_state == "CREATING"
    ]
    problems += [
        f"{disk.disk_id} is being rolled back"
        for disk in facts.disks
        if disk.disk_id in concerned and disk.rollbacking
    ]
    return problems


def _snapshots(facts: Facts) -> CheckResult:
    unready = [s.snapshot_id for s in facts.snapshots if s.snapshot_state != "NORMAL"]
    system = [s.snapshot_id for s in facts.snapshots if s.disk_usage == "SYSTEM_DISK"]
    remedy = ""
    if len(system) != 1:
        problem = (
            f"{len(system)} of the snapshots are of a system disk, where exactly one has to be"
        )
        remedy = "give exactly one --snapshot of a system disk"
    elif unready:
        problem = f"not ready: {', '.join(unready)}"
        remedy = "wait until the snapshots are NORMAL, then try again"
    else:
        return CheckResult(ID, Status.PASS, f"{len(facts.snapshots)} snapshots go into the image")
    return CheckResult(ID, Status.FAIL, problem, remedy=remedy)
