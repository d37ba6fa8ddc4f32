"""The steps that make snapshots of disks, frozen together where that is asked for.

CreateSnapshot takes no client token. A snapshot carries the operation's id as a tag, by which it
is found again after doubt, and by which a second one, from a request delivered twice, is found.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from cvmimg.cloud import cbs
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import BUSY
from cvmimg.cloud.find_ours import find_snapshots
from cvmimg.cloud.limits import NAME_LENGTH
from cvmimg.cloud.models import Snapshot
from cvmimg.cloud.own_tags import OPERATION_TAG, SET_TAG
from cvmimg.cloud.progress import NoListener
from cvmimg.cloud.states import SNAPSHOT_GONE
from cvmimg.durable.operation import Execution, Part
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck, happened
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.durable.visibility import find_when_visible
from cvmimg.errors import CvmimgError, TaskFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.freeze import freeze, thaw
from cvmimg.message import Message
from cvmimg.workflows.delete.snapshots import wait_until_gone
from cvmimg.workflows.wait import durations, snapshot_task, waiter

FREEZE = "freeze"
_GONE = ("InvalidSnapshotId.NotFound", "InvalidSnapshot.NotFound")
_VISIBLE_WITHIN_SECONDS = 20.0
_GONE_WITHIN_SECONDS = 120.0
_MAX_FREEZES = 2


@dataclass(frozen=True)
class DiskSnapshotOrder:
    """Snapshots that are wanted.

    Attributes:
        instance_id: whose disks.
        disks: size in GiB by disk id, in the order of the source.
        name: of all of them; each is followed by its disk's id.
        tags: the user's own tags.
        mount_points: file systems to freeze while the snapshots are started; all snapshots then
            are of one freeze.
    """

    instance_id: str
    disks: dict[str, int]
    name: str
    tags: dict[str, str] = field(default_factory=dict)
    mount_points: tuple[str, ...] = ()

    def name_of(self, disk_id: str) -> str:
        """Return the name of the snapshot of a disk."""
        return f"{self.name}-{disk_id}"[:NAME_LENGTH]

    def own_tags(self, operation_id: str) -> dict[str, str]:
        """Return the tags by which the snapshots are found, and whether all of a set are there."""
        in_set = {SET_TAG: str(len(self.disks))} if self.mount_points else {}
        return {OPERATION_TAG: operation_id, **in_set}


class DiskSnapshots(Part):
    """The snapshots of one operation.

    Args:
        execution: what the operation runs with.
        order: what is wanted.
        access: runs scripts in the instance; only used to freeze.
        tag: done before the freeze; tags the instance.
    """

    def __init__(
        self,
        execution: Execution,
        order: DiskSnapshotOrder,
        access: GuestAccess,
        *,
        tag: Step | None = None,
    ) -> None:
        super().__init__(execution)
        self._order = order
        self._access = access
        self._tag = tag
        self._snapshots = [self._snapshot_step(disk_id) for disk_id in order.disks]
        self._freeze = Step(
            FREEZE,
            self._freeze_file_systems,
            check=DidNotHappen,
            revert=self._thaw_file_systems,
            temporary=True,
            stage=StageTitle("freeze", order.instance_id),
            revert_stage=StageTitle("thaw", order.instance_id),
        )
        self._cleanup = Step("duplicates", self._delete_duplicates, self._check_duplicates)

    @property
    def steps(self) -> list[Step]:
        """The tag and the freeze, if it is asked for, one step for each disk, and the cleanup."""
        before = [self._tag, self._freeze] if self._order.mount_points else []
        return [*(step for step in before if step), *self._snapshots, self._cleanup]

    @property
    def are_started(self) -> bool:
        """Whether all snapshots are started."""
        return self.runner.are_done(self._snapshots)

    @property
    def snapshot_ids(self) -> list[str]:
        """The ids of the snapshots, in the order of the disks; those that are known."""
        outcomes = [self.log.outcome(step.name) for step in self._snapshots]
        return [str(outcome["snapshot_id"]) for outcome in outcomes if "snapshot_id" in outcome]

    def start(self) -> list[str]:
        """Have all snapshots started, of one freeze where that is asked for; return their ids.

        Raises:
            CvmimgError: one could not be started, or they could not be frozen together.
        """
        self._forget_deleted()
        if self._order.mount_points:
            self._start_frozen()
        else:
            self._start_all()
        if self._duplicates():
            self.runner.run(self._cleanup)
        return self.snapshot_ids

    def wait(self) -> list[Snapshot]:
        """Wait until all snapshots can be used; return them in the order of the disks.

        Raises:
            TaskFailed: one failed.
            WaitTimeout: some are still being created.
        """
        known, gib = durations(self.session), max(self._order.disks.values())
        begun = self.session.clock.monotonic()
        with self.session.progress.stage("snapshots", subject=self._order.instance_id) as stage:
            task = snapshot_task(
                self.cloud,
                self.snapshot_ids,
                expected_seconds=known.expected("snapshot", gib),
            )
            timeout = self.deadline.left
            seen = waiter(self.session, stage, timeout).all(task)
        known.add("snapshot", gib, self.session.clock.monotonic() - begun)
        return [seen[snapshot_id].value for snapshot_id in self.snapshot_ids]

    def _forget_deleted(self) -> None:
        """Forget snapshots that an earlier process deleted again without recording that."""
        if not self.snapshot_ids or not self.execution.resumed:
            return
        found = cbs.describe_snapshots_by_id(self.cloud, self.snapshot_ids)
        listed = {one.snapshot_id for one in found if one.snapshot_state not in SNAPSHOT_GONE}
        for step in self._snapshots:
            snapshot_id = self.log.outcome(step.name).get("snapshot_id")
            if snapshot_id is not None and snapshot_id not in listed:
                self.log.note_outcome(step.name, "reverted", {})

    def _start_all(self) -> None:
        progress, count = self.session.progress, len(self._snapshots)
        subject = self._order.instance_id
        with progress.stage("start-snapshots", subject=subject, count=count) as stage:
            for step in self._snapshots:
                self.runner.run(step, stage)
            stage.detail = ", ".join(self.snapshot_ids)

    def _start_frozen(self) -> None:
        """Start all under one freeze; those of an earlier one that ended too soon are remade."""
        if self._are_of_one_freeze():
            return
        before = [] if self._tag is None else [self._tag]
        self.runner.verify_temporary(before)
        for _ in range(_MAX_FREEZES):
            self._discard()
            for step in before:
                self.runner.run(step)
            self.runner.run(self._freeze)
            self._start_all()
            if self._are_of_one_freeze():
                return
        self._discard()
        raise TaskFailed(Message("FreezeNotHeld", instance=self._order.instance_id))

    def _are_of_one_freeze(self) -> bool:
        """Thaw; return whether the freeze had lasted until all snapshots were started."""
        self.runner.revert(self._freeze)
        frozen = self.log.outcome(FREEZE)
        if not (frozen.get("held") and self.are_started):
            return False
        outcomes = (self.log.outcome(step.name) for step in self._snapshots)
        return all(outcome.get("freeze") == frozen.get("freeze") for outcome in outcomes)

    def _discard(self) -> None:
        for step in reversed(self._snapshots):
            self.runner.revert(step)

    def _freeze_file_systems(self) -> Outcome:
        attempt = self.log.attempts(FREEZE)
        freeze(self._access, self._order.mount_points, self.log.id, attempt=attempt)
        return {"freeze": attempt}

    def _thaw_file_systems(self, outcome: Outcome) -> Outcome:
        held = thaw(
            self._access, self._order.mount_points, self.log.id, attempt=self.log.attempts(FREEZE)
        )
        return {**outcome, "held": held}

    def _snapshot_step(self, disk_id: str) -> Step:
        def ask() -> Outcome:
            tags = {**self._order.tags, **self._order.own_tags(self.log.id)}
            name = self._order.name_of(disk_id)
            made = cbs.create_snapshot(self.cloud, disk_id, name=name, tags=tags)
            return self._outcome(made)

        def check() -> StepCheck:
            found = find_when_visible(
                self.session,
                self.deadline,
                lambda: next(iter(self._find([disk_id])), None),
                within_seconds=_VISIBLE_WITHIN_SECONDS,
            )
            return Happened(self._outcome(found.snapshot_id)) if found else DidNotHappen()

        def delete(outcome: Outcome) -> None:
            checked = Happened(outcome) if outcome else check()
            if isinstance(checked, Happened):
                found = {snapshot.snapshot_id for snapshot in self._find([disk_id])}
                snapshot_ids = {str(checked.outcome["snapshot_id"]), *found}
                delete_set(self.session, snapshot_ids)

        name = f"snapshot {disk_id}"
        return Step(name, ask, check, delete, single_call=True, conflicts=BUSY)

    def _outcome(self, snapshot_id: str) -> Outcome:
        return {"snapshot_id": snapshot_id, "freeze": self.log.outcome(FREEZE).get("freeze")}

    def _find(self, disk_ids: Sequence[str]) -> list[Snapshot]:
        names: Mapping[str, str] = {one: self._order.name_of(one) for one in disk_ids}
        begun = self.log.record.created
        return find_snapshots(self.cloud, self.log.id, disk_ids, names=names, created_after=begun)

    def _duplicates(self) -> list[str]:
        """Return the ids of what a request that was delivered twice has made a second time."""
        found = self._find(list(self._order.disks))
        return [one.snapshot_id for one in found if one.snapshot_id not in self.snapshot_ids]

    def _delete_duplicates(self) -> None:
        for snapshot_id in self._duplicates():
            _delete(self.cloud, snapshot_id)

    def _check_duplicates(self) -> StepCheck:
        return happened(not self._duplicates())


def delete_set(session: Session, snapshot_ids: Collection[str]) -> None:
    """Delete snapshots, and wait until they are not listed, or they would be taken for new ones.

    Raises:
        CvmimgError: one could not be deleted.
    """
    for snapshot_id in sorted(snapshot_ids):
        _delete(session.cloud, snapshot_id)
    wait_until_gone(
        session, NoListener(), sorted(snapshot_ids), timeout_seconds=_GONE_WITHIN_SECONDS
    )


def _delete(cloud: Cloud, snapshot_id: str) -> None:
    try:
        cbs.delete_snapshots(cloud, [snapshot_id])
    except CvmimgError as error:
        if error.code not in _GONE:
            raise
