"""Deleting images with their snapshots, each step in the journal: nothing is left half-gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.models import Snapshot
from cvmimg.cloud.waiter import Phase, Sighting, Task
from cvmimg.durable.closing import closed_on_failure
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.journal import OperationLog
from cvmimg.durable.progress import stage
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Outcome, Runner, Step
from cvmimg.errors import NotFound
from cvmimg.workflows.delete.plan import ImageDeletion
from cvmimg.workflows.remove_snapshots import remove_snapshots
from cvmimg.workflows.wait import waiter

KIND = "delete"


@dataclass(frozen=True)
class DeletedImage:
    """What went, and what stayed.

    Attributes:
        id: the image.
        name: its name.
        snapshot_ids: the snapshots that went with it.
        kept_snapshot_ids: those that stayed, because of another image or at the user's word.
        freed_gib: the disk sizes of the snapshots that went, in GiB.
    """

    id: str
    name: str
    snapshot_ids: tuple[str, ...]
    kept_snapshot_ids: tuple[str, ...]
    freed_gib: int

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> DeletedImage:
        """Read what ``as_json`` wrote."""
        return cls(
            id=fields["id"],
            name=fields["name"],
            snapshot_ids=tuple(fields["snapshot_ids"]),
            kept_snapshot_ids=tuple(fields["kept_snapshot_ids"]),
            freed_gib=fields["freed_gib"],
        )

    def as_json(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "id": self.id,
            "name": self.name,
            "snapshot_ids": list(self.snapshot_ids),
            "kept_snapshot_ids": list(self.kept_snapshot_ids),
            "freed_gib": self.freed_gib,
        }


def delete_images(
    session: Session, plans: Sequence[ImageDeletion], *, timeout_seconds: float
) -> list[DeletedImage]:
    """Delete the images of ``plans``, then their snapshots, and wait until all are gone.

    Rests on ModifyImageSharePermission, DeleteImages, DescribeImages, DeleteSnapshots and
    DescribeSnapshots.

    Args:
        session: whom to ask and tell.
        plans: as ``plan_delete`` made them and the user confirmed them.
        timeout_seconds: how long to wait in all.

    Raises:
        WaitTimeout: the deletion goes on; the hint says how to finish it.
        Interrupted: likewise.
        CvmimgError: the API refused.
    """
    request = {"images": [_page(plan) for plan in plans], "timeout_seconds": timeout_seconds}
    with session.journal.claim([]) as claim:
        log = claim.begin(KIND, region=session.cloud.region, origin=session.origin, request=request)
        return go_on(session, log)


def go_on(session: Session, log: OperationLog) -> list[DeletedImage]:
    """Do what is left of a deletion; raises as ``delete_images`` does."""
    deadline = Deadline(session.clock, log.record.request["timeout_seconds"])
    pages = log.record.request["images"]
    with closed_on_failure(session, log):
        deleted = [_Deletion(session, log, deadline, page).run() for page in pages]
    log.close("done", result={"images": [one.as_json() for one in deleted]})
    return deleted


def leave(log: OperationLog) -> str:
    """Give a deletion up; what is deleted stays deleted (``resume --undo``)."""
    log.close("left")
    gone = [step.name.partition(" ")[2] for step in log.record.steps if step.status == "done"]
    return f"already deleted and not to be had back: {', '.join(gone)}" if gone else ""


def _page(plan: ImageDeletion) -> dict[str, Any]:
    deleted = DeletedImage(
        id=plan.image.image_id,
        name=plan.image.image_name,
        snapshot_ids=tuple(snapshot.snapshot_id for snapshot in plan.snapshots),
        kept_snapshot_ids=tuple(snapshot.snapshot_id for snapshot in plan.kept_snapshots),
        freed_gib=plan.freed_gib,
    )
    return {"deleted": deleted.as_json(), "accounts": list(plan.use.accounts)}


class _Deletion:
    """The deletion of one image."""

    def __init__(
        self, session: Session, log: OperationLog, deadline: Deadline, page: Mapping[str, Any]
    ) -> None:
        self._session = session
        self._runner = Runner(session, log, deadline)
        self._deadline = deadline
        self._image = DeletedImage.from_json(page["deleted"])
        self._accounts: list[str] = page["accounts"]

    def run(self) -> DeletedImage:
        title = f"deleting {self._image.id} ({self._image.name})"
        with stage(self._session.observer, f"delete-{self._image.id}", title) as under_way:
            if self._accounts:
                self._step("unshare", self._unshare, lambda: None)
            self._step("image", self._delete_image, self._image_gone)
            waiter(self._session, under_way, self._deadline.left).one(self._gone_task())
            remove_snapshots(
                self._session,
                self._runner,
                self._deadline,
                under_way,
                self._image.snapshot_ids,
                step=f"snapshots {self._image.id}",
            )
            under_way.detail = f"{len(self._image.snapshot_ids)} snapshots deleted"
        return self._image

    def _step(
        self, what: str, do: Callable[[], Outcome], look: Callable[[], Outcome | None]
    ) -> None:
        self._runner.run(Step(f"{what} {self._image.id}", do, look, one_call=what == "image"))

    def _unshare(self) -> Outcome:
        cvm.cancel_image_sharing(self._session.cloud, self._image.id, self._accounts)
        return {}

    def _delete_image(self) -> Outcome:
        with suppress(NotFound):
            cvm.delete_images(self._session.cloud, [self._image.id])
        return {}

    def _image_gone(self) -> Outcome | None:
        found = cvm.describe_images_by_id(self._session.cloud, [self._image.id])
        return None if found else {}

    def _gone_task(self) -> Task[None]:
        """The image is not listed any more, and no snapshot of it is bound to it."""

        def look(ids: Sequence[str]) -> dict[str, Sighting[None]]:
            (image_id,) = ids
            listed = cvm.describe_images_by_id(self._session.cloud, [image_id])
            bound = bool(listed) or any(
                image.image_id == image_id
                for snapshot in self._left_snapshots()
                for image in snapshot.images
            )
            phase = Phase.MOVING if bound else Phase.DONE
            return {image_id: Sighting(phase, "DELETING" if bound else "gone", None)}

        return Task(f"the deletion of {self._image.id}", (self._image.id,), look)

    def _left_snapshots(self) -> list[Snapshot]:
        if not self._image.snapshot_ids:
            return []
        return cbs.describe_snapshots_by_id(self._session.cloud, self._image.snapshot_ids)
