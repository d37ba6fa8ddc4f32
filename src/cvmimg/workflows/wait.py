"""What can be waited for: images, instances, snapshots. How to wait is ``cloud/waiter.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from cvmimg.clock import Clock
from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.answers import PAGE
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, Instance, Snapshot
from cvmimg.cloud.progress import ProgressListener
from cvmimg.cloud.waiter import Phase, Sighting, Task, Waiter
from cvmimg.durable.session import Session
from cvmimg.errors import CloudRefused, CredentialsError, Interrupted, NotFound, WaitTimeout
from cvmimg.message import Message
from cvmimg.workflows.durations import Durations

Power = Literal["RUNNING", "STOPPED"]

_IMAGE_MOVING = ("CREATING", "SYNCING", "IMPORTING")
_BETWEEN_STATES = ("PENDING", "STARTING", "STOPPING", "REBOOTING")
_INSTANCE_MOVING = (*_BETWEEN_STATES, "RUNNING", "STOPPED")
INSTANCE_ENDED = ("LAUNCH_FAILED", "SHUTDOWN", "TERMINATING")


def wait_for_image(session: Session, image: Image, *, timeout_seconds: float) -> Image:
    """Wait until an image can be used, as a stage of its own (``cvmimg wait``).

    Raises:
        TaskFailed: making, copying or importing it failed.
        WaitTimeout: it is still in progress; the error names the command that continues.
        Interrupted: likewise.
    """
    known, image_id = durations(session), image.image_id
    title = {"subject": image_id, "name": image.image_name or image_id}
    with session.progress.stage("wait", **title) as stage:
        task = image_task(
            session.cloud,
            [image_id],
            expected_seconds=known.expected("image", image.image_size),
        )
        try:
            done = waiter(session, stage, timeout_seconds).one(task)
        except (Interrupted, WaitTimeout) as error:
            error.notes.append(Message("ImageContinues", image=image_id))
            error.resume_command = session.command("wait", image_id)
            raise
        stage.detail = image_id
        return done


def waiter(session: Session, listener: ProgressListener, timeout_seconds: float) -> Waiter:
    """A waiter that stops on request and tells ``listener``."""
    return Waiter(session.clock, timeout_seconds, session.interrupt.check, listener)


def durations(session: Session) -> Durations:
    """Past durations at this session's cloud."""
    place = "sandbox" if session.origin.sandbox else session.origin.endpoint or "cloud"
    return Durations(session.journal.state_dir, place)


def image_task(
    cloud: Cloud,
    image_ids: Sequence[str],
    *,
    expected_seconds: float | None = None,
    hint: str = "",
) -> Task[Image]:
    """Images that are to become NORMAL (DescribeImages, where need be DescribeSnapshots)."""

    def look(ids: Sequence[str]) -> dict[str, Sighting[Image]]:
        images = cvm.describe_images_by_id(cloud, ids)
        percents = _snapshot_percents(cloud, images)
        return {image.image_id: _image_sighting(image, percents) for image in images}

    return Task(_named("image", image_ids), tuple(image_ids), look, expected_seconds, hint)


def _image_sighting(image: Image, percents: Mapping[str, float]) -> Sighting[Image]:
    state = image.image_state
    if state == "NORMAL":
        return Sighting(Phase.DONE, state, image)
    if state.endswith("FAILED"):
        return Sighting(Phase.FAILED, state, image, reason="the cloud gives no reason")
    phase = Phase.MOVING if state in _IMAGE_MOVING else Phase.UNKNOWN
    percent = image.progress if image.progress is not None else percents.get(image.image_id)
    return Sighting(phase, state, image, percent)


def _snapshot_percents(cloud: Cloud, images: Sequence[Image]) -> dict[str, float]:
    """How far the images are that do not say so, going by their snapshots; one question for all."""
    silent = [i for i in images if i.image_state == "CREATING" and i.progress is None]
    wanted = [snapshot.snapshot_id for image in silent for snapshot in image.snapshot_set]
    if not wanted:
        return {}
    try:
        found = cbs.describe_snapshots(cloud, snapshot_ids=wanted[:PAGE])
    except (CloudRefused, CredentialsError, NotFound):
        return {}
    known = {snapshot.snapshot_id: snapshot for snapshot in found}
    parts = {
        image.image_id: [
            known[part.snapshot_id] for part in image.snapshot_set if part.snapshot_id in known
        ]
        for image in silent
    }
    return {image_id: _percent(snapshots) for image_id, snapshots in parts.items() if snapshots}


def _percent(snapshots: Sequence[Snapshot]) -> float:
    whole = sum(snapshot.disk_size for snapshot in snapshots)
    return sum(one.disk_size * one.percent for one in snapshots) / whole if whole else 0.0


def visible_task(cloud: Cloud, image_id: str) -> Task[Image]:
    """An image that is to be listed at all, in whatever state (DescribeImages)."""

    def look(ids: Sequence[str]) -> dict[str, Sighting[Image]]:
        images = cvm.describe_images_by_id(cloud, ids)
        return {i.image_id: Sighting(Phase.DONE, i.image_state, i) for i in images}

    return Task(f"image {image_id}", (image_id,), look)


