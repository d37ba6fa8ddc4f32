"""Run scripts in a guest through the automation agent: no SSH, no open port, no key needed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from cvmimg.cloud import tat
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import matches
from cvmimg.cloud.models import InvocationTask
from cvmimg.errors import CvmimgError, OutcomeUnknown
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.script import Script, ScriptOutput
from cvmimg.guest.text import shown
from cvmimg.message import Message

_ENDED = ("SUCCESS", "FAILED")
_NEVER_RAN = {
    "TIMEOUT": Reason.TIMEOUT,
    "TASK_TIMEOUT": Reason.AGENT_OFFLINE,
    "DELIVER_FAILED": Reason.AGENT_OFFLINE,
    "START_FAILED": Reason.REFUSED,
    "CANCELLED": Reason.REFUSED,
    "TERMINATED": Reason.REFUSED,
}
_REFUSALS = (
    (("ResourceUnavailable.InstanceStateNotRunning",), Reason.STOPPED),
    (("ResourceUnavailable.AgentStatusNotOnline",), Reason.AGENT_OFFLINE),
    (("ResourceUnavailable.AgentNotInstalled",), Reason.AGENT_MISSING),
    (("UnauthorizedOperation", "AuthFailure.UnauthorizedOperation"), Reason.REFUSED),
    (("ResourceUnavailable", "OperationDenied", "UnsupportedRegion"), Reason.REFUSED),
    (("ResourceNotFound.InstanceNotFound", "FailedOperation"), Reason.AGENT_MISSING),
    (("InvalidParameterValue.AgentUnsupportedCommandType",), Reason.REFUSED),
)
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.3, 3.0, 1.5
_GRACE_SECONDS = 60
"""How much longer than the script's own timeout to wait for its result."""
_ATTEMPTS = 3


class AgentAccess:
    """The automation agent of one instance (tat RunCommand).

    Args:
        cloud: where to ask.
        instance_id: a running Linux instance.
    """

    def __init__(self, cloud: Cloud, instance_id: str) -> None:
        self._cloud = cloud
        self._instance_id = instance_id

    def run(
        self, script: Script, parameters: Mapping[str, str], *, timeout_seconds: int = 60
    ) -> ScriptOutput:
        """Run ``script`` as root (RunCommand); again if the API's answer is lost.

        Raises:
            GuestUnreachable: the agent does not run it, or does not report its end.
            CvmimgError: the cloud could not be queried.
        """
        invocation_id = self._send(script, script.checked(parameters), timeout_seconds)
        task = self._wait(invocation_id, timeout_seconds)
        if task.task_status not in _ENDED:
            raise GuestUnreachable(
                Message(
                    "AgentDidNotRun",
                    instance=self._instance_id,
                    script=script.name,
                    status=task.task_status,
                    detail=shown(task.error_info),
                ),
                _NEVER_RAN[task.task_status],
                code=f"Guest.{task.task_status}",
            )
        result = task.task_result
        return ScriptOutput(result.exit_code, _output(task), result.dropped)

    def _send(self, script: Script, parameters: dict[str, str], timeout_seconds: int) -> str:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return tat.run_command(
                    self._cloud,
                    self._instance_id,
                    script.text,
                    name=f"cvmimg-{script.name.replace('_', '-')}",
                    timeout_seconds=timeout_seconds,
                    parameters=parameters or None,
                    language=script.language,
                )
            except OutcomeUnknown:
                if attempt == _ATTEMPTS:  # scripts are idempotent, so sending again is safe
                    raise
            except CvmimgError as error:
                raise _refusal(error, self._instance_id) from error
        raise AssertionError("unreachable")

    def _wait(self, invocation_id: str, timeout_seconds: int) -> InvocationTask:
        clock = self._cloud.clock
        deadline = clock.monotonic() + timeout_seconds + _GRACE_SECONDS
        pause = _FIRST_PAUSE
        while True:
            clock.sleep(pause)
            task = next(iter(tat.describe_invocation_tasks(self._cloud, invocation_id)), None)
            if task is not None and task.task_status in (*_ENDED, *_NEVER_RAN):
                return task
            if clock.monotonic() > deadline:
                raise GuestUnreachable(
                    Message("AgentTimeout", instance=self._instance_id, invocation=invocation_id),
                    Reason.TIMEOUT,
                )
            pause = min(_LONGEST_PAUSE, pause * _GROWTH)


def _refusal(error: CvmimgError, instance_id: str) -> CvmimgError:
    for codes, reason in _REFUSALS:
        if matches(error.code, codes):
            return GuestUnreachable(
                Message("AgentUnusable", instance=instance_id, detail=error.message),
                reason,
                code=error.code,
                request_id=error.request_id,
            )
    return error


def _output(task: InvocationTask) -> bytes:
    try:
        return base64.b64decode(task.task_result.output, validate=True)
    except binascii.Error as error:
        raise GuestUnreachable(Message("GuestAnswerMalformed"), Reason.GARBLED) from error
