"""Run scripts in a guest through the automation agent: no SSH, no open port, no key needed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence

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
        task = next(iter(_wait(self._cloud, invocation_id, 1, timeout_seconds)), None)
        if task is None:
            raise GuestUnreachable(
                Message("AgentTimeout", instance=self._instance_id, invocation=invocation_id),
                Reason.TIMEOUT,
            )
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
        return _script_output(task)

    def _send(self, script: Script, parameters: dict[str, str], timeout_seconds: int) -> str:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return _start(self._cloud, [self._instance_id], script, parameters, timeout_seconds)
            except OutcomeUnknown:
                if attempt == _ATTEMPTS:  # scripts are idempotent, so sending again is safe
                    raise
            except CvmimgError as error:
                raise _refusal(error, self._instance_id) from error
        raise AssertionError("unreachable")


def run_in_all(
    cloud: Cloud,
    instance_ids: Sequence[str],
    script: Script,
    parameters: Mapping[str, str],
    *,
    timeout_seconds: int = 60,
) -> dict[str, ScriptOutput]:
    """Run ``script`` as root in several instances with one call (RunCommand).

    Args:
        cloud: where to ask.
        instance_ids: running Linux instances, at most 100.
        script: what to run; it has to be harmless to run it again.
        parameters: of the script.
        timeout_seconds: after which the agents end it.

    Returns:
        The output of each instance in which it came to its end.

    Raises:
        CvmimgError: one of the agents cannot run it, and then none does; or the cloud could not
            be asked.
    """
    checked = script.checked(parameters)
    invocation_id = _start(cloud, instance_ids, script, checked, timeout_seconds)
    tasks = _wait(cloud, invocation_id, len(instance_ids), timeout_seconds)
    return {task.instance_id: _script_output(task) for task in tasks if task.task_status in _ENDED}


def _start(
    cloud: Cloud,
    instance_ids: Sequence[str],
    script: Script,
    parameters: dict[str, str],
    timeout_seconds: int,
) -> str:
    return tat.run_command(
        cloud,
        instance_ids,
        script.text,
        name=f"cvmimg-{script.name.replace('_', '-')}",
        timeout_seconds=timeout_seconds,
        parameters=parameters or None,
        language=script.language,
    )


def _wait(
    cloud: Cloud, invocation_id: str, count: int, timeout_seconds: int
) -> list[InvocationTask]:
    """Return the tasks of an invocation that have ended, once all have, or it takes too long."""
    clock = cloud.clock
    deadline = clock.monotonic() + timeout_seconds + _GRACE_SECONDS
    pause = _FIRST_PAUSE
    reader = tat.invocation_reader(cloud)
    try:
        while True:
            clock.sleep(pause)
            tasks = reader.read([invocation_id]).get(invocation_id, [])
            ended = [task for task in tasks if task.task_status in (*_ENDED, *_NEVER_RAN)]
            if len(ended) >= count or clock.monotonic() > deadline:
                return ended
            pause = min(_LONGEST_PAUSE, pause * _GROWTH)
    finally:
        reader.close()


def _script_output(task: InvocationTask) -> ScriptOutput:
    result = task.task_result
    try:
        output = base64.b64decode(result.output, validate=True)
    except binascii.Error as error:
        raise GuestUnreachable(Message("GuestAnswerMalformed"), Reason.GARBLED) from error
    return ScriptOutput(result.exit_code, output, result.dropped)


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
