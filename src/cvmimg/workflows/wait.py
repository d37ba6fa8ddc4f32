"""The tasks to wait for: images, instances, snapshots. How to wait is ``cloud/waiter.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from cvmimg.cloud import cbs, cvm, tat
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import AgentStatus, Image, Instance, Snapshot
from cvmimg.cloud.progress import ProgressListener
from cvmimg.cloud.states import (
    IMAGE_READY,
    INSTANCE_IN_TRANSITION,
    Phase,
    PowerState,
    image_phase,
    instance_phase,
    snapshot_phase,
)
from cvmimg.cloud.waiter import Observation, Task, Waiter, require_done
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, Interrupted, NotFound, TaskFailed, WaitTimeout
from cvmimg.message import Message
from cvmimg.workflows.durations import Durations
from cvmimg.workflows.if_permitted import if_permitted

IMAGE_GONE = Observation(Phase.FAILED, "GONE", Image({"ImageId": ""}))
"""The observation of an image that is no longer listed."""

_LAUNCH_GONE = Observation(
    Phase.FAILED,
    "LAUNCH_FAILED",
    Instance({"InstanceId": "", "InstanceState": "LAUNCH_FAILED"}),
    reason=Message("RemovedAfterLaunch"),
)


def wait_for_images(
    session: Session, images: Sequence[Image], *, timeout_seconds: float
) -> tuple[list[Image], dict[str, CvmimgError]]:
    """Wait until images can be used (``cvmimg wait``); one failure does not stop the others.

    Returns:
        The images that can be used, and why the others cannot, by id: ``TaskFailed``,
        ``WaitTimeout`` or ``Interrupted``; these name the command that continues.
    """
    known = durations(session)
    gib = max(image.image_size for image in images)
    ids = [image.image_id for image in images]
    task = image_task(session.cloud, ids, expected_seconds=known.expected("image", gib))
    what = Message("image.subject.one", id=images[0].image_name or ids[0])
    if len(images) > 1:
        what = Message("image.subject.several", count=len(images))
    try:
        with session.progress.stage("wait", subject=ids[0], what=what) as stage:
            seen = waiter(session, stage, timeout_seconds).all(replace(task, gone=IMAGE_GONE))
            stage.detail = ", ".join(ids)
    except (Interrupted, WaitTimeout) as error:
        return _ended_early(session, ids, error)
    ready = [seen[one].value for one in ids if seen[one].phase is Phase.DONE]
    errors = {one: _failure(session, one, seen[one]) for one in ids}
    return ready, {one: error for one, error in errors.items() if error}


def _ended_early(
    session: Session, ids: Sequence[str], error: CvmimgError
) -> tuple[list[Image], dict[str, CvmimgError]]:
    """Return the images that became ready before the wait ended, and the others."""
    try:
        now = cvm.describe_images_by_id(session.cloud, ids)
    except CvmimgError:
        now = []
    ready = [image for image in now if image.image_state == IMAGE_READY]
    left = [one for one in ids if one not in [image.image_id for image in ready]]
    error.notes += [Message("ImageContinues", image=one) for one in left]
    error.resume_command = session.command("wait", *left)
    return ready, dict.fromkeys(left, error)


def _failure(
    session: Session, image_id: str, observation: Observation[Image]
) -> CvmimgError | None:
    if observation is IMAGE_GONE:
        return NotFound(Message("NoLongerListed", id=image_id), code="NotFound")
    try:
        require_done(image_task(session.cloud, [image_id]), observation)
    except TaskFailed as error:
        return error
    return None


def waiter(session: Session, listener: ProgressListener, timeout_seconds: float) -> Waiter:
    """Return a waiter that ends on Ctrl-C and reports to ``listener``."""
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
) -> Task[Image]:
    """Images that are to become NORMAL (DescribeImages, where need be DescribeSnapshots)."""
    reader = cloud.reader("image", partial(observe_images, cloud))
    return Task("image", tuple(image_ids), reader.read, expected_seconds, close=reader.close)


def observe_images(cloud: Cloud, ids: Sequence[str]) -> dict[str, Observation[Image]]:
    """Poll images once; those that are not listed are missing."""
    images = cvm.describe_images_by_id(cloud, ids)
    percents = _snapshot_percents(cloud, images)
    return {image.image_id: _observe_image(image, percents) for image in images}


def _observe_image(image: Image, percents: Mapping[str, float]) -> Observation[Image]:
    percent = image.progress if image.progress is not None else percents.get(image.image_id)
    return Observation(image_phase(image.image_state), image.image_state, image, percent)


def _snapshot_percents(cloud: Cloud, images: Sequence[Image]) -> dict[str, float]:
    """How far the images are that do not say so, going by their snapshots; one question for all."""
    silent = [i for i in images if i.image_state == "CREATING" and i.progress is None]
    wanted = [snapshot.snapshot_id for image in silent for snapshot in image.snapshot_set]
    if not wanted:
        return {}
    found = if_permitted(partial(cbs.describe_snapshots_by_id, cloud, wanted))
    known = {snapshot.snapshot_id: snapshot for snapshot in found or ()}
    parts = {
        image.image_id: [
            known[part.snapshot_id] for part in image.snapshot_set if part.snapshot_id in known
        ]
        for image in silent
    }
    return {image_id: _percent(snapshots) for image_id, snapshots in parts.items() if snapshots}


def _percent(snapshots: Sequence[Snapshot]) -> float:
    whole = sum(snapshot.disk_size for snapshot in snapshots)
    return sum(one.disk_size * (one.percent or 0) for one in snapshots) / whole if whole else 0.0


def launch_task(cloud: Cloud, instance_ids: Sequence[str]) -> Task[Instance]:
    """New instances that are to become RUNNING; one that is no longer listed has failed.

    The service removes instances that failed to launch.
    """
    return replace(power_task(cloud, instance_ids, "RUNNING"), gone=_LAUNCH_GONE)


def visible_task(cloud: Cloud, image_id: str) -> Task[Image]:
    """An image that is to be listed at all, in whatever state (DescribeImages)."""

    def poll(ids: Sequence[str]) -> dict[str, Observation[Image]]:
        images = cvm.describe_images_by_id(cloud, ids)
        return {i.image_id: Observation(Phase.DONE, i.image_state, i) for i in images}

    return Task("image", (image_id,), poll)


def power_task(
    cloud: Cloud,
    instance_ids: Sequence[str],
    goal: PowerState,
    *,
    request_id: str = "",
) -> Task[Instance]:
    """Instances that are to become RUNNING or STOPPED (DescribeInstances).

    Args:
        cloud: where to ask.
        instance_ids: which.
        goal: the state that they are to have.
        request_id: of the call that set it going, so that the failure of an earlier one does not
            count; empty if it is not known.
    """
    observe = partial(observe_instance, goal=goal, request_id=request_id)
    return instance_task(cloud, instance_ids, observe)


def instance_task(
    cloud: Cloud,
    instance_ids: Sequence[str],
    observe: Callable[[Instance], Observation[Instance]],
) -> Task[Instance]:
    """Instances that are observed one by one (DescribeInstances)."""

    def poll(ids: Sequence[str]) -> dict[str, Observation[Instance]]:
        return {each: observe(instance) for each, instance in reader.read(ids).items()}

    reader = cvm.instance_reader(cloud)
    return Task("instance", tuple(instance_ids), poll, close=reader.close)


def observe_instance(
    instance: Instance, goal: PowerState, request_id: str
) -> Observation[Instance]:
    """Return what an instance shows of the way to ``goal``; ``request_id`` as of ``power_task``."""
    state, reason = instance.instance_state, instance.latest_operation_error_msg
    phase = instance_phase(state, goal)
    if phase is Phase.MOVING and state in ("RUNNING", "STOPPED"):
        phase = Phase.FAILED if _has_failed(instance, goal, request_id) else phase
    return Observation(phase, state, instance, reason=reason if phase is Phase.FAILED else "")


def _has_failed(instance: Instance, goal: PowerState, request_id: str) -> bool:
    """Whether the operation that was to lead to ``goal`` has failed, and not one before it."""
    operation = "StartInstances" if goal == "RUNNING" else "StopInstances"
    latest = instance.latest_operation_request_id
    if request_id and latest and latest != request_id:
        return False
    return instance.latest_operation == operation and instance.latest_operation_state == "FAILED"


def settled_task(cloud: Cloud, instance_id: str) -> Task[Instance]:
    """An instance on which no operation is to be in progress any more (DescribeInstances)."""
    return instance_task(cloud, [instance_id], _observe_operation)


def _observe_operation(instance: Instance) -> Observation[Instance]:
    in_progress = instance.operating or instance.instance_state in INSTANCE_IN_TRANSITION
    phase = Phase.MOVING if in_progress else Phase.DONE
    state = instance.latest_operation if instance.operating else instance.instance_state
    return Observation(phase, state, instance)


def agent_task(cloud: Cloud, instance_id: str) -> Task[None]:
    """The agent of a running instance, which is to come online (DescribeAutomationAgentStatus).

    An agent that is not listed is one that may still register, so it is waited for.
    """

    def poll(ids: Sequence[str]) -> dict[str, Observation[None]]:
        agents = reader.read(ids)
        return {each: _observe_agent(agents.get(each)) for each in ids}

    reader = tat.agent_reader(cloud)
    return Task("agent", (instance_id,), poll, close=reader.close)


def _observe_agent(agent: AgentStatus | None) -> Observation[None]:
    state = (agent.agent_status if agent else "") or "missing"
    return Observation(Phase.DONE if state == "Online" else Phase.MOVING, state, None)


def snapshot_task(
    cloud: Cloud,
    snapshot_ids: Sequence[str],
    *,
    expected_seconds: float | None = None,
) -> Task[Snapshot]:
    """Snapshots that are to become NORMAL (DescribeSnapshots)."""

    def poll(ids: Sequence[str]) -> dict[str, Observation[Snapshot]]:
        return {
            one.snapshot_id: Observation(
                snapshot_phase(one.snapshot_state), one.snapshot_state, one, one.percent
            )
            for one in cbs.describe_snapshots_by_id(cloud, ids)
        }

    return Task("snapshot", tuple(snapshot_ids), poll, expected_seconds)
