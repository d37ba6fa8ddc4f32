"""Snapshots of an instance's data disks: each asked for once, all started together.

CreateSnapshot takes no client token. A snapshot carries the operation's id as a tag, and after any
doubt it is looked for by that before it is asked for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from cvmimg.cloud import cbs
from cvmimg.cloud.models import Snapshot
from cvmimg.durable.closing import closed_on_failure
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.journal import OperationLog
from cvmimg.durable.progress import stage
from cvmimg.durable.retold import retold
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Outcome, Runner, Step
from cvmimg.errors import CvmimgError, Interrupted, WaitTimeout
from cvmimg.guest.access import GuestAccess
from cvmimg.guest.freeze import freeze, thaw
from cvmimg.workflows.own_tags import OPERATION_TAG
from cvmimg.workflows.snapshot.plan import SnapshotPlan
from cvmimg.workflows.wait import durations, snapshot_task, waiter

KIND = "snapshot"
_FREEZE = "freeze"
_GONE = ("InvalidSnapshotId.NotFound",)
_LONGEST_NAME = 60


@dataclass(frozen=True)
class SnapshotRequest:
    """How the snapshots are to be made.

    Attributes:
        name: of all of them; each gets its disk's id behind it.
        tags: the user's own tags.
        mount_points: file systems to sync and freeze while the snapshots are started.
        timeout_seconds: how long to wait in all.
        wait: False to return as soon as all have been asked for.
    """

    name: str
    tags: dict[str, str]
    mount_points: tuple[str, ...] = ()
    timeout_seconds: float = 7200.0
    wait: bool = True


def make_snapshots(
    session: Session, plan: SnapshotPlan, request: SnapshotRequest, access: GuestAccess
) -> list[Snapshot]:
    """Make snapshots of the disks of ``plan`` and wait until they can be used.

    Rests on CreateSnapshot and DescribeSnapshots; with mount points on commands in the guest.

    Args:
        session: whom to ask and tell.
        plan: as ``plan_snapshots`` made it.
        request: how they are to be made.
        access: runs scripts in the instance, for freezing.

    Returns:
        The snapshots, in the order of the plan's disks.

    Raises:
        WaitTimeout: they go on; the hint says how to wait on.
        Interrupted: likewise.
        CvmimgError: one was refused; those made before it are deleted again.
    """
    instance_id = plan.instance.instance_id
    page = {
        "disks": {disk.disk_id: disk.disk_size for disk in plan.disks},
        "name": request.name,
        "tags": request.tags,
        "mount_points": list(request.mount_points),
        "timeout_seconds": request.timeout_seconds,
        "wait": request.wait,
    }
    with session.journal.claim([instance_id]) as claim:
        log = claim.begin(KIND, region=session.cloud.region, origin=session.origin, request=page)
        return go_on(session, log, access)


def go_on(session: Session, log: OperationLog, access: GuestAccess) -> list[Snapshot]:
    """Do what is left; raises as ``make_snapshots`` does."""
    with closed_on_failure(session, log):
        return _Work(session, log, access).finish()


def undo(session: Session, log: OperationLog, access: GuestAccess) -> None:
    """Thaw the file systems and delete the snapshots that were made (``resume --undo``)."""
    _Work(session, log, access).undo()


class _Work:
    """The snapshots of one operation."""

    def __init__(self, session: Session, log: OperationLog, access: GuestAccess) -> None:
        self._session = session
        self._log = log
        self._access = access
        self._page: dict[str, Any] = log.record.request
        self._deadline = Deadline(session.clock, self._page["timeout_seconds"])
        self._runner = Runner(session, log, self._deadline)
        self._steps = [
            _DiskSnapshot(session, log, disk_id).as_step() for disk_id in self._page["disks"]
        ]
        targets = tuple(self._page["mount_points"])
        self._freeze = Step(
            _FREEZE,
            do=partial(_nothing, partial(freeze, access, targets)),
            look=lambda: None,
            undo=lambda _: thaw(access, targets),
        )

    def finish(self) -> list[Snapshot]:
        snapshot_ids = self._start_all()
        if not self._page["wait"]:
            found = cbs.describe_snapshots_by_id(self._session.cloud, snapshot_ids)
        else:
            try:
                found = self._watch(snapshot_ids)
            except (Interrupted, WaitTimeout) as error:
                raise retold(error, f"{', '.join(snapshot_ids)} go on in the cloud") from error
        self._log.close("done", result={"snapshot_ids": snapshot_ids})
        order = {snapshot_id: index for index, snapshot_id in enumerate(snapshot_ids)}
        return sorted(found, key=lambda snapshot: order[snapshot.snapshot_id])

    def undo(self) -> None:
        self._runner.put_back(self._freeze)
        for step in reversed(self._steps):
            self._runner.put_back(step)
        self._log.close("undone")

    def _start_all(self) -> list[str]:
        try:
            if self._page["mount_points"] and not self._all_started():
                with stage(self._session.observer, _FREEZE, "freezing the file systems"):
                    self._runner.run(self._freeze)
            with stage(self._session.observer, "request", "starting the snapshots") as under_way:
                made = [str(self._runner.run(step)["snapshot_id"]) for step in self._steps]
                under_way.detail = ", ".join(made)
        except CvmimgError:
            self._give_up()
            raise
        self._runner.put_back(self._freeze)
        return made

    def _all_started(self) -> bool:
        begun = [self._log.record.step(step.name) for step in self._steps]
        return all(step is not None and step.status == "done" for step in begun)

    def _give_up(self) -> None:
        """Leave no half a set of snapshots behind, nor a frozen file system."""
        self._runner.put_back(self._freeze)
        if not any(step.status == "started" for step in self._log.record.steps):
            for step in reversed(self._steps):
                self._runner.put_back(step)

    def _watch(self, snapshot_ids: Sequence[str]) -> list[Snapshot]:
        known, gib = durations(self._session), max(self._page["disks"].values())
        begun = self._session.clock.monotonic()
        with stage(self._session.observer, "snapshots", "making the snapshots") as under_way:
            task = snapshot_task(
                self._session.cloud,
                snapshot_ids,
                expected_seconds=known.expected("snapshot", gib),
                hint=f"{self._session.program} resume {self._log.id}",
            )
            sightings = waiter(self._session, under_way, self._deadline.left).all(task)
        known.add("snapshot", gib, self._session.clock.monotonic() - begun)
        return [sighting.value for sighting in sightings.values()]


class _DiskSnapshot:
    """The snapshot of one disk, in the making of one operation."""

    def __init__(self, session: Session, log: OperationLog, disk_id: str) -> None:
        self._cloud = session.cloud
        self._log = log
        self._disk_id = disk_id

    def as_step(self) -> Step:
        """The request as a durable step; its outcome is ``{"snapshot_id"}``."""
        name = f"snapshot {self._disk_id}"
        return Step(name, self._ask, self._look, self._take_back, one_call=True)

    def _ask(self) -> Outcome:
        page = self._log.record.request
        name = f"{page['name']}-{self._disk_id}"[:_LONGEST_NAME]
        tags = {**page["tags"], OPERATION_TAG: self._log.id}
        snapshot_id = cbs.create_snapshot(self._cloud, self._disk_id, name=name, tags=tags)
        return {"snapshot_id": snapshot_id}

    def _look(self) -> Outcome | None:
        for snapshot in cbs.describe_snapshots(self._cloud, disk_id=self._disk_id):
            if snapshot.tag_map.get(OPERATION_TAG) == self._log.id:
                return {"snapshot_id": snapshot.snapshot_id}
        return None

    def _take_back(self, outcome: Outcome) -> None:
        known = outcome or self._look()
        if known is None:
            return
        try:
            cbs.delete_snapshots(self._cloud, [known["snapshot_id"]])
        except CvmimgError as error:
            if error.code not in _GONE:
                raise


def _nothing(work: Any) -> Outcome:
    work()
    return {}
