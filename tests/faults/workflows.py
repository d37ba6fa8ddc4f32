"""The workflows that meet the faults, and what has to hold after each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.durable.session import Session
from cvmimg.guest.tat import AgentAccess
from cvmimg.workflows.create.operation import create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.delete.operation import delete_images
from cvmimg.workflows.delete.plan import DeleteRequest, plan_delete
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.launch.operation import launch
from cvmimg.workflows.launch.plan import LaunchRequest, plan_launch
from cvmimg.workflows.launch.settings import LaunchSettings
from cvmimg.workflows.snapshot.operation import SnapshotRequest, make_snapshots
from cvmimg.workflows.snapshot.plan import mount_points, plan_snapshots
from cvmimg.workflows.update import UpdateRequest, update_image
from tests.support.lab import Lab

NAME, DATA, OWN = "web-v2", "ins-data0001", "img-webv1000"
_COUNT = 3


@dataclass(frozen=True)
class Before:
    """The world before a run, as far as it has to be the same afterwards."""

    states: dict[str, str]
    fstabs: dict[str, bytes]
    images: frozenset[str]
    orphans: frozenset[str]

    @classmethod
    def of(cls, lab: Lab) -> Before:
        instances = lab.instances()
        return cls(
            states={one.instance_id: one.instance_state for one in instances},
            fstabs={one.instance_id: lab.fstab(one.instance_id) for one in instances},
            images=frozenset(image.image_id for image in lab.images()),
            orphans=frozenset(lab.orphans()),
        )


@dataclass(frozen=True)
class Workflow:
    """Something the tool does.

    Attributes:
        name: for the report.
        run: does it once.
        broken: what does not hold after it, in words; None if all does.
    """

    name: str
    run: Callable[[Session], Any]
    broken: Callable[[Lab, Before, bool], str | None]


def _create(**options: Any) -> Callable[[Session], Any]:
    return lambda session: create(session, CreateRequest(name=NAME, **options))


def broken_create(lab: Lab, before: Before, succeeded: bool) -> str | None:
    """At most one image, exactly one after success; instances and snapshots as before."""
    new = [image for image in lab.images() if image.image_id not in before.images]
    if len(new) > 1:
        return f"{len(new)} images: {[image.image_id for image in new]}"
    if succeeded and [image.image_state for image in new] != ["NORMAL"]:
        return f"success is reported, but the images are {new}"
    return _unchanged(lab, before)


def broken_fix(lab: Lab, before: Before, succeeded: bool) -> str | None:
    """As ``broken_create``; no data disk in the image's fstab, and mounted as before."""
    new = [image for image in lab.images() if image.image_id not in before.images]
    for image in new:
        lines = lab.image_fstab(image.image_id).splitlines()
        if any(b"/data" in line and not line.startswith(b"#") for line in lines):
            return f"the image's fstab is {lines}"
    if lab.looked_into(DATA) and b" /data " not in lab.mounts(DATA):
        return "the data disk is not mounted any more"
    return broken_create(lab, before, succeeded)


def broken_launch(lab: Lab, before: Before, succeeded: bool) -> str | None:
    """No more instances than asked for, and exactly these after success."""
    new = [one for one in lab.instances() if one.instance_id not in before.states]
    if len(new) not in (0, _COUNT):
        return f"{len(new)} instances"
    if succeeded and [one.instance_state for one in new] != ["RUNNING"] * _COUNT:
        return f"success is reported, but the instances are {new}"
    return _unchanged(lab, before)


def _unchanged(lab: Lab, before: Before) -> str | None:
    after = Before.of(lab)
    for instance_id, state in before.states.items():
        if after.states.get(instance_id) != state:
            return f"{instance_id} is {after.states.get(instance_id)}, was {state}"
        was, now = before.fstabs[instance_id], after.fstabs[instance_id]
        if was != now:
            return f"the fstab of {instance_id} is {now!r}, was {was!r}"
    if after.orphans - before.orphans:
        return f"snapshots that no image uses: {after.orphans - before.orphans}"
    if lab.unfinished():
        return f"unfinished: {lab.unfinished()}"
    return None


def _launch(session: Session) -> Any:
    image = find_image(session.cloud, "web-v1")
    request = LaunchRequest("web-v1", _COUNT, settings=LaunchSettings(name="web"))
    plan = plan_launch(session.cloud, request, image)
    return launch(session, plan, timeout_seconds=7200)


def broken_snapshots(lab: Lab, before: Before, succeeded: bool) -> str | None:
    """At most one snapshot of the disk, exactly one after success."""
    new = lab.orphans() - before.orphans
    if len(new) > 1 or (succeeded and len(new) != 1):
        return f"{len(new)} snapshots"
    return _unchanged(lab, replace(before, orphans=before.orphans | new))


def broken_delete(lab: Lab, before: Before, succeeded: bool) -> str | None:
    """Another image is never touched, and the one is gone after success, with its snapshots."""
    gone = before.images - {image.image_id for image in lab.images()}
    if gone - {OWN} or (succeeded and gone != {OWN}):
        return f"gone: {gone}"
    after = lab.orphans() - before.orphans
    if succeeded and after:
        return f"snapshots left behind: {after}"
    # Given up by a refusal it may leave snapshots, but no operation.
    return _unchanged(lab, replace(before, orphans=before.orphans | after))


def broken_update(lab: Lab, before: Before, succeeded: bool) -> str | None:
    """After success both the description and the tag are there."""
    (image,) = (image for image in lab.images() if image.image_id == OWN)
    told = (image.image_description, image.tag_map.get("team"))
    if succeeded and told != ("new", "blue"):
        return f"description and tag are {told}"
    return _unchanged(lab, before)


def _snapshots(session: Session) -> Any:
    plan = plan_snapshots(session.cloud, DATA)
    access = AgentAccess(session.cloud, DATA)
    request = SnapshotRequest("data", {}, mount_points(plan, access))
    return make_snapshots(session, plan, request)


def _delete(session: Session) -> Any:
    image = cvm.describe_image(session.cloud, OWN)
    plans = plan_delete(session.cloud, [image], DeleteRequest())
    return delete_images(session, plans, timeout_seconds=7200)


def _update(session: Session) -> Any:
    image = cvm.describe_image(session.cloud, OWN)
    return update_image(session, image, UpdateRequest(description="new", tags={"team": "blue"}))


WORKFLOWS = {
    workflow.name: workflow
    for workflow in (
        Workflow("create online", _create(instance_id="ins-web00001"), broken_create),
        Workflow("create --stop", _create(instance_id="ins-old00001", stop=True), broken_create),
        Workflow(
            "create --stop --no-tags",
            _create(instance_id="ins-priv0001", stop=True, own_tags=False),
            broken_create,
        ),
        Workflow(
            "create --stop --fix-fstab",
            _create(instance_id=DATA, stop=True, fix_fstab=True),
            broken_fix,
        ),
        Workflow("launch", _launch, broken_launch),
        Workflow("snapshot --freeze", _snapshots, broken_snapshots),
        Workflow("delete", _delete, broken_delete),
        Workflow("update", _update, broken_update),
    )
}
