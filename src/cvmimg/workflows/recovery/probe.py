"""Terminate, on this machine, a probe instance that an operation of another machine has left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.states import INSTANCE_ENDED
from cvmimg.durable.operation import Operation, Resumed, run_recovery
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import StepCheck, happened
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.workflows.recovery.find import Unfinished
from cvmimg.workflows.verify.probe_instance import terminate_probes


@dataclass(frozen=True)
class ProbeOrder:
    """What is to be terminated, as stored in the journal.

    Attributes:
        instance_id: the probe instance.
        operation_id: the operation that has launched it.
    """

    instance_id: str
    operation_id: str


def terminate_probe(session: Session, unfinished: Unfinished, timeout_seconds: float) -> Resumed:
    """Terminate a probe instance in place of the operation that has launched it.

    Returns:
        The operation of this machine that has terminated it.

    Raises:
        CvmimgError: it could not be terminated; the error names the command that continues.
    """
    order = ProbeOrder(unfinished.instance_id, unfinished.operation_id)
    return run_recovery(session, ProbeRemoval, order, timeout_seconds, unfinished.instance_id)


class ProbeRemoval(Operation[ProbeOrder, None]):
    """The termination of one probe instance."""

    kind = "terminate-probe"
    request_type = ProbeOrder

    @property
    def steps(self) -> Sequence[Step]:
        """One step, which can be repeated."""
        title = StageTitle("terminate-probe", self.request.operation_id)
        return [Step("terminate", self._terminate, self._check, stage=title)]

    def finish(self) -> None:
        """Terminate it, and wait until it is gone."""
        for step in self.steps:
            self.runner.run(step)

    def closing_result(self) -> dict[str, Any]:
        """Return the operation that had launched it."""
        return {"operation_id": self.request.operation_id}

    def _terminate(self) -> None:
        terminate_probes(self.session, [self.request.instance_id], self.deadline)

    def _check(self) -> StepCheck:
        found = cvm.describe_instances_by_id(self.cloud, [self.request.instance_id])
        return happened(all(one.instance_state in INSTANCE_ENDED for one in found))
