"""The steps that verify an image; used by every operation that does so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cvmimg.cloud.errors import UNAVAILABLE, matches
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import VERIFIED_TAG
from cvmimg.durable.operation import Execution, Part
from cvmimg.durable.step_check import DidNotHappen, Outcome
from cvmimg.durable.steps import Step
from cvmimg.errors import CvmimgError, PreconditionFailed, TaskFailed
from cvmimg.message import Message
from cvmimg.workflows.moments import as_tag, now
from cvmimg.workflows.verify.plan import ProbePlan, plan_alternative, plan_probe
from cvmimg.workflows.verify.probe_instance import PLAN, ProbeInstance
from cvmimg.workflows.verify.probes import ProbeResult, Probing
from cvmimg.workflows.verify.reasons import likely_reasons
from cvmimg.workflows.verify.request import BOOTING, VerifyRequest

_RESULT = "probe-result"


@dataclass(frozen=True)
class VerifyResult:
    """The result of the verification of an image.

    Attributes:
        image_id: the image.
        instance_id: the probe instance; it is gone, unless ``kept``.
        probes: the results of all probes.
        reasons: what the checks of the source find that explains a failure.
        kept: whether the probe instance was left running.
    """

    image_id: str
    instance_id: str
    probes: tuple[ProbeResult, ...]
    reasons: tuple[Message, ...] = ()
    kept: bool = False

    @property
    def passed(self) -> bool:
        """Whether no probe failed."""
        return not self.failed

    @property
    def failed(self) -> list[ProbeResult]:
        """The probes that failed."""
        return [probe for probe in self.probes if probe.failed]

    @property
    def ready_seconds(self) -> float | None:
        """From the request of the instance to the end of its boot; None if it did not boot."""
        if any(probe.id in BOOTING for probe in self.failed):
            return None
        return next((one.seconds for one in self.probes if one.id == BOOTING[-1]), None)


class VerifyFailed(TaskFailed):
    """The probe instance did not boot, or failed a probe.

    Attributes:
        verification: what the probes found.
    """

    def __init__(self, result: VerifyResult) -> None:
        booting = next((one for one in result.failed if one.id in BOOTING), None)
        message = Message(
            "VerifyFailed",
            image=result.image_id,
            probes=[
                Message("check.summary", check=one.id, summary=one.result.summary)
                for one in ([booting] if booting else result.failed)
            ],
        )
        hint = Message("VerifyKeep")
        if result.reasons:
            hint = Message("VerifyReasons", reasons=list(result.reasons))
        super().__init__(message, code="VERIFY_FAILED", hint=hint)
        self.verification = self.result = result


class Verification(Part):
    """The steps that verify one image.

    Args:
        execution: of the operation.
        request: what to probe.
    """

    def __init__(self, execution: Execution, request: VerifyRequest) -> None:
        super().__init__(execution)
        self._request = request
        self._probe = ProbeInstance(execution)

    @property
    def steps(self) -> list[Step]:
        """Plan the probe instance, launch it, and keep what its probes found."""
        return [reading_step(PLAN), self._probe.step, reading_step(_RESULT)]

    @property
    def is_done(self) -> bool:
        """Whether the probes have come to a result."""
        return self.log.status(_RESULT) == "done"

    def run(self, image: Image) -> VerifyResult:
        """Verify the image, and terminate the probe instance whatever happens.

        Raises:
            VerifyFailed: the instance did not boot, or failed a probe.
            PreconditionFailed: no probe instance can be launched.
            Interrupted: a stop was requested.
            CvmimgError: the API refused, or the instance could not be terminated.
        """
        known = self.log.record.step(self._probe.step.name)
        if known is not None and known.temporary:
            # An earlier process has launched it, and did not keep it for the user.
            self.runner.revert(self._probe.step)
        if not self.is_done:
            self._probe_image(image)
        result = self.result
        if not result.passed:
            raise VerifyFailed(result)
        return result

    @property
    def result(self) -> VerifyResult:
        """What the probes found, from the journal."""
        outcome = self.log.outcome(_RESULT)
        return VerifyResult(
            outcome["image_id"],
            outcome["instance_id"],
            tuple(map(ProbeResult.from_json, outcome["probes"])),
            tuple(map(Message.from_json, outcome["reasons"])),
            kept=outcome["kept"],
        )

    def _probe_image(self, image: Image) -> None:
        self.log.note_outcome(PLAN, "reverted", {})
        self.runner.run(reading_step(PLAN, lambda: self._plan(image)))
        try:
            self._launch(image)
            self.runner.run(reading_step(_RESULT, lambda: self._run_probes(image)))
        except Exception:  # a defect, too, leaves no instance
            self.runner.revert(self._probe.step)
            raise
        if self.log.outcome(_RESULT)["kept"]:
            self.log.note_kept(self._probe.step.name)
        else:
            self.runner.revert(self._probe.step)

    def _launch(self, image: Image) -> None:
        """Launch the probe instance; of the next type, where the cloud has none left of one."""
        while True:
            try:
                self.runner.run(self._probe.step)
            except CvmimgError as error:
                plan = ProbePlan.from_json(self.log.outcome(PLAN))
                # Only a launch that is known not to have happened may be replaced by another.
                refused = self.log.status(self._probe.step.name) == "reverted"
                if not (refused and matches(error.code, UNAVAILABLE)):
                    raise
                if not plan.alternatives:
                    message = Message(
                        "ProbeTypeRefused", type=plan.type, zone=plan.zone, error=error.message
                    )
                    raise PreconditionFailed(
                        message, code=error.code, request_id=error.request_id
                    ) from error
                self._replace(image, plan)
            else:
                return

    def _replace(self, image: Image, plan: ProbePlan) -> None:
        other = plan_alternative(self.cloud, image, plan)
        self.log.note_outcome(PLAN, "reverted", {})
        self.runner.run(reading_step(PLAN, other.as_json))
        notice = Message("ProbeReplaced", type=plan.type, zone=plan.zone, other=other.type)
        self.session.progress.notice(notice)

    def _plan(self, image: Image) -> Outcome:
        plan = plan_probe(self.cloud, image, self._request, self.log.id)
        notice = Message("ProbePlanned", type=plan.type, zone=plan.zone, ends=plan.ends)
        self.session.progress.notice(notice)
        return plan.as_json()

    def _run_probes(self, image: Image) -> Outcome:
        probes = Probing(self.session, self._request, image, self._probe.instance_id).run()
        reasons = likely_reasons(self.session, image, probes)
        failed = any(probe.failed for probe in probes)
        return {
            "image_id": image.image_id,
            "instance_id": self._probe.instance_id,
            "probes": [probe.as_json() for probe in probes],
            "reasons": [reason.as_json() for reason in reasons],
            "kept": failed and self._request.keep_on_failure,
        }


def verified_tag(execution: Execution) -> dict[str, str]:
    """Return the tag of an image that was verified now: when, and by which version."""
    from cvmimg import __version__

    moment = as_tag(now(execution.session.cloud))
    return {VERIFIED_TAG: f"{moment} cvmimg {__version__}"}


def reading_step(name: str, do: Any = dict) -> Step:
    """Return a step that changes nothing, whose outcome is kept in the journal."""
    return Step(name, do, DidNotHappen, single_call=True)
