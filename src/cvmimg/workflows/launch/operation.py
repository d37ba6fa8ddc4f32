"""Launch instances exactly once, even if the response is lost, and wait until they run.

RunInstances takes a client token; the journal keeps it, so that a launch that was cut off is
continued with the same token and launches nothing twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import UNKNOWN_TAG, locked_out, matches
from cvmimg.cloud.models import Instance
from cvmimg.cloud.own_tags import LAUNCH_TAG
from cvmimg.cloud.waiter import Observation, Phase
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.instance_tag import require_free
from cvmimg.durable.named import OperationName, continue_named
from cvmimg.durable.operation import AfterFailure, Execution, Intent, Operation, prepare
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck, Unknown
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.durable.visibility import find_when_visible
from cvmimg.errors import (
    CloudRefused,
    CredentialsError,
    CvmimgError,
    NotFound,
    OutcomeUnknown,
    TaskFailed,
)
from cvmimg.guest.access import AGENT, open_access
from cvmimg.message import Message
from cvmimg.workflows.delete.snapshots import removal_steps
from cvmimg.workflows.launch.plan import LaunchPlan
from cvmimg.workflows.launch.request import LaunchRequest
from cvmimg.workflows.launch.settings import NewDisk
from cvmimg.workflows.snapshot.disk_snapshots import DiskSnapshotOrder, DiskSnapshots
from cvmimg.workflows.snapshot.plan import SnapshotPlan
from cvmimg.workflows.wait import launch_task, waiter

_RUN = "run"
_TYPES: dict[str, type] = {
    "ImageId": str,
    "InstanceCount": int,
    "MinCount": int,
    "InstanceType": str,
    "Placement": dict,
}
"""The parameters of RunInstances that are read here; the journal may be damaged."""


@dataclass(frozen=True)
class LaunchResult:
    """What a launch has started.

    Attributes:
        image_id: what the instances were launched from.
        instances: all of them, the failed ones too.
    """

    image_id: str
    instances: tuple[Instance, ...]


class LaunchFailed(TaskFailed):
    """Some instances did not come up.

    Attributes:
        result: all instances of the launch, running and failed.
    """

    def __init__(self, message: Message, result: LaunchResult) -> None:
        super().__init__(message, code="LAUNCH_FAILED")
        self.result = result


@dataclass(frozen=True)
class DataDisk:
    """A data disk of the source of the data: what the new disks are made like.

    Attributes:
        id: the source's disk.
        type: such as "CLOUD_SSD".
        gib: its size in GiB.
    """

    id: str
    type: str
    gib: int


@dataclass(frozen=True)
class DataSource:
    """The instance whose data the new instances get, through snapshots made first."""

    instance_id: str
    disks: tuple[DataDisk, ...]

    @classmethod
    def from_plan(cls, plan: SnapshotPlan) -> DataSource:
        """Return the source that a plan of snapshots describes."""
        disks = (DataDisk(disk.disk_id, disk.disk_type, disk.disk_size) for disk in plan.disks)
        return cls(plan.instance.instance_id, tuple(disks))

    def as_planned(self, request: LaunchRequest) -> LaunchRequest:
        """Return the request with disks of the source's types, sizes and order, still empty."""
        disks = tuple(
            NewDisk(type=disk.type, gib=disk.gib, source_disk_id=disk.id) for disk in self.disks
        )
        settings = request.settings.model_copy(update={"data_disks": disks})
        return replace(request, settings=settings)

    def disk_requests(self, snapshot_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return RunInstances' DataDisks, filled from these snapshots."""
        pairs = zip(self.disks, snapshot_ids, strict=True)
        return [
            NewDisk(type=disk.type, gib=disk.gib, snapshot_id=snapshot_id).as_request()
            for disk, snapshot_id in pairs
        ]


@dataclass(frozen=True)
class LaunchOrder:
    """What is launched, as stored in the journal.

    Attributes:
        run: RunInstances' parameters, with the client token.
        wait: whether to wait until the instances run.
        data_from: the instance whose data the new ones get.
        delete_snapshots: delete the snapshots of ``data_from`` once the new disks are filled.
        delete_snapshot_ids: further snapshots to delete then.
        known_instance_ids: the instances of the zone that used the image before; None if that was
            not recorded.
        launched_ids: the instances that an earlier run has launched, whose journal is lost.
    """

    run: dict[str, Any]
    wait: bool = True
    data_from: DataSource | None = None
    delete_snapshots: bool = False
    delete_snapshot_ids: tuple[str, ...] = ()
    known_instance_ids: tuple[str, ...] | None = None
    launched_ids: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, kind in _TYPES.items():
            if not isinstance(self.run.get(name, kind()), kind):
                raise ValueError(f"{name} is not of type {kind.__name__}")
        if not {"ImageId", "InstanceCount"} <= self.run.keys():
            raise ValueError("ImageId or InstanceCount is missing")


def launch(
    session: Session,
    plan: LaunchPlan,
    *,
    timeout_seconds: float,
    wait: bool = True,
    data_from: DataSource | None = None,
    delete_snapshots: bool = False,
    name: OperationName | None = None,
) -> LaunchResult:
    """Launch the instances of a plan and wait until they run.

    Calls RunInstances and DescribeInstances; with ``data_from`` also CreateSnapshot,
    DescribeSnapshots and DeleteSnapshots.

    Args:
        session: the cloud and the progress.
        plan: as ``plan_launch`` made it and the user confirmed it.
        timeout_seconds: how long to wait in all.
        wait: False to return as soon as their ids are known.
        data_from: the instance whose data the new ones get; snapshots of its disks are made first.
        delete_snapshots: delete these snapshots once the new disks are filled.
        name: the user's name of the operation; see ``continue_launch``.

    Raises:
        LaunchFailed: some did not come up; the error carries all of them.
        WaitTimeout: some are still starting; the error names the command that continues.
        Interrupted: the same, after a request to stop.
        CvmimgError: the API refused; nothing was launched.
    """
    sources = (data_from.instance_id,) if data_from else ()
    name = name or OperationName()
    with prepare(session, Intent(sources, name.id, name.fingerprint)) as preparation:
        for instance in cvm.describe_instances_by_id(session.cloud, sources):
            require_free(session, instance)
        tagged = _tagged(plan.request, name.id) if name.id else plan.request
        order = LaunchOrder(
            run={**tagged, "ClientToken": uuid.uuid4().hex},
            wait=wait or delete_snapshots,
            data_from=data_from,
            delete_snapshots=delete_snapshots,
            known_instance_ids=tuple(
                instance.instance_id for instance in _of_image(session.cloud, plan.request)
            ),
        )
        deadline = Deadline(session.clock, timeout_seconds)
        return preparation.run(LaunchOperation, order, deadline)


def continue_launch(
    session: Session, name: OperationName, *, timeout_seconds: float
) -> LaunchResult | None:
    """Continue the launch of this name, if there is one; see ``continue_named``."""
    return continue_named(
        session, name.id, LaunchOperation, name.fingerprint, timeout_seconds=timeout_seconds
    )


class LaunchOperation(Operation[LaunchOrder, LaunchResult]):
    """The launch of instances from one image."""

    kind = "launch"
    request_type = LaunchOrder

    def __init__(self, execution: Execution, request: LaunchOrder) -> None:
        super().__init__(execution, request)
        self._snapshots = self._data_snapshots() if request.data_from else None
        self._run_step = Step(
            _RUN,
            self._run,
            self._check_run,
            single_call=True,
            stage=StageTitle(
                "launch",
                request.run["ImageId"],
                {"count": request.run["InstanceCount"]},
            ),
        )

    @property
    def steps(self) -> Sequence[Step]:
        """Snapshot the data, launch, delete the snapshots."""
        first = self._snapshots.steps if self._snapshots else []
        return [*first, self._run_step, *self._removal]

    def finish(self) -> LaunchResult:
        """Launch what is not launched yet, and wait until all instances run."""
        if self._snapshots is not None and self.log.status(_RUN) != "done":
            self._snapshots.start()
            self._snapshots.wait()
        instance_ids: list[str] = self.runner.run(self._run_step)["instance_ids"]
        if not (self.request.wait or self.execution.resumed):
            return self._result(_listed(self.cloud, instance_ids))
        return self._wait_until_running(instance_ids)

    def recall(self) -> LaunchResult:
        """Return the instances that were launched, as they are now."""
        return self._result(_listed(self.cloud, self._instance_ids))

    def closing_result(self) -> dict[str, Any]:
        """Return the ids of the instances."""
        return {"instance_ids": self._instance_ids}

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        """Keep what was launched; instances that failed are not launched again."""
        if isinstance(error, LaunchFailed):
            return AfterFailure.KEEP
        return AfterFailure.RESUME if self._instance_ids else AfterFailure.REVERT

    def state_notes(self) -> list[Message]:
        """Describe what is still starting, or that it is unknown whether anything was launched."""
        if self._instance_ids:
            ids = self._instance_ids
            return [Message("InstancesContinue", instances=ids, count=len(ids))]
        if self.log.status(_RUN) == "pending":
            return [Message("LaunchUnknown", candidates=self._candidates_for_notes())]
        return []

    def remains(self) -> list[Message]:
        """Return the instances that were launched and keep running."""
        ids = self._instance_ids
        return [Message("InstancesRemain", instances=ids, count=len(ids))] if ids else []

    @property
    def _instance_ids(self) -> list[str]:
        return list(self.log.outcome(_RUN).get("instance_ids", []))

    @property
    def _removal(self) -> list[Step]:
        ids = list(self.request.delete_snapshot_ids)
        if self._snapshots is not None and self.request.delete_snapshots:
            ids += self._snapshots.snapshot_ids
        return removal_steps(self.execution, ids, step="snapshots")

    def _data_snapshots(self) -> DiskSnapshots:
        source = self.request.data_from
        assert source is not None  # noqa: S101  only called with one
        order = DiskSnapshotOrder(
            source.instance_id,
            {disk.id: disk.gib for disk in source.disks},
            f"launch-{source.instance_id}",
        )
        access = open_access(AGENT, self.cloud, source.instance_id)
        return DiskSnapshots(self.execution, order, access)

    def _run(self) -> Outcome:
        if self.request.launched_ids:
            return {"instance_ids": list(self.request.launched_ids)}
        run = dict(self.request.run)
        if self._snapshots is not None and self.request.data_from is not None:
            snapshot_ids = self._snapshots.snapshot_ids
            run["DataDisks"] = self.request.data_from.disk_requests(snapshot_ids)
        try:
            return {"instance_ids": cvm.run_instances(self.cloud, run)}
        except (CloudRefused, CredentialsError) as error:
            untagged = _tagged(run, "")
            if untagged == run or not _may_be_about_tags(error):
                raise
            # The refusal has launched nothing, so the same token can be sent again.
            launched = cvm.run_instances(self.cloud, untagged)
            self.session.progress.notice(Message("LaunchNotTagged", error=error.message))
            return {"instance_ids": launched}

    def _check_run(self) -> StepCheck:
        """Look for new instances of the image, then send the same request again.

        The client token makes that harmless and answers with the ids. If it is refused, the new
        instances only count as this launch's if there are as many as it requested.
        """
        found = find_when_visible(
            self.session,
            self.deadline,
            lambda: self._candidates() or None,
        )
        if found is None:
            return DidNotHappen()
        try:
            return Happened(self._run())
        except OutcomeUnknown as error:
            return Unknown(error)
        except (CloudRefused, NotFound) as error:
            if not self._fits(found):
                return Unknown(error)
            return Happened({"instance_ids": [one.instance_id for one in found]})

    def _candidates(self) -> list[Instance]:
        """Return the instances that this launch may have started."""
        known, run = self.request.known_instance_ids or (), self.request.run
        return [
            one
            for one in _of_image(self.cloud, run)
            if one.instance_id not in known
            and one.instance_type == run.get("InstanceType", one.instance_type)
        ]

    def _candidates_for_notes(self) -> list[str]:
        try:
            return [one.instance_id for one in self._candidates()]
        except CvmimgError:
            return []

    def _fits(self, found: Sequence[Instance]) -> bool:
        if self.request.known_instance_ids is None:
            return False
        most = int(self.request.run["InstanceCount"])
        return int(self.request.run.get("MinCount", most)) <= len(found) <= most

    def _wait_until_running(self, instance_ids: list[str]) -> LaunchResult:
        count = len(instance_ids)
        progress = self.session.progress
        with progress.stage("boot", subject=self.log.id, count=count) as stage:
            task = launch_task(self.cloud, instance_ids)
            seen = waiter(self.session, stage, self.deadline.left).all(task)
            result = self._result([_launched(one, seen[one]) for one in instance_ids])
            failure = _failure(result, seen)
            if failure is None:
                stage.detail = ", ".join(instance_ids)
        count = len(self.request.data_from.disks) if self.request.data_from else 0
        title = StageTitle("delete-snapshots", self.log.id, {"count": count})
        self.runner.run_all(self._removal, title)
        if failure is not None:
            raise failure
        return result

    def _result(self, instances: Sequence[Instance]) -> LaunchResult:
        return LaunchResult(self.request.run["ImageId"], tuple(instances))


def _tagged(run: Mapping[str, Any], operation_id: str) -> dict[str, Any]:
    """Return the request with the tag by which another machine finds a named launch, or none."""
    found = [tag for each in run.get("TagSpecification", ()) for tag in each["Tags"]]
    tags = [tag for tag in found if tag["Key"] != LAUNCH_TAG]
    if operation_id:
        tags.append({"Key": LAUNCH_TAG, "Value": operation_id})
    tagged = {**run, "TagSpecification": [{"ResourceType": "instance", "Tags": tags}]}
    if not tags:
        del tagged["TagSpecification"]
    return tagged


def _may_be_about_tags(error: CvmimgError) -> bool:
    if isinstance(error, CredentialsError):
        return not locked_out(error.code)
    return matches(error.code, UNKNOWN_TAG)


def _of_image(cloud: Cloud, run: Mapping[str, Any]) -> list[Instance]:
    """Return the instances of the image, in the launch's zone where that is known."""
    zone = run.get("Placement", {}).get("Zone")
    found = cvm.describe_instances(cloud, zone=zone) if zone else cvm.describe_instances(cloud)
    return [one for one in found if one.image_id == run["ImageId"]]


def _failure(
    result: LaunchResult, seen: Mapping[str, Observation[Instance]]
) -> LaunchFailed | None:
    failed = [one for one in result.instances if seen[one.instance_id].phase is Phase.FAILED]
    if not failed:
        return None
    reasons = [
        Message(
            "InstanceFailed",
            instance=one.instance_id,
            state=one.instance_state,
            reason=seen[one.instance_id].reason or "-",
        )
        for one in failed
    ]
    running = len(result.instances) - len(failed)
    message = Message(
        "InstancesFailed",
        count=len(failed),
        total=len(result.instances),
        running=running,
        reasons=reasons,
    )
    return LaunchFailed(message, result)


def _launched(instance_id: str, observation: Observation[Instance]) -> Instance:
    """Return an instance as it was last seen; one that is no longer listed by its id alone."""
    seen = observation.value
    if seen.instance_id:
        return seen
    return Instance({"InstanceId": instance_id, "InstanceState": seen.instance_state})


def _listed(cloud: Cloud, instance_ids: Sequence[str]) -> list[Instance]:
    """Return the instances as they are listed now; those not listed yet by their ids alone."""
    found = cvm.describe_instances_by_id(cloud, instance_ids)
    known = {instance.instance_id: instance for instance in found}
    return [
        known.get(one) or Instance({"InstanceId": one, "InstanceState": "PENDING"})
        for one in instance_ids
    ]
