"""Check ``power``: the image can be made as the instance is, or after the shutdown asked for."""

from __future__ import annotations

from datetime import datetime, timezone

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud.cvm import PUBLIC
from cvmimg.cloud.models import Image, Instance

ID = "power"
ONLINE_SINCE = datetime(2018, 7, 1, tzinfo=timezone.utc)
"""Instances made before this day have to be shut down."""


def check(facts: Facts) -> CheckResult:
    """Whether the instance is shut down and still charged, may be shut down, or need not be."""
    instance = facts.instance
    if instance is None:
        return CheckResult(ID, Status.SKIP, "the image is made from snapshots, not an instance")
    if instance.instance_state == "STOPPED":
        return _stopped(facts, instance)
    if instance.instance_state != "RUNNING":
        return CheckResult(ID, Status.SKIP, f"{instance.instance_id} is neither up nor down")
    if facts.request.power == "stop":
        return CheckResult(
            ID, Status.PASS, f"{instance.instance_id} will be shut down softly, still charged"
        )
    return _running(facts, instance)


def _stopped(facts: Facts, instance: Instance) -> CheckResult:
    if instance.stop_charging_mode != "STOP_CHARGING":
        return CheckResult(ID, Status.PASS, f"{instance.instance_id} is shut down")
    start = (
        f"tccli cvm StartInstances --region {facts.region}"
        f" --InstanceIds '[\"{instance.instance_id}\"]'"
    )
    return CheckResult(
        ID,
        Status.FAIL,
        f"{instance.instance_id} was shut down in the mode STOP_CHARGING, which cannot be imaged",
        "its CPU and memory were given back; the API answers"
        " UnsupportedOperation.StoppedModeStopCharging",
        "start it, then let the shutdown be done in the mode KEEP_CHARGING:\n"
        f"{start}\n{facts.request.create_command('--stop')}",
    )


def _running(facts: Facts, instance: Instance) -> CheckResult:
    reasons = online_obstacles(instance, facts.source_image)
    if not reasons:
        return CheckResult(
            ID,
            Status.PASS,
            f"{instance.instance_id} can be imaged while it runs",
            "for data that programs hold in memory, --stop gives a cleaner image",
        )
    return CheckResult(
        ID,
        Status.FAIL,
        f"{instance.instance_id} has to be shut down to be imaged",
        "; ".join(reasons),
        "allow a soft shutdown (it is started again afterwards):\n"
        + facts.request.create_command("--stop"),
    )


def online_obstacles(instance: Instance, source_image: Image | None) -> list[str]:
    """Why the instance cannot be imaged while it runs; empty if it can.

    Online creation works for instances made since July 2018 from a public image, with a CBS cloud
    disk as system disk.
    """
    reasons = []
    if instance.created_time is None or instance.created_time < ONLINE_SINCE:
        made = instance.created_time.date().isoformat() if instance.created_time else "unknown"
        reasons.append(f"made before 2018-07-01 ({made})")
    if source_image is None:
        reasons.append(f"its image {instance.image_id} cannot be seen any more")
    elif source_image.image_type != PUBLIC:
        reasons.append(
            f"started from {source_image.image_id}, which is no public image"
            f" ({source_image.image_type})"
        )
    if not instance.system_disk.disk_type.startswith("CLOUD_"):
        reasons.append(f"its system disk is no cloud disk ({instance.system_disk.disk_type})")
    return reasons
