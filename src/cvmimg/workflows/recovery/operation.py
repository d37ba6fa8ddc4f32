"""Finish or roll back, on this machine, what an operation of another machine has left changed.

The other machine's changes become a temporary change of an operation of this machine, which is
reverted as any other. What that operation wanted beyond its image is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.find_ours import find_image_since, find_snapshots
from cvmimg.cloud.models import Image, Instance, Snapshot
from cvmimg.cloud.operation_tag import OperationTag
from cvmimg.cloud.own_tags import SET_TAG
from cvmimg.cloud.states import IMAGE_IN_PROGRESS
from cvmimg.durable.instance_tag import InstanceTag
from cvmimg.durable.operation import (
    AfterFailure,
    Execution,
    Operation,
    Resumed,
    ends_early,
    run_recovery,
)
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import Outcome
from cvmimg.durable.steps import Step
from cvmimg.durable.visibility import VISIBLE_WITHIN_SECONDS, find_when_visible
from cvmimg.errors import CvmimgError
from cvmimg.guest.access import AccessMethod, open_access
from cvmimg.guest.freeze import thaw
from cvmimg.guest.fstab.find_fixes import LAST_ATTEMPT, find_traces
from cvmimg.message import Message
from cvmimg.workflows.create.fstab_fix import FstabFix
from cvmimg.workflows.power import start_again
from cvmimg.workflows.recovery.find import Unfinished
from cvmimg.workflows.snapshot.disk_snapshots import delete_set
from cvmimg.workflows.snapshot.plan import SnapshotPlan, mount_points
from cvmimg.workflows.wait import image_task, waiter


@dataclass(frozen=True)
class RecoveryOrder:
    """What is to be restored, as stored in the journal.

    Attributes:
        instance_id: which instance.
        operation_id: the operation that has changed it.
        changes: what it has changed, of ``operation_tag.CHANGES``.
        tag: the tag of the instance that this operation replaces, if it has one.
        undo: do not wait for the image.
        access: how the guest is reached.
    """

    instance_id: str
    operation_id: str
    changes: tuple[str, ...]
    tag: OperationTag | None = None
    undo: bool = False
    access: AccessMethod = field(default_factory=AccessMethod)


@dataclass(frozen=True)
class Recovered:
    """The result of a recovery.

    Attributes:
        operation_id: the operation that had changed the instance.
        instance_id: the instance, which is restored.
        image: the image of that operation; None if it has requested none.
        snapshot_ids: its snapshots, a whole set that was frozen together.
    """

    operation_id: str
    instance_id: str
    image: Image | None
    snapshot_ids: tuple[str, ...] = ()


def recover(
    session: Session,
    unfinished: Unfinished,
    method: AccessMethod,
    *,
    undo: bool,
    timeout_seconds: float,
) -> Resumed:
    """Restore an instance in place of the operation that has changed it.

    Args:
        session: the cloud and the progress.
        unfinished: as ``find_unfinished`` found it; nobody may be working on it any more.
        method: how the guest is reached.
        undo: do not wait for the image.
        timeout_seconds: how long to wait.

    Returns:
        The operation of this machine that has restored the instance.

    Raises:
        PreconditionFailed: another operation works on the instance.
        TaskFailed: the image failed; the instance is restored.
        CvmimgError: it could not be restored; the error names the command that continues.
    """
    order = RecoveryOrder(
        unfinished.instance_id,
        unfinished.operation_id,
        unfinished.changes,
        unfinished.tag,
        undo,
        AccessMethod(ssh=method.ssh),
    )
    resumed = run_recovery(
        session, RecoveryOperation, order, timeout_seconds, unfinished.instance_id
    )
    return replace(resumed, remains=tuple(_remains(resumed.result)))


def _set_size(snapshot: Snapshot) -> int:
    """Return how many snapshots were to be made with this one; 0 if it does not say."""
    size = snapshot.tag_map.get(SET_TAG, "")
    return int(size) if size.isdecimal() and size.isascii() and len(size) < 4 else 0


def _remains(result: Recovered) -> list[Message]:
    """Describe what the other operation leaves behind, and what is not known about it."""
    if ids := result.snapshot_ids:
        return [Message("SnapshotSetRemains", snapshots=ids, count=len(ids))]
    if result.image is None:
        return [Message("NoImageRequested", operation=result.operation_id)]
    image_id = result.image.image_id
    if result.image.image_state in IMAGE_IN_PROGRESS:
        return [Message("ImageContinues", image=image_id)]
    return [Message("RequestNotKnown", operation=result.operation_id, image=image_id)]


class RecoveryOperation(Operation[RecoveryOrder, Recovered]):
    """The restoration of one instance."""

    kind = "recover"
    request_type = RecoveryOrder

    def __init__(self, execution: Execution, request: RecoveryOrder) -> None:
        super().__init__(execution, request)
        self._instance_id = request.instance_id
        self._access = open_access(request.access, self.cloud, request.instance_id)
        self._tag = InstanceTag(
            execution,
            request.instance_id,
            request.changes,
            on_behalf_of=request.operation_id,
            takes_over=request.tag,
        )
        self._image: Image | None = None
        self._snapshot_ids: tuple[str, ...] = ()
        self._is_finished = False

    @property
    def steps(self) -> Sequence[Step]:
        """One step: the tag takes the changes over, and its removal follows their reverts."""
        return [replace(self._tag.step, revert=self._restore)]

    def finish(self) -> Recovered:
        """Take the changes over, wait for the image if there is one, and revert them."""
        for step in self.steps:
            self.runner.run(step)
        self._image = find_when_visible(
            self.session,
            self.deadline,
            self._listed_image,
            within_seconds=0.0 if self.request.undo else VISIBLE_WITHIN_SECONDS,
        )
        if self._image is not None and not self.request.undo:
            self._image = self._wait_for(self._image)
            self._is_finished = True
        self.require_ours()  # the wait was long
        self.revert_temporary()
        return Recovered(
            self.request.operation_id, self._instance_id, self._image, self._snapshot_ids
        )

    def require_ours(self) -> None:
        """Refuse to continue if yet another operation works on the instance now."""
        self._tag.require_ours()

    def closing_result(self) -> dict[str, Any]:
        """Return the operation that was finished, and its image or snapshots if there are any."""
        image = {"image_id": self._image.image_id} if self._image else {}
        snapshots = {"snapshot_ids": list(self._snapshot_ids)} if self._snapshot_ids else {}
        return {"operation_id": self.request.operation_id, **image, **snapshots}

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        """Stay open while the image is being created, or where trying again can help."""
        taken_over = self.log.status(self._tag.step.name) == "done"
        return AfterFailure.RESUME if taken_over and ends_early(error) else AfterFailure.REVERT

    def state_notes(self) -> list[Message]:
        """Describe what is not restored yet."""
        if not self.has_changes_in_force:
            return []
        return [Message("NotRestoredYet", instance=self._instance_id, changes=self.request.changes)]

    def _listed_image(self) -> Image | None:
        instance = next(iter(self._instances()), None)
        since = self.request.tag.since if self.request.tag else self.log.record.created
        return find_image_since(
            self.cloud,
            self.request.operation_id,
            since,
            instance.disk_ids if instance else (),
        )

    def _wait_for(self, image: Image) -> Image:
        task = image_task(self.cloud, [image.image_id])
        title = {"subject": image.image_id, "name": image.image_name}
        with self.session.progress.stage("image", **title) as stage:
            stage.detail = image.image_id
            return waiter(self.session, stage, self.deadline.left).one(task)

    def _restore(self, outcome: Outcome) -> None:
        """Revert the changes, last first, and remove the tag; do nothing if it is another's."""
        if self._tag.is_held(outcome):
            reverts: dict[str, tuple[str, Callable[[], None]]] = {
                "freeze": ("thaw", self._end_freeze),
                "stop": ("start", partial(start_again, self.session, self._instance_id)),
                "stop-no-restart": ("start", self._start_after_failure),
                "fstab": ("restore", self._restore_guest),
                "settings": ("restore", self._restore_guest),
            }
            for change, (stage, revert) in reverts.items():
                if change in self.request.changes and self._instances():
                    with self.session.progress.stage(stage, subject=self._instance_id):
                        revert()
        self._tag.release(outcome)

    def _end_freeze(self) -> None:
        """Thaw, and delete the snapshots unless all that were frozen together are there."""
        (instance,) = self._instances()
        self._thaw(instance)
        data_disk_ids = [disk.disk_id for disk in instance.data_disks if disk.disk_id]
        found = find_snapshots(self.cloud, self.request.operation_id, data_disk_ids)
        wanted = max((_set_size(one) for one in found), default=0)
        ids = tuple(one.snapshot_id for one in found)
        if len(ids) == wanted and not self.request.undo:
            self._snapshot_ids = ids
        elif ids:
            delete_set(self.session, ids)

    def _thaw(self, instance: Instance) -> None:
        operation = self.request.operation_id
        if instance.instance_state == "STOPPED":
            return  # no freeze outlives that
        if find_traces(self._access).frozen_by == operation:
            targets = mount_points(SnapshotPlan(instance, instance.data_disks), self._access)
            thaw(self._access, targets, operation, attempt=LAST_ATTEMPT)

    def _start_after_failure(self) -> None:
        if not self._is_finished:
            start_again(self.session, self._instance_id)

    def _restore_guest(self) -> None:
        operation = self.request.operation_id
        plan = find_traces(self._access, operation).fixes[operation]
        fix = FstabFix(self.execution, self._access, self._instance_id, plan)
        fix.restore(attempt=LAST_ATTEMPT)

    def _instances(self) -> list[Instance]:
        """Return the instance, if it still exists."""
        return cvm.describe_instances_by_id(self.cloud, [self._instance_id])
