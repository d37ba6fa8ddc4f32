"""Commands inside instances through the automation agent (tat 2020-10-28).

Every function raises ``CvmimgError`` types as ``Cloud.read`` and ``Cloud.write`` do.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cvmimg.cloud.answers import create, read_by_id, read_filtered, read_pages
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import AgentStatus, InvocationTask, NewInvocation
from cvmimg.cloud.shared_polls import Reader


def describe_automation_agent_status(
    cloud: Cloud, instance_ids: Sequence[str]
) -> list[AgentStatus]:
    """Read whether the agents of these instances answer (DescribeAutomationAgentStatus)."""

    def some(ids: Sequence[str]) -> list[AgentStatus]:
        return read_pages(
            cloud,
            "tat",
            "DescribeAutomationAgentStatus",
            {"InstanceIds": list(ids)},
            "AutomationAgentSet",
            AgentStatus,
        )

    return read_by_id(instance_ids, some)


def agent_reader(cloud: Cloud) -> Reader[AgentStatus]:
    """Return what reads whether agents answer, by the ids of their instances, for one wait."""

    def ask(instance_ids: Sequence[str]) -> dict[str, AgentStatus]:
        found = describe_automation_agent_status(cloud, instance_ids)
        return {agent.instance_id: agent for agent in found}

    return cloud.reader("agent", ask)


def run_command(
    cloud: Cloud,
    instance_ids: Sequence[str],
    script: str,
    *,
    name: str,
    timeout_seconds: int,
    parameters: Mapping[str, str] | None = None,
    language: str = "SHELL",
) -> str:
    """Start a script as root inside instances; return the invocation's id (RunCommand).

    Args:
        cloud: the region to call.
        instance_ids: running instances whose agents are online, at most 200: if one is not, the
            script is run in none.
        script: the text, in which ``{{name}}`` stands for a parameter.
        name: shown in the console's list of commands.
        timeout_seconds: after which the agent ends the script.
        parameters: values for the script's placeholders.
        language: "SHELL", or "POWERSHELL" for Windows.
    """
    request: dict[str, Any] = {
        "Content": base64.b64encode(script.encode()).decode(),
        "InstanceIds": list(instance_ids),
        "CommandName": name,
        "CommandType": language,
        "Timeout": timeout_seconds,
        "SaveCommand": False,
    }
    if parameters is not None:
        request["EnableParameter"] = True
        request["Parameters"] = json.dumps(dict(parameters))
    return create(cloud, "tat", "RunCommand", request, NewInvocation).invocation_id


def describe_invocation_tasks(cloud: Cloud, invocation_ids: Sequence[str]) -> list[InvocationTask]:
    """List the tasks of invocations with their output (DescribeInvocationTasks)."""
    return read_filtered(
        cloud,
        "tat",
        "DescribeInvocationTasks",
        {"HideOutput": False},
        "InvocationTaskSet",
        InvocationTask,
        {"invocation_id": invocation_ids},
    )


def invocation_reader(cloud: Cloud) -> Reader[list[InvocationTask]]:
    """Return what reads the tasks of invocations, by their ids, for one wait."""

    def ask(invocation_ids: Sequence[str]) -> dict[str, list[InvocationTask]]:
        tasks: dict[str, list[InvocationTask]] = {}
        for task in describe_invocation_tasks(cloud, invocation_ids):
            tasks.setdefault(task.invocation_id, []).append(task)
        return tasks

    return cloud.reader("invocation", ask)
