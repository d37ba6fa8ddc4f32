"""Access through the automation agent: what is sent, what comes back, and what goes wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest

from cvmimg.cloud.client import Cloud
from cvmimg.cloud.shared_polls import Found, OwnReader, Read, Reader
from cvmimg.errors import CloudRefused, CredentialsError, CvmimgError, OutcomeUnknown
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.script import ScriptOutput, digests, load
from cvmimg.guest.tat import AgentAccess, run_in_all
from cvmimg.message import Message
from tests.support.clock import FakeClock

INSPECT = load("inspect")
PART = {"offset": "0", "size": "20000"}


class ScriptedCloud:
    """Answers each RunCommand and each look at the task with the next of its lines."""

    def __init__(self, sendings: Sequence[CvmimgError | str], looks: Sequence[Any] = ()) -> None:
        self.clock = FakeClock()
        self.sent: list[dict[str, Any]] = []
        self._sendings: Iterator[CvmimgError | str] = iter(sendings)
        self._looks: Iterator[Any] = iter(looks)

    def write(
        self, service: str, action: str, params: dict[str, Any], *, has: Sequence[str], **_: Any
    ) -> dict[str, Any]:
        self.sent.append(params)
        answer = next(self._sendings)
        if isinstance(answer, CvmimgError):
            raise answer
        return {"InvocationId": answer}

    def read(
        self, service: str, action: str, params: dict[str, Any], *, has: Sequence[str], **_: Any
    ) -> dict[str, Any]:
        look = next(self._looks)
        looked_at = params["Filters"][0]["Values"][0]
        tasks = look if isinstance(look, list) else [look]
        found = [{"InvocationId": looked_at, **one} for one in tasks]
        return {"InvocationTaskSet": found, "TotalCount": len(found)}

    def reader(self, kind: str, ask: Read[Found]) -> Reader[Found]:
        return OwnReader(ask)


def task(status: str, output: bytes | str = b"", exit_code: int = 0) -> dict[str, Any]:
    encoded = output if isinstance(output, str) else base64.b64encode(output).decode()
    return {"TaskStatus": status, "TaskResult": {"Output": encoded, "ExitCode": exit_code}}


def run(cloud: ScriptedCloud) -> ScriptOutput:
    return AgentAccess(cast(Cloud, cloud), "ins-1").run(INSPECT, PART)


def test_a_script_is_sent_with_placeholders_and_its_output_comes_back() -> None:
    cloud = ScriptedCloud(["inv-1"], [[], task("PENDING"), task("RUNNING"), task("SUCCESS", b"x")])
    assert run(cloud) == ScriptOutput(0, b"x")
    (sent,) = cloud.sent
    assert base64.b64decode(sent["Content"]).decode() == INSPECT.text
    assert (sent["EnableParameter"], json.loads(sent["Parameters"])) == (True, PART)
    assert sent["CommandName"] == "cvmimg-inspect"
    assert cloud.clock.sleeps == sorted(cloud.clock.sleeps)


def test_a_failed_script_reports_its_exit_code() -> None:
    cloud = ScriptedCloud(["inv-1"], [task("FAILED", b"no", 126)])
    assert run(cloud) == ScriptOutput(126, b"no")


def test_a_lost_answer_is_sent_again() -> None:
    cloud = ScriptedCloud([OutcomeUnknown(Message("lost")), "inv-2"], [task("SUCCESS")])
    assert run(cloud).exit_code == 0
    assert len(cloud.sent) == 2


def test_answers_that_are_always_lost_are_an_error() -> None:
    with pytest.raises(OutcomeUnknown):
        run(ScriptedCloud([OutcomeUnknown(Message("lost"))] * 3))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("ResourceUnavailable.InstanceStateNotRunning", Reason.STOPPED),
        ("ResourceUnavailable.AgentStatusNotOnline", Reason.AGENT_OFFLINE),
        ("ResourceUnavailable.AgentNotInstalled", Reason.AGENT_MISSING),
        ("OperationDenied", Reason.REFUSED),
        ("UnsupportedRegion", Reason.REFUSED),
    ],
)
def test_refusals_have_a_reason(code: str, reason: Reason) -> None:
    with pytest.raises(GuestUnreachable) as caught:
        run(ScriptedCloud([CloudRefused(Message("no"), code=code, request_id="r-1")]))
    error = caught.value
    assert (error.reason, error.code, error.request_id) == (reason, code, "r-1")


def test_lacking_permission_is_a_reason_but_wrong_credentials_are_an_error() -> None:
    with pytest.raises(GuestUnreachable):
        run(
            ScriptedCloud(
                [CredentialsError(Message("no"), code="UnauthorizedOperation.CamAuthFailed")]
            )
        )
    with pytest.raises(CredentialsError):
        run(ScriptedCloud([CredentialsError(Message("no"), code="AuthFailure.SignatureFailure")]))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("TIMEOUT", Reason.TIMEOUT),
        ("TASK_TIMEOUT", Reason.AGENT_OFFLINE),
        ("DELIVER_FAILED", Reason.AGENT_OFFLINE),
        ("CANCELLED", Reason.REFUSED),
    ],
)
def test_a_task_that_never_ran_has_a_reason(status: str, reason: Reason) -> None:
    with pytest.raises(GuestUnreachable) as caught:
        run(ScriptedCloud(["inv-1"], [task(status)]))
    assert (caught.value.reason, caught.value.code) == (reason, f"Guest.{status}")


def test_a_task_that_never_ends_is_given_up() -> None:
    cloud = ScriptedCloud(["inv-1"], [task("RUNNING")] * 1000)
    with pytest.raises(GuestUnreachable) as caught:
        run(cloud)
    assert caught.value.reason is Reason.TIMEOUT
    assert 120 < sum(cloud.clock.sleeps) < 130


def test_output_that_is_no_base64_is_garbled() -> None:
    with pytest.raises(GuestUnreachable) as caught:
        run(ScriptedCloud(["inv-1"], [task("SUCCESS", "%%%")]))
    assert caught.value.reason is Reason.GARBLED


def test_a_script_runs_in_several_instances_with_one_command() -> None:
    def of(instance_id: str, status: str, output: bytes = b"") -> dict[str, Any]:
        return {"InstanceId": instance_id, **task(status, output)}

    first = [of("ins-1", "SUCCESS", b"x"), of("ins-2", "RUNNING"), of("ins-3", "TIMEOUT")]
    then = [of("ins-1", "SUCCESS", b"x"), of("ins-2", "FAILED", b"y"), of("ins-3", "TIMEOUT")]
    cloud = ScriptedCloud(["inv-1"], [[], first, then])
    outputs = run_in_all(cast(Cloud, cloud), ["ins-1", "ins-2", "ins-3"], INSPECT, PART)
    assert outputs == {"ins-1": ScriptOutput(0, b"x"), "ins-2": ScriptOutput(0, b"y")}
    (sent,) = cloud.sent
    assert sent["InstanceIds"] == ["ins-1", "ins-2", "ins-3"]


def test_a_script_that_does_not_end_everywhere_leaves_the_outputs_of_the_others() -> None:
    ended = {"InstanceId": "ins-1", **task("SUCCESS", b"x")}
    cloud = ScriptedCloud(["inv-1"], [ended] * 1000)
    outputs = run_in_all(cast(Cloud, cloud), ["ins-1", "ins-2"], INSPECT, PART)
    assert outputs == {"ins-1": ScriptOutput(0, b"x")}


@pytest.mark.parametrize("value", ["$(id)", "0; id", "0\n1", "", "`id`", "x" * 16001])
def test_a_parameter_with_a_meaning_to_a_shell_is_never_sent(value: str) -> None:
    cloud = ScriptedCloud([])
    with pytest.raises(ValueError, match="not allowed"):
        AgentAccess(cast(Cloud, cloud), "ins-1").run(INSPECT, {**PART, "offset": value})
    with pytest.raises(ValueError, match="takes"):
        AgentAccess(cast(Cloud, cloud), "ins-1").run(INSPECT, {"other": "0"})
    assert cloud.sent == []


def test_scripts_are_known_by_digest_and_fit_the_agent() -> None:
    assert INSPECT.digest in digests()
    assert len(digests()) >= 6
    assert len(base64.b64encode(INSPECT.text.encode())) < 64 * 1024


def test_no_script_is_longer_than_the_agent_accepts() -> None:
    longest = max((load(name) for name in ("inspect", "windows")), key=lambda each: len(each.text))
    assert len(base64.b64encode(longest.text.encode())) < 64 * 1024
