"""The workflows that meet the faults, and what has to hold after each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.own_tags import DEPRECATED_TAG
from cvmimg.durable.session import Session
from cvmimg.errors import PreconditionFailed
from cvmimg.guest.tat import AgentAccess
from cvmimg.workflows.create.operation import create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.delete.operation import delete_images
from cvmimg.workflows.delete.plan import DeleteRequest, plan_delete
from cvmimg.workflows.family.operation import change_family
from cvmimg.workflows.family.plan import plan_promotion, plan_rollback
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.launch.operation import launch
from cvmimg.workflows.launch.plan import LaunchRequest, plan_launch
from cvmimg.workflows.launch.settings import LaunchSettings
from cvmimg.workflows.prune.facts import Selection
from cvmimg.workflows.prune.operation import prune
from cvmimg.workflows.prune.plan import PruneRequest, plan_prune
from cvmimg.workflows.prune.rules import Action, Retention
from cvmimg.workflows.snapshot.operation import SnapshotRequest, make_snapshots
from cvmimg.workflows.snapshot.plan import mount_points, plan_snapshots
from cvmimg.workflows.update import UpdateRequest, update_image
from tests.support.lab import Lab

NAME, DATA, OWN = "web-v2", "ins-data0001", "img-webv1000"
FULL = "ap-shanghai"
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
        world: where it runs; None for the world of the contract.
    """

    name: str
    run: Callable[[Session], Any]
    broken: Callable[[Lab, Before, bool], str | None]
    world: dict[str, Any] | None = None


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


def broken_keep(lab: Lab, before: Before, succeeded: bool) -> str | None:
    """As ``broken_create``; older images are deleted only once the new one is ready."""
    now = {image.image_id: image for image in lab.images()}
    gone = before.images - set(now)
    ready = any(image.image_state == "NORMAL" for image in now.values() if image.image_name == NAME)
    if gone - {"img-web00001", "img-web00002"} or (gone and not ready):
        return f"gone: {gone}"
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


def _prune(retention: Retention) -> Callable[[Session], Any]:
    def run(session: Session) -> Any:
        there = session.in_region(FULL)
        request = PruneRequest(retention, Selection(names=("app-*",)))
        plan = plan_prune(there.cloud, request)
        if plan.count(Action.KEEP) != 8:
            raise PreconditionFailed("an image is kept because its use is unknown")
        return prune(there, request, plan, timeout_seconds=7200)

    return run


def broken_prune(lab: Lab, before: Before, succeeded: bool) -> str | None:
    """The eight newest images stay, and after success no other, and no snapshot of another."""
    cloud = lab.observer_cloud.in_region(FULL)
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    names = sorted(image.image_name for image in images)
    if names[-8:] != [f"app-2025-{number:02}" for number in range(3, 11)]:
        return f"only {names} are left"
    if succeeded and len(names) > 8:
        return f"{names} are left"
    used = {each.snapshot_id for image in images for each in image.snapshot_set}
    left = {each.snapshot_id for each in cbs.describe_snapshots(cloud)} - used
    if succeeded and left:
        return f"snapshots left behind: {left}"
    return _unchanged(lab, before)


def broken_grace(lab: Lab, before: Before, succeeded: bool) -> str | None:
    """After success the two oldest are deprecated, with the date; the others never are."""
    cloud = lab.observer_cloud.in_region(FULL)
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    deprecated = {image.image_name for image in images if image.image_deprecated}
    dated = {image.image_name for image in images if DEPRECATED_TAG in image.tag_map}
    oldest = {"app-2025-01", "app-2025-02"}
    if deprecated - oldest or (succeeded and not deprecated == dated == oldest):
        return f"deprecated: {deprecated}, with a date: {dated}"
    return _unchanged(lab, before)


def _promote(session: Session) -> Any:
    image = cvm.describe_image(session.cloud, "img-web00001")
    return change_family(session, plan_promotion(session.cloud, image))


def _rollback(session: Session) -> Any:
    return change_family(session, plan_rollback(session.cloud, "web", "broken"))


def broken_family(*wanted: bool) -> Callable[[Lab, Before, bool], str | None]:
    """Either all images are changed or none is, and all after success."""

    def broken(lab: Lab, before: Before, succeeded: bool) -> str | None:
        images = sorted(lab.images(), key=lambda image: image.image_name)
        deprecated = tuple(image.image_deprecated for image in images)
        dated = tuple(DEPRECATED_TAG in image.tag_map for image in images)
        if deprecated != dated or deprecated not in (wanted, (False, False, False)):
            return f"deprecated: {deprecated}, with a date: {dated}"
        if succeeded and deprecated != wanted:
            return f"success is reported, but deprecated are {deprecated}"
        return _unchanged(lab, before)

    return broken


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


_FAMILY = {
    "regions": {
        "ap-guangzhou": {
            "images": [
                {
                    "id": f"img-web{number:05}",
                    "name": f"old-v{number}",
                    "family": "web",
                    "created": f"2026-{number:02}-01T00:00:00Z",
                }
                for number in (1, 2, 3)
            ],
            "instances": [{"id": "ins-build001", "name": "build"}],
        }
    }
}

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
        Workflow(
            "create --keep",
            _create(instance_id="ins-build001", family="web", keep=2),
            broken_keep,
            _FAMILY,
        ),
        Workflow("launch", _launch, broken_launch),
        Workflow("snapshot --freeze", _snapshots, broken_snapshots),
        Workflow("delete", _delete, broken_delete),
        Workflow("update", _update, broken_update),
        Workflow("prune", _prune(Retention(keep=8)), broken_prune),
        Workflow("prune --grace", _prune(Retention(keep=8, grace_seconds=86400.0)), broken_grace),
        Workflow("family promote", _promote, broken_family(False, True, True), _FAMILY),
        Workflow("family rollback", _rollback, broken_family(False, False, True), _FAMILY),
    )
}
