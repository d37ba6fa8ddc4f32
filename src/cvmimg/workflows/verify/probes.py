"""The probes: what an instance that was launched from an image must do, in this order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, TypeVar

from cvmimg.checks.result import CheckResult, Status, passed, skipped
from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import SOURCE_TAG
from cvmimg.cloud.waiter import Observation, Phase, Task
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, Interrupted, NotFound, TaskFailed, WaitTimeout
from cvmimg.guest.access import AGENT, open_access
from cvmimg.guest.errors import GuestUnreachable
from cvmimg.guest.probes import (
    BootState,
    Identity,
    command_status,
    http_status,
    read_boot_state,
    read_identity,
    unmounted,
)
from cvmimg.guest.read import GuestUnreadable, read_guest
from cvmimg.message import Message
from cvmimg.workflows.verify.request import BOOTING, INSIDE, VerifyRequest
from cvmimg.workflows.wait import agent_task, launch_task, waiter

_ATTEMPTS, _PAUSE_SECONDS = 3, 5.0
_HTTP_SECONDS = 60.0
_SOUND = ("running", "degraded", "none")
"""States of systemd in which a system is up; "none" is a system without systemd."""

Answer = TypeVar("Answer")


class _Late(Exception):
    """The time for the boot is over."""


class _NotBooted(TaskFailed):
    """A probe of the boot failed; ends its stage as failed."""


@dataclass(frozen=True)
class ProbeResult:
    """The result of one probe; ``seconds`` since the instance was requested, when it was known."""

    result: CheckResult
    seconds: float

    @property
    def id(self) -> str:
        """The id of the probe."""
        return self.result.id

    @property
    def failed(self) -> bool:
        """Whether the image is refused."""
        return self.result.status is Status.FAIL

    def as_json(self) -> dict[str, Any]:
        """Return the result for the journal."""
        return {"result": self.result.as_json(), "seconds": self.seconds}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> ProbeResult:
        """Read what ``as_json`` returned."""
        return cls(CheckResult.from_json(fields["result"]), fields["seconds"])


@dataclass(frozen=True)
class Source:
    """The instance that the image was created from, as far as it could be asked.

    Attributes:
        identity: None if it is not known.
        failed_units: the units that fail there, too.
    """

    identity: Identity | None = None
    failed_units: tuple[str, ...] = ()


class Probing:
    """The probes of one instance.

    Args:
        session: the cloud and the progress.
        request: what to probe.
        image: the image; one of Windows is not looked into.
        instance_id: the probe instance, which was just requested.
    """

    def __init__(
        self,
        session: Session,
        request: VerifyRequest,
        image: Image,
        instance_id: str,
    ) -> None:
        self._session = session
        self._request = request
        self._salt = image.image_id  # of the digests that are compared
        self._instance_id = instance_id
        self._source_id = image.tag_map.get(SOURCE_TAG, "")
        self._windows = image.platform == "Windows"
        # By the cloud's clock, in which the instance boots; and by this machine's, if that stops.
        self._began = session.cloud.now()
        self._deadline = Deadline(session.clock, request.timeout_seconds)
        self._access = open_access(AGENT, session.cloud, instance_id)
        self._state = BootState("", (), "")

    def run(self) -> list[ProbeResult]:
        """Run all probes that were asked for.

        Raises:
            Interrupted: a stop was requested.
            CvmimgError: the cloud could not be queried.
        """
        booted = self._wait_for_boot()
        looks = (self._cloud_init, self._fstab, self._identity)
        inside = dict(zip(INSIDE, looks, strict=True))
        if self._request.command:
            inside["command"] = self._command
        if self._request.http_port:
            inside["http"] = self._http
        if not self._is_up(booted):
            known = {one.id for one in booted}
            left = [probe for probe in (*BOOTING, *inside) if probe not in known]
            return booted + [
                self._record(probe, partial(skipped, "ProbeNotReached")) for probe in left
            ]
        with self._session.progress.stage("probes", subject=self._instance_id):
            return booted + [self._record(probe, work) for probe, work in inside.items()]

    def _wait_for_boot(self) -> list[ProbeResult]:
        """Wait until the instance runs, its agent is online and its boot is finished."""
        results: list[ProbeResult] = []
        subject = self._instance_id
        with (
            suppress(_NotBooted),
            self._session.progress.stage("boot-probe", subject=subject) as stage,
        ):
            waits = {"running": self._running, "agent": self._agent, "boot": self._boot}
            for probe in BOOTING:
                results.append(self._record(probe, partial(waits[probe], stage)))
                if results[-1].failed:
                    raise _NotBooted(results[-1].result.summary)
        return results

    def _is_up(self, booted: Sequence[ProbeResult]) -> bool:
        return self._state.systemd in _SOUND or not any(one.failed for one in booted)

    def _record(self, probe: str, work: Callable[[], CheckResult]) -> ProbeResult:
        # A boot is waited for even if its failed units do not matter.
        if probe in self._request.skip_probes and probe not in BOOTING:
            result = skipped("ProbeSkipped")
        elif self._windows and probe not in BOOTING[:2]:
            result = skipped("ProbeNotOnWindows")
        else:
            result = self._judge(probe, work)
        return ProbeResult(replace(result, id=probe), round(self._elapsed, 1))

    @property
    def _elapsed(self) -> float:
        return max(0.0, self._session.cloud.now() - self._began)

    def _wait(self, task: Task[Answer], stage: Any) -> Answer:
        """Wait for a part of the boot.

        Raises:
            _Late: the time for the boot is over, by either clock.
        """

        def poll(ids: Sequence[str]) -> Mapping[str, Observation[Answer]]:
            seen = task.poll(ids)
            done = all(one.phase in (Phase.DONE, Phase.FAILED) for one in seen.values())
            if self._elapsed > self._request.timeout_seconds and not (seen and done):
                raise _Late
            return seen

        patient = waiter(self._session, stage, self._deadline.left)
        try:
            return patient.one(replace(task, poll=poll))
        except WaitTimeout as error:
            raise _Late from error

    def _judge(self, probe: str, work: Callable[[], CheckResult]) -> CheckResult:
        try:
            return work()
        except (GuestUnreachable, TaskFailed, NotFound) as error:
            return _failure("ProbeError", error=error.message)
        except _Late:
            return _failure(_LATE[probe], seconds=self._request.timeout_seconds)

    def _running(self, stage: Any) -> CheckResult:
        task = launch_task(self._session.cloud, [self._instance_id])
        self._wait(task, stage)
        return passed("ProbeRunning")

    def _agent(self, stage: Any) -> CheckResult:
        self._wait(agent_task(self._session.cloud, self._instance_id), stage)
        return passed("ProbeAgentOnline")

    def _boot(self, stage: Any) -> CheckResult:
        task = Task("boot", (self._instance_id,), self._observe_boot)
        self._state = self._wait(task, stage)
        state = self._state
        if state.systemd not in _SOUND:
            return _failure("ProbeSystemd", state=state.systemd, units=list(state.failed_units))
        if state.failed_units:
            return self._judge_failed_units(state.failed_units)
        return passed("ProbeNoSystemd" if state.systemd == "none" else "ProbeBooted")

    def _judge_failed_units(self, units: tuple[str, ...]) -> CheckResult:
        if "boot" in self._request.skip_probes:
            return skipped("ProbeSkipped")
        new = [unit for unit in units if unit not in self._source.failed_units]
        if new:
            return _failure("ProbeUnitsFailed", units=new)
        known = Message("ProbeUnitsFailedBefore", units=list(units), source=self._source_id)
        return CheckResult(Status.WARN, known)

    def _observe_boot(self, ids: Sequence[str]) -> dict[str, Observation[BootState]]:
        (instance_id,) = ids
        state = read_boot_state(self._access)
        phase = Phase.DONE if state.is_finished else Phase.MOVING
        return {instance_id: Observation(phase, state.systemd or "unknown", state)}

    def _cloud_init(self) -> CheckResult:
        state = self._state.cloud_init
        if state == "done":
            return passed("ProbeCloudInitDone")
        return _failure(_CLOUD_INIT_FAILURES.get(state, "ProbeCloudInitUnfinished"))

    def _fstab(self) -> CheckResult:
        facts = self._ask(partial(read_guest, self._access))
        if isinstance(facts, GuestUnreadable):
            return _failure("ProbeError", error=facts.message)
        required, optional = unmounted(facts)
        if required:
            return _failure("ProbeNotMounted", mounts=required)
        if optional:
            return CheckResult(Status.WARN, Message("ProbeNotMountedNofail", mounts=optional))
        return passed("ProbeMounted")

    def _identity(self) -> CheckResult:
        if self._source.identity is None:
            return skipped("ProbeSourceUnknown", source=self._source_id or "-")
        own = self._ask(partial(read_identity, self._access, self._salt))
        shared = own.shared_with(self._source.identity)
        if shared:
            return _failure("ProbeIdentityShared", source=self._source_id, shared=shared)
        return passed("ProbeIdentityOwn", source=self._source_id)

    def _command(self) -> CheckResult:
        status = command_status(self._access, self._request.command)
        if status:
            return _failure("ProbeCommandFailed", status=status)
        return passed("ProbeCommandSucceeded")

    def _http(self) -> CheckResult:
        port, path = self._request.http_port, self._request.http_path
        began = self._elapsed
        while True:
            status = self._ask(partial(http_status, self._access, port, path))
            page = {"port": port, "path": path, "status": status}
            if status[:1] in ("2", "3"):
                return passed("ProbeHttpAnswered", **page)
            if self._elapsed > began + _HTTP_SECONDS or status == "no-client":
                return _failure(_HTTP_FAILURES.get(status, "ProbeHttpFailed"), **page)
            self._pause()

    def _ask(self, work: Callable[[], Answer]) -> Answer:
        """Ask the guest, and again if the agent does not answer."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return work()
            except GuestUnreachable:
                self._pause()
        return work()

    def _pause(self) -> None:
        self._session.interrupt.check()
        self._session.clock.sleep(_PAUSE_SECONDS)

    @cached_property
    def _source(self) -> Source:
        if not self._source_id or self._windows:
            return Source()
        access = open_access(AGENT, self._session.cloud, self._source_id)
        try:
            identity = read_identity(access, self._salt)
            return Source(identity, read_boot_state(access).failed_units)
        except CvmimgError as error:
            if isinstance(error, Interrupted) or locked_out(error.code):
                raise
            return Source()


_LATE = {
    "running": "ProbeNotRunning",
    "agent": "ProbeAgentOffline",
    "boot": "ProbeBootUnfinished",
}
_CLOUD_INIT_FAILURES = {
    "errors": "ProbeCloudInitErrors",
    "disabled": "ProbeCloudInitDisabled",
    "missing": "ProbeCloudInitMissing",
}
_HTTP_FAILURES = {"000": "ProbeHttpSilent", "no-client": "ProbeHttpNoClient"}


def _failure(code: str, **params: Any) -> CheckResult:
    return CheckResult(Status.FAIL, Message(code, **params))
