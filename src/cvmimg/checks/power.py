"""Check ``power``: the image can be made while the instance runs, or after a permitted shutdown."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from cvmimg.checks.result import CheckResult, Status, command, passed, skipped
from cvmimg.cloud.cvm import PUBLIC
from cvmimg.cloud.models import Image, Instance
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.checks.facts import Facts  # which loads all that reads a guest

ONLINE_SINCE = datetime(2018, 7, 1, tzinfo=timezone.utc)
"""Instances created before this day must be shut down."""


def check(facts: Facts) -> CheckResult:
    """Require that the instance may be imaged online, may be shut down, or is stopped."""
    instance = facts.instance
    if instance is None:
        return skipped("MadeFromSnapshots")
    if instance.instance_state == "STOPPED":
        return _stopped(facts, instance)
    if instance.instance_state != "RUNNING":
        return skipped(
            "PowerInTransition", instance=instance.instance_id, state=instance.instance_state
        )
    if facts.request.power == "stop":
        return passed("PowerWillStop", instance=instance.instance_id)
    return _running(facts, instance)


def _stopped(facts: Facts, instance: Instance) -> CheckResult:
    if instance.stop_charging_mode != "STOP_CHARGING":
        return passed("PowerStopped", instance=instance.instance_id)
    return CheckResult(
        Status.FAIL,
        Message("PowerStopCharging", instance=instance.instance_id),
        (Message("power.stop-charging"),),
        (
            Message("power.start-first"),
            start_command(facts, instance),
            command(facts.request.create_command("--stop")),
        ),
    )


def _running(facts: Facts, instance: Instance) -> CheckResult:
    obstacles = online_obstacles(instance, facts.source_image)
    if not obstacles:
        return CheckResult(
            Status.PASS,
            Message("PowerOnline", instance=instance.instance_id),
            (Message("power.cleaner-with-stop"),),
        )
    return CheckResult(
        Status.FAIL,
        Message("PowerMustStop", instance=instance.instance_id),
        tuple(obstacles),
        (Message("power.allow-stop"), command(facts.request.create_command("--stop"))),
    )


def online_obstacles(instance: Instance, source_image: Image | None) -> list[Message]:
    """Return why the instance cannot be imaged while it runs; empty if it can.

    That works for instances created since July 2018 from a public image, whose system disk is a
    CBS cloud disk.
    """
    obstacles = []
    if instance.created_time is None:
        obstacles.append(Message("power.age-unknown"))
    elif instance.created_time < ONLINE_SINCE:
        created = instance.created_time.date().isoformat()
        obstacles.append(Message("power.too-old", created=created))
    if source_image is None:
        obstacles.append(Message("power.image-not-found", image=instance.image_id))
    elif source_image.image_type != PUBLIC:
        kind = source_image.image_type
        obstacles.append(Message("power.image-not-public", image=source_image.image_id, type=kind))
    disk_type = instance.system_disk.disk_type
    if not disk_type.startswith("CLOUD_"):
        obstacles.append(Message("power.local-system-disk", type=disk_type))
    return obstacles


def start_command(facts: Facts, instance: Instance) -> Message:
    """Return the command that starts the instance, of Tencent Cloud's own CLI."""
    return command(
        f"tccli cvm StartInstances --region {facts.region}"
        f" --InstanceIds '[\"{instance.instance_id}\"]'"
    )
