"""The probe instance: launched once, and always terminated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import BUSY, matches
from cvmimg.cloud.models import Instance
from cvmimg.cloud.progress import NoListener
from cvmimg.cloud.states import INSTANCE_ENDED
from cvmimg.cloud.waiter import Observation, Phase, Task
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.operation import Part
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import DidNotHappen, Happened, Outcome, StepCheck
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.durable.visibility import find_when_visible
from cvmimg.errors import CloudRefused, NotFound, OutcomeUnknown
from cvmimg.message import Message
from cvmimg.workflows.wait import waiter

PLAN, STEP = "probe-plan", "probe"
_TERMINATE_SECONDS = 900.0
_ENDING = (*BUSY, "UnsupportedOperation.InstanceStateTerminating")
"""Codes of TerminateInstances for an instance that cannot be terminated yet, or ends already."""


class ProbeInstance(Part):
    """The step that launches the probe instance; reverting it terminates the instance.

    The outcome of the step ``PLAN`` holds RunInstances' parameters as "run".
    """

    @property
    def step(self) -> Step:
        """Launch the instance; titled after the image that is planned for it."""
        image_id = self._run.get("ImageId", "")
        return Step(
            STEP,
            self._launch,
            self._check,
            self._terminate,
            temporary=True,
            single_call=True,
            stage=StageTitle("probe", image_id),
            revert_stage=StageTitle("terminate-probe", self.instance_id or image_id),
        )

    @property
    def instance_id(self) -> str:
        """Its id; empty if none is known."""
        return next(iter(self.log.outcome(STEP).get("instance_ids", ())), "")

    @property
    def _run(self) -> Mapping[str, Any]:
        run: Mapping[str, Any] = self.log.outcome(PLAN).get("run", {})
        return run

    def _launch(self) -> Outcome:
        launched = cvm.run_instances(self.cloud, self._run)
        if not launched:
            raise OutcomeUnknown(Message("ProbeIdMissing", image=self._run["ImageId"]))
        return {"instance_ids": launched}

    def _check(self) -> StepCheck:
        found = self._find(self.deadline)
        return Happened({"instance_ids": found}) if found else DidNotHappen()

    def _terminate(self, outcome: Outcome) -> None:
        deadline = Deadline(self.session.clock, _TERMINATE_SECONDS)
        instance_ids = outcome.get("instance_ids") or self._find(deadline)
        if instance_ids:
            terminate_probes(self.session, instance_ids, deadline, self._named)

    def _find(self, deadline: Deadline) -> list[str]:
        """Return the id of the instance as soon as it is listed; none if it does not exist."""
        found = find_when_visible(
            self.session,
            deadline,
            lambda: self._named() or None,
        )
        return [instance.instance_id for instance in found or ()]

    def _named(self) -> list[Instance]:
        """Return the instances of its name, which no other instance has."""
        if not self._run:
            return []
        zone, name = self._run["Placement"]["Zone"], self._run["InstanceName"]
        listed = cvm.describe_instances(self.cloud, zone=zone)
        return [instance for instance in listed if instance.instance_name == name]


def terminate_probes(
    session: Session,
    instance_ids: Sequence[str],
    deadline: Deadline,
    named: Callable[[], Sequence[Instance]] = tuple,
) -> None:
    """Terminate probe instances and wait until they are gone (TerminateInstances).

    Args:
        session: the cloud and the clock.
        instance_ids: which.
        deadline: until when to wait.
        named: lists them in another way, for when one does not appear by its id: an instance that
            exists has to end.
    """
    poll = partial(_terminate_once, session.cloud, named)
    task = Task("instance", tuple(instance_ids), poll)
    waiter(session, NoListener(), deadline.left).all(task)


def _terminate_once(
    cloud: Cloud, named: Callable[[], Sequence[Instance]], ids: Sequence[str]
) -> dict[str, Observation[None]]:
    """Terminate those that do not end already, until they are gone."""
    known = {one.instance_id: one for one in cvm.describe_instances_by_id(cloud, ids)}
    if len(known) < len(ids):
        # The refusal of one call is not believed: an instance that exists has to end.
        known = {one.instance_id: one for one in named()} | known
    for instance_id, instance in known.items():
        if instance_id in ids and instance.instance_state not in INSTANCE_ENDED:
            _request_end(cloud, instance_id)
    return {one: _observe_end(known.get(one)) for one in ids}


def _request_end(cloud: Cloud, instance_id: str) -> None:
    try:
        cvm.terminate_instances(cloud, [instance_id])
    except NotFound:
        return
    except CloudRefused as error:
        if not matches(error.code, _ENDING):
            raise


def _observe_end(instance: Instance | None) -> Observation[None]:
    """Whether an instance is gone; the cloud itself removes one that failed to launch."""
    if instance is None or instance.instance_state == "LAUNCH_FAILED":
        return Observation(Phase.DONE, "gone", None)
    return Observation(Phase.MOVING, instance.instance_state, None)
