"""tat: the agent, its commands and their errors."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.guest.script import load
from cvmimg.sandbox.guest.runtime import Runtime
from tests.contract.scene import Scene

SCRIPT = "cat \"$CVMIMG_GUEST_ROOT/etc/fstab\"; echo '{{word}}'; exit {{code}}"


@pytest.fixture
def scene() -> Iterator[Scene]:
    with Scene() as one:
        guests = one.sandbox.guests
        allowed = [load("inspect").digest, _digest(SCRIPT)]
        one.sandbox.endpoint.guests = Runtime(guests.root("x").parent.parent, allowed)
        yield one


def _digest(script: str) -> str:
    import hashlib

    return hashlib.sha256(script.encode()).hexdigest()


def request(script: str = SCRIPT, instance: str = "ins-data0001", **more: Any) -> dict[str, Any]:
    parameters = json.dumps({"word": "hello", "code": "0"})
    return {
        "Content": base64.b64encode(script.encode()).decode(),
        "InstanceIds": [instance],
        "EnableParameter": True,
        "Parameters": parameters,
        **more,
    }


def task(scene: Scene, invocation_id: str, **more: Any) -> dict[str, Any]:
    filters = [{"Name": "invocation-id", "Values": [invocation_id]}]
    answer = scene.ok("tat", "DescribeInvocationTasks", Filters=filters, **more)
    (found,) = answer["InvocationTaskSet"]
    return dict(found)


def test_an_allowed_script_runs_and_its_output_is_returned_on_request(scene: Scene) -> None:
    started = scene.ok("tat", "RunCommand", **request())
    invocation_id = started["InvocationId"]
    assert task(scene, invocation_id)["TaskStatus"] == "PENDING"
    scene.later(0.7)
    running = task(scene, invocation_id, HideOutput=False)
    assert (running["TaskStatus"], running["TaskResult"]["Output"]) == ("RUNNING", "")
    scene.later(1)
    assert task(scene, invocation_id)["TaskResult"]["Output"] == "", "HideOutput is true by default"
    ended = task(scene, invocation_id, HideOutput=False)
    assert ended["TaskStatus"] == "SUCCESS"
    output = base64.b64decode(ended["TaskResult"]["Output"]).decode()
    assert output.endswith("hello\n")
    assert "\t/data\text4" in output
    (invocation,) = scene.ok("tat", "DescribeInvocations", InvocationIds=[invocation_id])[
        "InvocationSet"
    ]
    assert (invocation["InvocationStatus"], invocation["CommandId"]) == (
        "SUCCESS",
        started["CommandId"],
    )


def test_a_nonzero_exit_code_fails_the_task(scene: Scene) -> None:
    parameters = json.dumps({"word": "x", "code": "3"})
    started = scene.ok("tat", "RunCommand", **request(Parameters=parameters))
    scene.later(10)
    ended = task(scene, started["InvocationId"])
    assert (ended["TaskStatus"], ended["TaskResult"]["ExitCode"]) == ("FAILED", 3)


@pytest.mark.parametrize(
    ("script", "word"),
    [("id > /tmp/owned", "x"), (SCRIPT, "'; touch /tmp/owned; '"), (SCRIPT + " ", "x")],
)
def test_other_scripts_are_not_run(scene: Scene, script: str, word: str) -> None:
    parameters = json.dumps({"word": word, "code": "0"})
    started = scene.ok("tat", "RunCommand", **request(script, Parameters=parameters))
    scene.later(10)
    ended = task(scene, started["InvocationId"], HideOutput=False)
    assert ended["TaskStatus"] == "FAILED"
    assert base64.b64decode(ended["TaskResult"]["Output"]).startswith(b"cvmimg sandbox: ")


@pytest.mark.parametrize(
    ("instance", "code"),
    [
        ("ins-noat0001", "ResourceUnavailable.AgentNotInstalled"),
        ("ins-stop0001", "ResourceUnavailable.InstanceStateNotRunning"),
        ("ins-win00001", "InvalidParameterValue.AgentUnsupportedCommandType"),
        ("ins-none0001", "ResourceNotFound.InstanceNotFound"),
        ("wrong", "InvalidParameterValue.InvalidInstanceId"),
    ],
)
def test_instances_without_a_reachable_agent_are_refused(
    scene: Scene, instance: str, code: str
) -> None:
    assert scene.code("tat", "RunCommand", **request(instance=instance)) == code


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"Content": "%"}, "InvalidParameterValue.InvalidContent"),
        ({"Content": ""}, "InvalidParameterValue.InvalidContent"),
        ({"Content": "A" * 70_000}, "InvalidParameterValue.TooLong"),
        ({"Timeout": 0}, "InvalidParameterValue.Range"),
        ({"CommandName": "a b"}, "InvalidParameterValue.InvalidCommandName"),
        ({"WorkingDirectory": "x"}, "InvalidParameterValue.InvalidWorkingDirectory"),
        ({"Username": "a b"}, "InvalidParameterValue.InvalidUsername"),
        ({"OutputCOSBucketUrl": "http://x"}, "InvalidParameterValue.InvalidOutputCOSBucketUrl"),
        ({"Parameters": "{"}, "InvalidParameterValue.ParameterInvalidJsonFormat"),
        ({"Parameters": "[]"}, "InvalidParameterValue.ParameterInvalidJsonFormat"),
        ({"Parameters": '{"word": 1}'}, "InvalidParameterValue.ParameterValueNotString"),
        ({"Parameters": '{"a b": "1"}'}, "InvalidParameterValue.ParameterKeyContainsInvalidChar"),
        ({"Parameters": "{}"}, "InvalidParameterValue.LackOfParameterInfo"),
        (
            {"Parameters": json.dumps({f"p{i}": "" for i in range(21)})},
            "InvalidParameterValue.ParameterNumberExceeded",
        ),
        (
            {"Parameters": json.dumps({"x" * 65: ""})},
            "InvalidParameterValue.ParameterKeyLenExceeded",
        ),
        (
            {"EnableParameter": False},
            "InvalidParameterValue.SupportParametersOnlyIfEnableParameter",
        ),
        ({"Nonsense": 1}, "UnknownParameter"),
        ({"InstanceIds": "ins-data0001"}, "InvalidParameter"),
    ],
)
def test_invalid_requests_are_refused_with_the_services_code(
    scene: Scene, more: dict[str, Any], code: str
) -> None:
    assert scene.code("tat", "RunCommand", **request(**more)) == code


def test_default_parameters_are_used(scene: Scene) -> None:
    confs = [{"ParameterName": "code", "ParameterValue": "0"}]
    defaults = request(Parameters='{"word": "x"}', DefaultParameterConfs=confs)
    assert scene.code("tat", "RunCommand", **defaults) == "ok"
    twice = request(DefaultParameterConfs=confs * 2)
    code = scene.code("tat", "RunCommand", **twice)
    assert code == "InvalidParameter.ParameterNameDuplicated"


def test_agents_are_listed(scene: Scene) -> None:
    answer = scene.ok("tat", "DescribeAutomationAgentStatus", Limit=100)
    agents = {agent["InstanceId"]: agent for agent in answer["AutomationAgentSet"]}
    assert agents["ins-data0001"]["AgentStatus"] == "Online"
    assert agents["ins-stop0001"]["AgentStatus"] == "Offline"
    assert agents["ins-win00001"]["Environment"] == "Windows"
    assert "ins-noat0001" not in agents
    wanted = [{"Name": "agent-status", "Values": ["Offline"]}]
    offline = scene.ok("tat", "DescribeAutomationAgentStatus", Filters=wanted)
    assert {agent["AgentStatus"] for agent in offline["AutomationAgentSet"]} == {"Offline"}
    nonsense = [{"Name": "color", "Values": ["red"]}]
    for action in ("DescribeAutomationAgentStatus", "DescribeInvocations"):
        code = scene.code("tat", action, Filters=nonsense)
        assert code == "InvalidParameterValue.InvalidFilter"


def test_the_agent_is_online_some_seconds_after_a_restart(scene: Scene) -> None:
    scene.ok("cvm", "StopInstances", InstanceIds=["ins-data0001"])
    assert scene.code("tat", "RunCommand", **request()) == (
        "ResourceUnavailable.InstanceStateNotRunning"
    )
    scene.later(60)
    scene.ok("cvm", "StartInstances", InstanceIds=["ins-data0001"])
    scene.later(21)
    code = scene.code("tat", "RunCommand", **request())
    assert code == "ResourceUnavailable.AgentStatusNotOnline"
    scene.later(10)
    assert scene.code("tat", "RunCommand", **request()) == "ok"


def test_other_accounts_and_regions_see_nothing(scene: Scene) -> None:
    from tests.contract.scene import NEIGHBOUR

    started = scene.ok("tat", "RunCommand", **request())
    wanted = [started["InvocationId"]]
    for elsewhere in ({"account": NEIGHBOUR}, {"region": "ap-shanghai"}):
        answer = scene.ok("tat", "DescribeInvocations", InvocationIds=wanted, **elsewhere)
        assert answer["TotalCount"] == 0
        code = scene.code("tat", "RunCommand", **request(), **elsewhere)
        assert code == "ResourceNotFound.InstanceNotFound"
