"""The plan of a prune: every image and snapshot that was looked at, with the decision about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from cvmimg.checks.image_use import image_uses, use_not_read
from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, Snapshot
from cvmimg.errors import CvmimgError, UsageError
from cvmimg.message import Message
from cvmimg.workflows.all_regions import read_regions
from cvmimg.workflows.delete.plan import ImageDeletion, plan_deletion
from cvmimg.workflows.list_snapshots import is_orphan
from cvmimg.workflows.moments import now
from cvmimg.workflows.prune.facts import Selection, image_facts, snapshot_facts
from cvmimg.workflows.prune.rules import (
    Action,
    Decision,
    ImageFacts,
    Retention,
    decide,
    decide_snapshot,
)
from cvmimg.workflows.prune.snapshot_users import snapshot_users
from cvmimg.workflows.several import attempt


@dataclass(frozen=True)
class PruneRequest:
    """What the user asks of ``prune``.

    Attributes:
        retention: what to keep.
        selection: which images to look at.
        snapshots: also look at snapshots that no image uses.
        all_regions: look at all regions.
    """

    retention: Retention
    selection: Selection = field(default_factory=Selection)
    snapshots: bool = False
    all_regions: bool = False

    def require_valid(self) -> None:
        """Refuse a request without a retention rule.

        Raises:
            UsageError: neither a number nor an age is given.
        """
        if self.retention.keep is None and self.retention.older_than_seconds is None:
            raise UsageError(Message("RetentionMissing"))


@dataclass(frozen=True)
class PlannedImage:
    """An image and the decision about it.

    Attributes:
        image: the image.
        region: where it is.
        decision: what becomes of it.
        deletion: what is deleted with it; None if it is not deleted.
    """

    image: Image
    region: str
    decision: Decision
    deletion: ImageDeletion | None = None

    @property
    def id(self) -> str:
        """The image's id."""
        return self.image.image_id

    @property
    def freed_gib(self) -> int:
        """The disk sizes of the snapshots that go, in GiB."""
        return self.deletion.freed_gib if self.deletion else 0


@dataclass(frozen=True)
class PlannedSnapshot:
    """A snapshot that no image uses, and the decision about it."""

    snapshot: Snapshot
    region: str
    decision: Decision

    @property
    def id(self) -> str:
        """The snapshot's id."""
        return self.snapshot.snapshot_id

    @property
    def freed_gib(self) -> int:
        """The size of its disk if it goes, in GiB."""
        return self.snapshot.disk_size if self.decision.action is Action.DELETE else 0


@dataclass(frozen=True)
class PrunePlan:
    """What a prune does.

    Attributes:
        images: all images that were looked at, by region and group, newest first.
        snapshots: all orphan snapshots that were looked at.
    """

    images: tuple[PlannedImage, ...]
    snapshots: tuple[PlannedSnapshot, ...] = ()

    @property
    def items(self) -> tuple[PlannedImage | PlannedSnapshot, ...]:
        """Images and snapshots together."""
        return (*self.images, *self.snapshots)

    @property
    def freed_gib(self) -> int:
        """The disk sizes of all snapshots that go, in GiB."""
        return sum(item.freed_gib for item in self.items)

    def count(self, action: Action) -> int:
        """Return how many resources get this decision."""
        return sum(item.decision.action is action for item in self.items)

    @property
    def changes_anything(self) -> bool:
        """Whether something is deleted or deprecated."""
        return self.count(Action.KEEP) < len(self.items)


def plan_prune(
    cloud: Cloud, request: PruneRequest, *, unfinished: Collection[str] = ()
) -> PrunePlan:
    """Decide about images and snapshots; nothing is changed.

    Calls DescribeImages, DescribeSnapshots and, for what no other rule keeps, all that
    ``image_uses`` and ``snapshot_users`` ask.

    Args:
        cloud: where to look.
        request: what to keep.
        unfinished: ids of unfinished operations, whose snapshots are kept.

    Raises:
        UsageError: the request has no retention rule.
        CvmimgError: a region could not be queried.
    """
    request.require_valid()
    read = partial(_plan_region, request, unfinished)
    plans = read_regions(cloud, read, all_regions=request.all_regions)
    return PrunePlan(
        tuple(image for plan in plans for image in plan.images),
        tuple(snapshot for plan in plans for snapshot in plan.snapshots),
    )


def _plan_region(
    request: PruneRequest, unfinished: Collection[str], cloud: Cloud
) -> list[PrunePlan]:
    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    facts = image_facts(images, request.selection, now(cloud))
    snapshots = _plan_snapshots(cloud, request.retention, unfinished) if request.snapshots else ()
    return [PrunePlan(tuple(decide_images(cloud, facts, request.retention)), tuple(snapshots))]


def decide_images(
    cloud: Cloud, facts: Sequence[ImageFacts], retention: Retention
) -> list[PlannedImage]:
    """Decide about images; looks up only the use of those that no other rule keeps."""
    decided = [(each, decide(each, retention)) for each in _with_uses(cloud, facts, retention)]
    going = {each.image.image_id for each, one in decided if one.action is Action.DELETE}
    return concurrently([partial(_planned, cloud, going, each, one) for each, one in decided])


def _with_uses(cloud: Cloud, facts: Sequence[ImageFacts], retention: Retention) -> list[ImageFacts]:
    candidates = [each.image for each in facts if decide(each, retention).action is not Action.KEEP]
    uses = image_uses(cloud, candidates) if candidates else {}
    return [replace(each, use=uses.get(each.image.image_id, each.use)) for each in facts]


def _planned(
    cloud: Cloud, going: Collection[str], facts: ImageFacts, decision: Decision
) -> PlannedImage:
    deletes = decision.action is Action.DELETE
    deletion = plan_deletion(cloud, facts.image, facts.use, going) if deletes else None
    return PlannedImage(facts.image, cloud.region, decision, deletion)


def _plan_snapshots(
    cloud: Cloud, retention: Retention, unfinished: Collection[str]
) -> list[PlannedSnapshot]:
    orphans = [one for one in cbs.describe_snapshots(cloud) if is_orphan(one)]
    found = attempt(partial(snapshot_users, cloud)) if orphans else {}
    users = (
        use_not_read("launch templates and configurations", found)
        if isinstance(found, CvmimgError)
        else found
    )
    return [
        PlannedSnapshot(each.snapshot, cloud.region, decide_snapshot(each, retention))
        for each in snapshot_facts(orphans, now(cloud), unfinished, users)
    ]