def power_task(
    cloud: Cloud,
    instance_ids: Sequence[str],
    goal: Power,
    *,
    request_id: str = "",
    hint: str = "",
) -> Task[Instance]:
    """Instances that are to become RUNNING or STOPPED (DescribeInstances).

    Args:
        cloud: where to ask.
        instance_ids: which.
        goal: the state that they are to have.
        request_id: of the call that set it going, so that the failure of an earlier one does not
            count; empty if it is not known.
        hint: for the timeout: how to go on waiting.
    """

    def look(ids: Sequence[str]) -> dict[str, Sighting[Instance]]:
        found = cvm.describe_instances_by_id(cloud, ids)
        return {one.instance_id: _instance_sighting(one, goal, request_id) for one in found}

    return Task(_named("instance", instance_ids), tuple(instance_ids), look, hint=hint)


def _instance_sighting(instance: Instance, goal: Power, request_id: str) -> Sighting[Instance]:
    state = instance.instance_state
    reason = instance.latest_operation_error_msg
    if state == goal:
        return Sighting(Phase.DONE, state, instance)
    failed = _has_failed(instance, goal, request_id)
    if state in INSTANCE_ENDED or (failed and state in ("RUNNING", "STOPPED")):
        return Sighting(Phase.FAILED, state, instance, reason=reason or "the cloud gives no reason")
    phase = Phase.MOVING if state in _INSTANCE_MOVING else Phase.UNKNOWN
    return Sighting(phase, state, instance)


def _has_failed(instance: Instance, goal: Power, request_id: str) -> bool:
    """Whether the operation that was to lead to ``goal`` has failed, and not one before it."""
    operation = "StartInstances" if goal == "RUNNING" else "StopInstances"
    latest = instance.latest_operation_request_id
    if request_id and latest and latest != request_id:
        return False
    return instance.latest_operation == operation and instance.latest_operation_state == "FAILED"


def stop_task(
    cloud: Cloud,
    instance_id: str,
    clock: Clock,
    *,
    visible_within_seconds: float,
    request_id: str = "",
) -> Task[Instance]:
    """An instance that is to become STOPPED; it fails where somebody starts it meanwhile.

    Args:
        cloud: where to ask.
        instance_id: which.
        clock: the time.
        visible_within_seconds: how long a shutdown that was accepted may not show.
        request_id: as of ``power_task``.
    """
    begun = clock.monotonic()

    def look(ids: Sequence[str]) -> dict[str, Sighting[Instance]]:
        return {one.instance_id: sighting(one) for one in cvm.describe_instances_by_id(cloud, ids)}

    def sighting(instance: Instance) -> Sighting[Instance]:
        visible = clock.monotonic() - begun > visible_within_seconds
        if visible and instance.instance_state == "RUNNING" and not instance.operating:
            return Sighting(Phase.FAILED, "RUNNING", instance, reason="it was started meanwhile")
        return _instance_sighting(instance, "STOPPED", request_id)

    return Task(_named("instance", [instance_id]), (instance_id,), look)


def settled_task(cloud: Cloud, instance_id: str) -> Task[Instance]:
    """An instance on which no operation is to be in progress any more (DescribeInstances)."""

    def look(ids: Sequence[str]) -> dict[str, Sighting[Instance]]:
        return {
            one.instance_id: _settled_sighting(one)
            for one in cvm.describe_instances_by_id(cloud, ids)
        }

    return Task(f"the operation on {instance_id}", (instance_id,), look)


def _settled_sighting(instance: Instance) -> Sighting[Instance]:
    phase = Phase.DONE if is_settled(instance) else Phase.MOVING
    state = instance.latest_operation if instance.operating else instance.instance_state
    return Sighting(phase, state, instance)


def is_settled(instance: Instance) -> bool:
    """Whether no operation is in progress on an instance."""
    return not instance.operating and instance.instance_state not in _BETWEEN_STATES


def gone_task(cloud: Cloud, instance_ids: Sequence[str]) -> Task[str]:
    """Instances that are to be gone (DescribeInstances)."""

    def look(ids: Sequence[str]) -> Mapping[str, Sighting[str]]:
        left = {
            one.instance_id: one.instance_state for one in cvm.describe_instances_by_id(cloud, ids)
        }
        return {
            one: Sighting(Phase.MOVING if one in left else Phase.DONE, left.get(one, "gone"), one)
            for one in ids
        }

    return Task(_named("instance", instance_ids), tuple(instance_ids), look)


def snapshot_task(
    cloud: Cloud,
    snapshot_ids: Sequence[str],
    *,
    expected_seconds: float | None = None,
    hint: str = "",
) -> Task[Snapshot]:
    """Snapshots that are to become NORMAL (DescribeSnapshots)."""

    def look(ids: Sequence[str]) -> dict[str, Sighting[Snapshot]]:
        found = cbs.describe_snapshots(cloud, snapshot_ids=ids)
        return {one.snapshot_id: _snapshot_sighting(one) for one in found}

    return Task(_named("snapshot", snapshot_ids), tuple(snapshot_ids), look, expected_seconds, hint)


def _snapshot_sighting(snapshot: Snapshot) -> Sighting[Snapshot]:
    state = snapshot.snapshot_state
    if state == "NORMAL":
        return Sighting(Phase.DONE, state, snapshot)
    moving = state in ("CREATING", "COPYING_FROM_REMOTE", "CHECKING_COPIED")
    return Sighting(Phase.MOVING if moving else Phase.UNKNOWN, state, snapshot, snapshot.percent)


def _named(kind: str, ids: Sequence[str]) -> str:
    return f"{kind} {ids[0]}" if len(ids) == 1 else f"{len(ids)} {kind}s"
